/* SPDX-License-Identifier: MIT
 * fuzz_library.c - a segment's file of hostile bytes, asked everything libhoga can be asked: refused in words, or each
 * call returns, inside its arrays. The input is a list of changes to what a daemon made {offset u24, n u8, n bytes}. */
#include "input_file.h"
#include "shm/catalogue.h"
#include "shm/trade.h"
#include "unit/hoga_rig.h"

#include <hoga/hoga.h>
#include <hoga/ladder.h>

#include <errno.h>
#include <fcntl.h>

#define CHANGE_MIN 4
#define IMAGE_MAX  (1u << 20)
#define ARRAY_MAX  4u
#define BEYOND     2u /* asked for past the last row */

static uint8_t *image, *changed;
static size_t image_size;

static void catalogue_fill(struct rig *rig)
{
    struct hoga_abi_catalogue_entry in = { .venue = "upbit", .symbol = "KRW-A", .n_ticks = 2, .n_groups = 1 };
    uint32_t row;

    for (int i = 0; i < 2; i++) {
        FUZZ_CHECK(writer_catalogue_take(rig->writer, &row) == 0);
        in.symbol[4] = (char)('A' + i);
        writer_catalogue_publish(rig->writer, row, &in);
    }
    writer_catalogue_settle(rig->writer);
}

static void trades_fill(struct rig *rig, uint32_t slot)
{
    struct hoga_abi_trade trade = { .id = 7, .price = 10000, .size = 5, .price_decimals = 1, .size_decimals = 8 };
    struct hoga_abi_day day = { .known = 0x3ff, .period = HOGA_PERIOD_DAY, .last_ns = 1 };

    for (int i = 0; i < 3; i++)
        writer_trade_publish(rig->writer, slot, &trade);
    for (unsigned i = 0; i < HOGA_FACTS_MAX; i++)
        day.fact[i] = 1000 + (int)i;
    writer_day_publish(rig->writer, slot, &day);
}

/* As a daemon leaves it: two live books with trades, a connection, a list of instruments. */
static void image_make(void)
{
    struct rig rig;
    FILE *in;

    FUZZ_CHECK(rig_open(&rig) == 0);
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    rig_publish(&rig, rig_slot(&rig, "upbit", "KRW-A"), 1000);
    rig_publish(&rig, rig_slot(&rig, "upbit", "KRW-B"), 2000);
    trades_fill(&rig, 1);
    catalogue_fill(&rig);
    writer_ready(rig.writer, rig_boot_ns());
    in = fopen(rig.path, "re");
    image = malloc(IMAGE_MAX);
    FUZZ_CHECK(in && image);
    image_size = fread(image, 1, IMAGE_MAX, in);
    FUZZ_CHECK(image_size > 0 && image_size < IMAGE_MAX);
    (void)fclose(in);
    rig_close(&rig);
    changed = malloc(image_size);
    FUZZ_CHECK(changed);
}

static void image_change(const uint8_t *data, size_t size)
{
    memcpy(changed, image, image_size);
    while (size >= CHANGE_MIN) {
        size_t offset = ((size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) % image_size, n = data[3];

        data += CHANGE_MIN;
        size -= CHANGE_MIN;
        n = n < size ? n : size;
        n = n < image_size - offset ? n : image_size - offset;
        memcpy(changed + offset, data, n);
        data += n;
        size -= n;
    }
}

static void trades_ask(struct hoga *h, hoga_id id)
{
    struct hoga_trade *trades = malloc(ARRAY_MAX * sizeof *trades);
    const uint64_t starts[] = { HOGA_TRADES_OLDEST, HOGA_TRADES_LAST, 2, UINT64_MAX - 1 };
    struct hoga_day day;
    uint64_t missed;

    FUZZ_CHECK(trades);
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        uint64_t next = starts[i];
        int n = hoga_trades(h, id, &next, trades, ARRAY_MAX, &missed);

        FUZZ_CHECK(n <= (int)ARRAY_MAX);
        for (int k = 0; k < n; k++)
            FUZZ_CHECK(trades[k].price_decimals <= 18 && hoga_side_word(trades[k].side));
        (void)hoga_wait_trades(h, id, next, 0);
    }
    (void)hoga_trades_newest(h, id);
    if (hoga_day(h, id, &day) == 0)
        FUZZ_CHECK(!day.last.is_known || day.last.decimals <= 18);
    free(trades);
}

static void row_is_sound(const struct hoga_ladder_view *v, const struct hoga_ladder_row *row)
{
    char text[HOGA_SUM_SIZE];

    FUZZ_CHECK(row->bar <= HOGA_LADDER_BAR_MAX && row->flash <= HOGA_LADDER_FLASH_MAX);
    FUZZ_CHECK(v->price_decimals <= 18 && hoga_format(row->price, v->price_decimals, text) > 0);
    FUZZ_CHECK(hoga_format_wide(row->money, v->money_decimals, text) > 0);
}

