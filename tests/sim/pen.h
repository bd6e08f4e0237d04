/* SPDX-License-Identifier: MIT
 * pen.h - writes text and exact numbers into the caller's memory, as the exchanges spell them. Pure, any thread. The
 * simulator's own arithmetic: it shares none with the daemon that it judges. It does not allocate. */
#ifndef SIM_PEN_H
#define SIM_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEN_DECIMALS_MAX 18
#define PEN_NUMBER_SIZE  32

/* What does not fit is left out and `cut` stays set; the text is not NUL terminated. */
struct pen {
    char *at;
    size_t size;
    size_t used;
    bool cut;
};

/* mantissa * 10^-decimals. */
struct number {
    int64_t mantissa;
    uint8_t decimals;
};

void pen_init(struct pen *p, char *memory, size_t size);
void pen_bytes(struct pen *p, const char *bytes, size_t n);
void pen_string(struct pen *p, const char *string);
/* A number that this pen's like has spelled before: up to PEN_NUMBER_SIZE bytes may be read, `n` count. */
void pen_again(struct pen *p, const char *number, size_t n);
void pen_u64(struct pen *p, uint64_t value);
void pen_i64(struct pen *p, int64_t value);
/* "0.5", "116501000": no exponent, no trailing zeros. */
void pen_plain(struct pen *p, struct number n);
/* All decimals written out: "0.00077720". */
void pen_fixed(struct pen *p, struct number n);
/* As pen_fixed, with zeros up to at least so many decimals. */
void pen_padded(struct pen *p, struct number n, uint8_t decimals);
/* As Java prints a binary number: "1.16539E8" from 10^7 on, "7.9276E-4" below 10^-3, else with a point: "4000000.0".
 * Source: protocols/upbit.md, frames of 2026-09-23. */
void pen_java(struct pen *p, struct number n);
/* As pen_java for small values, else as pen_plain: the spelling of Upbit's SIMPLE form. */
void pen_short(struct pen *p, struct number n);

/* A plain decimal ("12", "-0.5", no exponent). Returns: 0, -EBADMSG, -ERANGE beyond 18 decimals or an int64. */
int number_parse(const char *text, struct number *ret);
/* The same value at `decimals`. Returns: 0, -ERANGE when it would round or overflow. */
int number_at(struct number n, uint8_t decimals, int64_t *ret_mantissa);

#endif
