/* SPDX-License-Identifier: MIT
 * day.h - facts of the day in words and in JSON. What the venue does not say is left out in words and null in JSON. One
 * thread. */
#ifndef HOGA_CLI_DAY_H
#define HOGA_CLI_DAY_H

#include "cli.h"
#include "table.h"

#include <cjson/cJSON.h>

/* All unknown where the daemon keeps none. */
void day_read(struct cli *c, hoga_id id, struct hoga_day *ret);
/* Rows of label and value. */
void day_fill(const struct cli *c, struct table *t, const struct hoga_day *day);
/* "last 116,501,000  +1,000 (+0.01 %)", as much of it as there is room for, "" where nothing is known. */
void day_text(const struct hoga_day *day, size_t room, char *ret, size_t size);
/* "total ask 12.5, bid 3.25" likewise. */
void day_totals_text(const struct hoga_day *day, char *ret, size_t size);
cJSON *day_doc(const struct hoga_day *day);

#endif
