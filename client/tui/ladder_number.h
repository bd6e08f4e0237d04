/* SPDX-License-Identifier: MIT
 * ladder_number.h - numbers in columns of a ladder: as many decimals as the column needs and has room for, thousands
 * apart where there is room. A number is never rounded: what does not fit is cut behind the point, and a sign says so;
 * what does not fit before the point is shown as # signs. Pure. */
#ifndef HOGA_TUI_LADDER_NUMBER_H
#define HOGA_TUI_LADDER_NUMBER_H

#include <hoga/hoga.h>

#include <stdbool.h>

#define NUMBER_TEXT_SIZE 96

/* `plain` as hoga_format writes it, into at most `width` columns. n_decimals: of the column, zeros added. */
void number_fit(const char *plain, unsigned n_decimals, int width, char ret[NUMBER_TEXT_SIZE]);
void number_price(int64_t price, unsigned decimals, unsigned n_decimals, int width, char ret[NUMBER_TEXT_SIZE]);
void number_wide(struct hoga_wide value, unsigned decimals, unsigned n_decimals, int width, char ret[NUMBER_TEXT_SIZE]);
/* Parts per million as "0.0026 %", or "1.23 %" where that is enough: a spread, or how far an order moves the price. */
void number_share(int64_t ppm, char ret[NUMBER_TEXT_SIZE]);
/* Parts per million as "+1.23 %". */
void number_percent(int64_t ppm, bool has_sign, char ret[NUMBER_TEXT_SIZE]);

#endif