static void ladder_ask(struct hoga *h, const char *name, const uint8_t *data, size_t size)
{
    static const char *const groups[] = { "", "1", "0.5", "1000000", "9223372036854775807" };
    char steps[HOGA_LADDER_STEPS_MAX][HOGA_DECIMAL_SIZE];
    unsigned chance = size > 0 ? data[size - 1] : 0;
    struct hoga_ladder_order order;
    const struct hoga_ladder_view *v;
    struct hoga_ladder *l;

    FUZZ_CHECK(hoga_ladder_new(h, &l) == 0 && hoga_ladder_name_set(l, name) == 0);
    hoga_ladder_rows_set(l, 1 + chance % 40);
    hoga_ladder_column_set(l, chance % 4);
    (void)hoga_ladder_group_set(l, groups[chance % 5]);
    for (int i = 0; i < 3; i++) {
        (void)hoga_ladder_update(l, 0);
        v = hoga_ladder_view(l);
        FUZZ_CHECK(v->boundary <= v->n_rows && v->n_trades <= HOGA_LADDER_TRADES_MAX);
        for (uint32_t k = 0; k < v->n_rows; k++)
            if (v->rows[k].side != HOGA_LADDER_NONE)
                row_is_sound(v, &v->rows[k]);
        for (int is_buy = 0; is_buy < 2; is_buy++)
            (void)hoga_ladder_order(l, is_buy, INT64_C(1) << (chance % 63), 5000 * chance, &order);
        (void)hoga_ladder_order_to(l, (int)(chance % 40), 5000, &order);
        hoga_ladder_scroll(l, (int)chance - 128);
        hoga_ladder_choose(l, (int)(chance % 7));
        (void)hoga_ladder_group_move(l, chance & 1 ? 1 : -1);
        (void)hoga_ladder_steps(l, steps);
    }
    l = hoga_ladder_free(l);
}

static void books_ask(struct hoga *h)
{
    struct hoga_level *bids = malloc(ARRAY_MAX * sizeof *bids), *asks = malloc(ARRAY_MAX * sizeof *asks);
    hoga_id ids[16], id;
    int n = hoga_list(h, ids, 16);

    FUZZ_CHECK(bids && asks); /* on the heap: a sanitizer sees a write beyond them */
    (void)hoga_find(h, "upbit:KRW-B", &id);
    for (int i = 0; i < n && i < 16; i++) {
        char text[HOGA_DECIMAL_SIZE];
        struct hoga_book book = { 0 };
        struct hoga_info info;

        if (hoga_info(h, ids[i], &info) == 0)
            FUZZ_CHECK(memchr(info.name, '\0', sizeof info.name) != NULL);
        if (hoga_read(h, ids[i], 0, &book, bids, asks, ARRAY_MAX) == 0) {
            FUZZ_CHECK(book.n_bids <= 1000 && book.n_asks <= 1000);
            FUZZ_CHECK(hoga_format(book.bid.price, book.price_decimals, text) > 0);
            FUZZ_CHECK(hoga_format_fixed(book.bid.size, book.size_decimals, text) > 0);
            FUZZ_CHECK(hoga_state_word(book.state) && hoga_reason_sentence(book.reason));
        }
        (void)hoga_read_top(h, ids[i], 0, &book);
        (void)hoga_update(h, ids[i]);
        (void)hoga_wait(h, ids[i], book.update, book.state, 0);
        trades_ask(h, ids[i]);
    }
    free(bids);
    free(asks);
}

static void rows_ask(struct hoga *h)
{
    struct hoga_connection connection;
    struct hoga_instrument in;
    struct hoga_counter counter;
    struct hoga_latency latency;
    struct hoga_daemon daemon;
    uint32_t row = 0;
    int r;

    (void)hoga_daemon(h, &daemon);
    for (uint32_t i = 0, n = 0; n < BEYOND; i++)
        n += hoga_connection(h, i, &connection) == -ERANGE;
    for (uint32_t i = 0; hoga_counter(h, i, &counter) == 0; i++)
        FUZZ_CHECK(i < 65536 && memchr(counter.name, '\0', sizeof counter.name) != NULL);
    for (uint32_t i = 0; hoga_latency(h, i, &latency) == 0; i++) {
        uint64_t counts[ARRAY_MAX];

        FUZZ_CHECK(i < 65536 && hoga_latency_buckets(h, i, counts, ARRAY_MAX) >= 0);
    }
    for (uint32_t i = 0; i < 65536 && (r = hoga_catalogue_next(h, &row, &in)) != 0; i++)
        FUZZ_CHECK(r == -EAGAIN ||
                   (r == 1 && memchr(in.name, '\0', sizeof in.name) && memchr(in.cautions, '\0', sizeof in.cautions)));
    (void)hoga_catalogue_find(h, "upbit:KRW-B", &in);
    (void)hoga_catalogue_version(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hoga_problem problem = { .why = "" };
    struct hoga *h = NULL;
    const char *path;

    if (!image)
        image_make();
    image_change(data, size);
    path = input_file(changed, image_size);
    if (hoga_open(&h, path, &problem) < 0) {
        FUZZ_CHECK(!h && problem.error < 0 && strcmp(problem.what, path) == 0 && problem.why[0] != '\0');
        return 0;
    }
    books_ask(h);
    rows_ask(h);
    ladder_ask(h, "upbit:KRW-B", data, size);
    h = hoga_close(h);
    return 0;
}
