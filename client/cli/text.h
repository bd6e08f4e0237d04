/* SPDX-License-Identifier: MIT
 * text.h - numbers, ages and times as people read them, and how many columns a text takes. Pure but for the locale
 * and the time zone. One thread. */
#ifndef HOGA_CLI_TEXT_H
#define HOGA_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_AGE_SIZE    48
#define TEXT_TIME_SIZE   64
#define TEXT_NUMBER_SIZE 96 /* any 128-bit decimal with separators and 18 decimals */

/* Puts '?' for what is no printable UTF-8: names come from a file that others write, terminals obey bytes. */
void text_clean(char *io_text);
/* Columns on a terminal; Hangul takes two. */
size_t text_width(const char *text);
/* `text` and blanks up to `width` columns on standard output; blanks first where is_right. */
void text_print_cell(const char *text, size_t width, bool is_right);

/* Digits behind the point of a formatted decimal. */
unsigned text_decimals(const char *plain);
/* "1234567.5" to "1,234,567.50" (n_decimals 2; never cut). */
void text_number(const char *plain, unsigned n_decimals, char ret[TEXT_NUMBER_SIZE]);
void text_count(uint64_t value, char ret[TEXT_NUMBER_SIZE]);
/* "12 ms", "3.2 s", "5 min"; "-" below 0. */
void text_age(int64_t age_ns, char ret[TEXT_AGE_SIZE]);
/* A latency: "850 ns", "1.25 us", "12.5 ms". */
void text_latency(uint64_t value_ns, char ret[TEXT_AGE_SIZE]);
/* "2026-11-22 22:45:13.123 +09:00"; "-" for 0. The time of day alone: "22:45:13.123+09:00". */
void text_time(int64_t wall_ns, bool is_utc, char ret[TEXT_TIME_SIZE]);
void text_time_of_day(int64_t wall_ns, bool is_utc, char ret[TEXT_TIME_SIZE]);

int64_t text_now_wall_ns(void);
int64_t text_now_boot_ns(void);

#endif
