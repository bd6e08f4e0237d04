/* SPDX-License-Identifier: MIT
 * ladder_rig.h - a ladder over a real segment with one book, upbit:KRW-BTC. For test_libhoga_ladder.c and
 * test_libhoga_ladder_day.c; each publishes a book of its own between segment_begin and ladder_begin. */
#ifndef HOGA_TEST_LADDER_RIG_H
#define HOGA_TEST_LADDER_RIG_H

#include "hoga_rig.h"

#include <criterion/criterion.h>
#include <hoga/ladder.h>

static struct rig rig;
static struct hoga *h;
static struct hoga_ladder *ladder;
static uint32_t slot;

static inline void segment_begin(void)
{
    cr_assert_eq(rig_open(&rig), 0);
    writer_ready(rig.writer, rig_boot_ns());
    rig_connection(&rig, HOGA_ST_LIVE, 0);
    slot = rig_slot(&rig, "upbit", "KRW-BTC");
}

static inline void ladder_begin(uint32_t n_rows)
{
    cr_assert_eq(hoga_open(&h, rig.path, NULL), 0);
    cr_assert_eq(hoga_ladder_new(h, &ladder), 0);
    cr_assert_eq(hoga_ladder_name_set(ladder, "upbit:KRW-BTC"), 0);
    hoga_ladder_rows_set(ladder, n_rows);
}

static inline void end(void)
{
    ladder = hoga_ladder_free(ladder);
    h = hoga_close(h);
    rig_close(&rig);
}

static inline const struct hoga_ladder_view *shown(void)
{
    writer_heartbeat(rig.writer, rig_boot_ns());
    cr_assert_geq(hoga_ladder_update(ladder, 0), 0);
    return hoga_ladder_view(ladder);
}

static inline const struct hoga_ladder_row *row_of(const struct hoga_ladder_view *v, int64_t price)
{
    for (uint32_t i = 0; i < v->n_rows; i++) {
        if (v->rows[i].side != HOGA_LADDER_NONE && v->rows[i].price == price)
            return &v->rows[i];
    }
    cr_assert_fail("no row has the price %lld", (long long)price);
    return NULL;
}

#endif
