/* SPDX-License-Identifier: MIT
 * What the venues list, through libhoga: a real segment, its writer in this process. */
#include <hoga/hoga.h>

#include "hoga_rig.h"
#include "shm/catalogue.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct rig rig;
static struct hoga *h;

static void begin(void)
{
    cr_assert_eq(rig_open(&rig), 0);
    writer_ready(rig.writer, rig_boot_ns());
    cr_assert_eq(hoga_open(&h, rig.path, NULL), 0);
}

static void end(void)
{
    h = hoga_close(h);
    rig_close(&rig);
}

TestSuite(libhoga_catalogue, .init = begin, .fini = end);

static uint32_t list(const char *venue, const char *symbol)
{
    struct hoga_abi_catalogue_entry entry = { .listing = HOGA_LISTING_HALTED,
                                              .known = HOGA_KNOWN_LOT | HOGA_KNOWN_TICK_NOW,
                                              .warnings = HOGA_WARNING_CAUTION, /* and not known: not to be seen */
                                              .lot = 5,
                                              .lot_decimals = 3,
                                              .n_ticks = 1,
                                              .ticks = { { 0, 1000 } },
                                              .fetched_ns = 9 };
    uint32_t row;

    (void)snprintf(entry.venue, sizeof entry.venue, "%s", venue);
    (void)snprintf(entry.symbol, sizeof entry.symbol, "%s", symbol);
    (void)snprintf(entry.name_korean, sizeof entry.name_korean, "비트\033코인");
    cr_assert_eq(writer_catalogue_take(rig.writer, &row), 0);
    writer_catalogue_publish(rig.writer, row, &entry);
    writer_catalogue_settle(rig.writer);
    return row;
}

Test(libhoga_catalogue, rows_are_walked_and_found)
{
    struct hoga_instrument in;
    uint64_t version = hoga_catalogue_version(h);
    uint32_t row = 0, first;

    cr_assert_eq(hoga_catalogue_next(h, &row, &in), 0);
    first = list("upbit", "KRW-BTC");
    (void)list("upbit", "krw-btc");
    (void)list("kraken", "BTC/USD");
    cr_assert_eq(hoga_catalogue_version(h), version + 3);
    row = 0;
    for (int i = 0; i < 3; i++)
        cr_assert_eq(hoga_catalogue_next(h, &row, &in), 1);
    cr_assert_eq(hoga_catalogue_next(h, &row, &in), 0);
    cr_assert_eq(hoga_catalogue_next(h, &row, &in), 0, "and again");
    cr_assert_eq(hoga_catalogue_find(h, "KRAKEN:btc/usd", &in), 0);
    cr_assert_str_eq(in.name, "kraken:BTC/USD");
    cr_assert_eq(hoga_catalogue_find(h, "upbit:krw-btc", &in), 0);
    cr_assert_str_eq(in.symbol, "krw-btc", "one spelt alike is preferred");
    cr_assert_eq(hoga_catalogue_find(h, "upbit:KRW-btc", &in), 0);
    cr_assert_eq(hoga_catalogue_find(h, "KRW-BTC", &in), -EINVAL);
    cr_assert_eq(hoga_catalogue_find(h, "upbit:", &in), -ENOENT);
    writer_catalogue_free(rig.writer, first);
    cr_assert_eq(hoga_catalogue_find(h, "upbit:KRW-BTC", &in), 0);
    cr_assert_str_eq(in.symbol, "krw-btc");
}

Test(libhoga_catalogue, what_is_not_known_is_not_shown)
{
    struct hoga_instrument in;

    (void)list("upbit", "KRW-BTC");

    cr_assert_eq(hoga_catalogue_find(h, "upbit:KRW-BTC", &in), 0);
    cr_assert_str_eq(in.name_korean, "비트?코인", "no terminal obeys it");
    cr_assert_str_eq(hoga_listed_word(in.listed), "halted");
    cr_assert(!in.has_warnings && in.warnings == 0);
    cr_assert(in.has_lot && in.lot == 5 && in.lot_decimals == 3);
    cr_assert(!in.has_size_min && !in.has_value_min && in.n_groups == 0);
    cr_assert(in.is_tick_now && in.n_ticks == 1 && in.ticks[0].tick == 1000);
    cr_assert_eq(in.fetched_ns, 9);
    cr_assert_str_eq(hoga_listed_word(200), "unknown");
}

/* A daemon of minor 0, as far as a reader can see: no region. */
Test(libhoga_catalogue, a_daemon_without_a_catalogue_lists_nothing)
{
    struct hoga_instrument in;
    uint32_t row = 0;

    rig.catalogue_max = 0;
    rig.writer = writer_close(rig.writer);
    cr_assert_eq(rig_start(&rig, RIG_DEPTH), 0);
    writer_ready(rig.writer, rig_boot_ns());
    h = hoga_close(h);
    cr_assert_eq(hoga_open(&h, rig.path, NULL), 0);

    cr_assert_eq(hoga_catalogue_next(h, &row, &in), 0);
    cr_assert_eq(hoga_catalogue_find(h, "upbit:KRW-BTC", &in), -ENOENT);
}
