/* SPDX-License-Identifier: MIT
 * Files that somebody has spoilt: hoga_open refuses them in words, or every call on them returns. */
#include <hoga/hoga.h>

#include "shm/hoga_abi.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>

#include "hoga_rig.h"

#define N_FILES     500
#define CHANGES_MAX 8
#define ARRAY_MAX   4u
#define BEYOND      8u /* asked for past the last row */

static struct rig rig;
static uint8_t *image;
static size_t image_size;
static uint64_t random_state = 20261122;

static void set_up(void)
{
    FILE *in;

    cr_assert_eq(rig_open(&rig), 0);
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    for (int i = 0; i < 4; i++) {
        char symbol[] = "KRW-A";

        symbol[4] = (char)('A' + i);
        rig_publish(&rig, rig_slot(&rig, "upbit", symbol), 1000 + i);
    }
    writer_ready(rig.writer, rig_boot_ns());
    in = fopen(rig.path, "re");
    image = malloc(1 << 20);
    cr_assert(in != NULL && image != NULL);
    image_size = fread(image, 1, 1 << 20, in);
    (void)fclose(in);
    rig.writer = writer_close(rig.writer);
}

static void tear_down(void)
{
    free(image);
    rig_close(&rig);
}

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return (uint32_t)((random_state >> 33) % n);
}

/* Most of what decides lies in the first page and at the heads of rings. */
static void spoil(uint8_t *bytes)
{
    static const uint64_t words[] = { 0, 1, 63, 64, 0xffff, 1u << 31, UINT32_MAX, 1ull << 40, INT64_MAX, UINT64_MAX };
    uint32_t n = 1 + random_below(CHANGES_MAX);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t within = random_below(2) ? 512 : (uint32_t)image_size, kind = random_below(3);
        uint32_t at = random_below(within - 8);

        if (kind == 0)
            bytes[at] ^= (uint8_t)(1 + random_below(255));
        else if (kind == 1)
            memcpy(bytes + at / 8 * 8, &words[random_below(10)], 8);
        else
            memcpy(bytes + at / 4 * 4, &words[random_below(7)], 4);
    }
}

static void file_write(const uint8_t *bytes, size_t size)
{
    int fd = open(rig.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    (void)close(fd);
}

static void everything_is_asked(struct hoga *h)
{
    struct hoga_level bids[ARRAY_MAX], asks[ARRAY_MAX];
    struct hoga_connection connection;
    struct hoga_counter counter;
    struct hoga_latency latency;
    struct hoga_daemon daemon;
    struct hoga_book book;
    struct hoga_info info;
    hoga_id ids[16], id;
    int n = hoga_list(h, ids, 16);

    (void)hoga_find(h, "upbit:KRW-A", &id);
    for (int i = 0; i < n && i < 16; i++) {
        (void)hoga_info(h, ids[i], &info);
        if (hoga_read(h, ids[i], 0, &book, bids, asks, ARRAY_MAX) == 0) {
            char text[HOGA_DECIMAL_SIZE];

            cr_assert_leq(book.n_bids, 1000);
            (void)hoga_format(book.bid.price, book.price_decimals, text);
        }
        (void)hoga_read_top(h, ids[i], 0, &book);
        (void)hoga_update(h, ids[i]);
        (void)hoga_wait(h, ids[i], book.update, book.state, 0);
    }
    cr_assert_eq(hoga_daemon(h, &daemon), 0);
    for (uint32_t i = 0; i < HOGA_CONNECTIONS_MAX + BEYOND; i++)
        (void)hoga_connection(h, i, &connection);
    for (uint32_t i = 0; hoga_counter(h, i, &counter) == 0; i++)
        cr_assert_lt(i, HOGA_ROWS_LIMIT);
    for (uint32_t i = 0; hoga_latency(h, i, &latency) == 0; i++)
        cr_assert_lt(i, HOGA_ROWS_LIMIT);
}

Test(libhoga_hostile, five_hundred_spoilt_files_are_refused_or_read, .init = set_up, .fini = tear_down)
{
    uint8_t *bytes = malloc(image_size);
    int n_refused = 0;

    cr_assert_not_null(bytes);
    for (int i = 0; i < N_FILES; i++) {
        size_t size = i % 10 == 0 ? random_below((uint32_t)image_size) : image_size;
        struct hoga_problem problem = { 0 };
        struct hoga *h = NULL;

        memcpy(bytes, image, image_size);
        spoil(bytes);
        file_write(bytes, size);
        if (hoga_open(&h, rig.path, &problem) < 0) {
            cr_assert_null(h);
            cr_assert_str_eq(problem.what, rig.path);
            cr_assert(problem.why[0] != '\0' && problem.remedy[0] != '\0', "%d", i);
            n_refused++;
            continue;
        }
        everything_is_asked(h);
        h = hoga_close(h);
    }
    free(bytes);
    cr_assert(n_refused > N_FILES / 5 && n_refused < N_FILES, "%d refused", n_refused);
}
