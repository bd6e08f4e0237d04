/* SPDX-License-Identifier: MIT
 * fuzz_library.c - a segment's file of hostile bytes, asked everything libhoga can be asked: refused in words, or each
 * call returns, inside its arrays. The input is a list of changes to what a daemon made {offset u24, n u8, n bytes}. */
#include "input_file.h"
#include "shm/catalogue.h"
#include "unit/hoga_rig.h"

#include <hoga/hoga.h>

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

/* As a daemon leaves it: two live books, a connection, a list of instruments. */
static void image_make(void)
{
    struct rig rig;
    FILE *in;

    FUZZ_CHECK(rig_open(&rig) == 0);
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    rig_publish(&rig, rig_slot(&rig, "upbit", "KRW-A"), 1000);
    rig_publish(&rig, rig_slot(&rig, "upbit", "KRW-B"), 2000);
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
    for (uint32_t i = 0; hoga_latency(h, i, &latency) == 0; i++)
        FUZZ_CHECK(i < 65536);
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
    h = hoga_close(h);
    return 0;
}
