/* SPDX-License-Identifier: MIT
 * The frozen reader against today's writer, and hostile images against today's reader. */
#include "reader_v1.h"

#include "tests/stress/books.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[SEGMENT_PATH_SIZE];
static uint64_t *image; /* a segment in private memory, 8-byte aligned */
static size_t image_size;

/* A real writer's file, copied to memory. */
static void set_up(void)
{
    struct writer_options options;
    struct writer *w;
    struct stat st;
    uint32_t slot;
    int fd;

    books_folder_init(folder, path);
    options = books_options(path, 3);
    cr_assert_eq(writer_open(&options, &w, NULL), 0);
    for (uint32_t i = 0; i < 3; i++) {
        const char *const symbols[] = { "KRW-BTC", "KRW-ETH", "KRW-XRP" };

        cr_assert_eq(writer_slot_get(w, "upbit", symbols[i], 1, &slot), 0);
        for (uint64_t n = 1; n <= 20; n++)
            books_publish(w, slot, n + i);
    }
    writer_connection_publish(w, 0, &(struct hoga_abi_connection_entry){ .used = 1 });
    writer_ready(w, 1);
    w = writer_close(w);
    fd = open(path, O_RDONLY);
    cr_assert_eq(fstat(fd, &st), 0);
    image_size = (size_t)st.st_size;
    image = malloc(image_size);
    cr_assert_eq(read(fd, image, image_size), (ssize_t)image_size);
    (void)close(fd);
    books_folder_done(folder);
}

static void tear_down(void)
{
    free(image);
}

TestSuite(abi, .init = set_up, .fini = tear_down);

static void v1_reads(const uint64_t *base, size_t size)
{
    static struct v1_book book;
    struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];
    uint32_t slot, generation, n;

    cr_assert_eq(v1_find((const uint8_t *)base, size, "upbit", "KRW-ETH", &slot, &generation), 0);
    cr_assert_eq(slot, 1);
    cr_assert_eq(v1_book((const uint8_t *)base, size, slot, &book), 0);
    cr_assert_eq(book.generation, generation);
    cr_assert_eq(book.n_applied, 21);
    cr_assert_eq(book.update, 21);
    cr_assert_eq(book.state, HOGA_ST_LIVE);
    n = books_fill(21, bids, asks);
    cr_assert_eq(book.n_bids, n);
    cr_assert_eq(book.n_asks, n);
    cr_assert_eq(memcmp(book.bids, bids, n * sizeof bids[0]), 0);
    cr_assert_eq(memcmp(book.asks, asks, n * sizeof asks[0]), 0);
    cr_assert_eq(book.bid_size, bids[0].size);
    cr_assert_eq(book.epoch, 1);
}

Test(abi, the_frozen_reader_reads_todays_writer)
{
    v1_reads(image, image_size);
}

Test(abi, a_higher_minor_with_unknown_regions_is_readable)
{
    struct hoga_abi_header *header = (void *)image;
    struct hoga_abi_region *regions = (void *)((uint8_t *)image + header->region_offset);
    struct segment_map map;
    struct hoga_abi_book_head head;
    struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];

    header->abi_minor = 7;
    memmove(&regions[2], regions, header->region_count * sizeof *regions); /* unknown ones first */
    regions[0] = (struct hoga_abi_region){ .kind = 77, .offset = UINT64_MAX, .stride = 3, .count = UINT64_MAX };
    regions[1] = (struct hoga_abi_region){ .kind = HOGA_REGION_UPDATE_RING, .item_size = 1, .offset = 5 };
    header->region_count += 2;

    v1_reads(image, image_size);
    cr_assert_eq(segment_check(image, image_size, &map, NULL), 0);
    cr_assert_eq(map.abi_minor, 7);
    cr_assert_eq(map.region[HOGA_REGION_UPDATE_RING].kind, 0);
    cr_assert_eq(reader_book(&map, 1, &head, bids, asks, BOOKS_DEPTH), 0);
    cr_assert(books_is_whole(&head, bids, asks));
}

Test(abi, a_state_that_is_not_ready_is_said_in_words)
{
    struct hoga_abi_header *header = (void *)image;
    struct segment_problem problem;
    struct segment_map map;

    header->state = HOGA_SEGMENT_BUILDING;
    cr_assert_eq(segment_check(image, image_size, &map, &problem), -EAGAIN);
    cr_assert_not_null(strstr(problem.why, "building"));
    header->state = HOGA_SEGMENT_RETIRED;
    cr_assert_eq(segment_check(image, image_size, &map, &problem), -EAGAIN);
    cr_assert_not_null(strstr(problem.why, "replaced"));
    header->state = 3;
    cr_assert_eq(segment_check(image, image_size, &map, &problem), -EBADMSG);
    header->state = HOGA_SEGMENT_READY;
    header->abi_major = 2;
    cr_assert_eq(segment_check(image, image_size, &map, &problem), -EPROTO);
    cr_assert_not_null(strstr(problem.why, "segment ABI 2."));
}

/* Everything a reader can be asked, on whatever the check let through. */
static void read_everything(const struct segment_map *map)
{
    static struct hoga_abi_level bids[HOGA_DEPTH_LIMIT], asks[HOGA_DEPTH_LIMIT];
    static struct hoga_abi_histogram histogram;
    struct hoga_abi_book_head head;
    struct hoga_abi_directory_entry entry;
    struct hoga_abi_connection_entry row;
    struct hoga_abi_connection_live words;
    struct hoga_abi_counter counter;
    struct reader_live live;
    char version[READER_VERSION_SIZE];

    reader_live(map, &live);
    reader_daemon_version(map, version);
    for (uint32_t i = 0; i < 5; i++) {
        if (reader_book(map, i, &head, bids, asks, HOGA_DEPTH_LIMIT) == 0)
            cr_assert(head.n_bids <= map->depth && head.n_asks <= map->depth);
        (void)reader_book_head(map, map->books_max - 1 - i % map->books_max, &head);
        (void)reader_directory(map, i, &entry);
        (void)reader_connection(map, i, &row);
        (void)reader_connection_live(map, i, &words);
        (void)reader_counter(map, i, &counter);
        (void)reader_histogram(map, i, &histogram);
        (void)reader_book_newest(map, i);
    }
}

static const int known_errors[] = { 0, -EAGAIN, -EPROTO, -EBADMSG };

static int image_check(const void *base, size_t size)
{
    struct segment_map map;
    struct segment_problem problem = { .why = "" };
    int r = segment_check(base, size, &map, &problem);
    int is_known = 0;

    for (size_t i = 0; i < sizeof known_errors / sizeof known_errors[0]; i++)
        is_known |= r == known_errors[i];
    cr_assert(is_known, "%d", r);
    cr_assert(r == 0 || problem.why[0] != '\0');
    if (r == 0)
        read_everything(&map);
    return r;
}

Test(abi, every_byte_of_header_and_table_flipped_is_an_error_or_harmless)
{
    uint8_t *bytes = (uint8_t *)image;

    for (size_t i = 0; i < 256 + 6 * sizeof(struct hoga_abi_region); i++) {
        for (unsigned value = 0; value < 10; value++) {
            uint8_t before = bytes[i];

            bytes[i] = value < 8 ? before ^ (uint8_t)(1u << value) : value == 8 ? 0 : 0xff;
            (void)image_check(image, image_size);
            bytes[i] = before;
        }
    }
    cr_assert_eq(image_check(image, image_size), 0);
}

/* In memory of exactly that size, so that a sanitizer sees a step beyond. */
Test(abi, a_file_cut_at_any_size_is_damaged)
{
    for (size_t size = 0; size < image_size; size += size < 8192 ? 8 : 4096 - 8) {
        uint64_t *cut = malloc(size > 0 ? size : 1);

        memcpy(cut, image, size);
        cr_assert_eq(image_check(cut, size), -EBADMSG, "size %zu", size);
        if (size >= HOGA_PAGE_SIZE) { /* and one that lies about its size */
            ((struct hoga_abi_header *)(void *)cut)->size = size;
            (void)image_check(cut, size); /* good if only the last page's rest was cut off */
        }
        free(cut);
    }
}

static void set_region(uint32_t kind, struct hoga_abi_region to)
{
    struct hoga_abi_header *header = (void *)image;
    struct hoga_abi_region *regions = (void *)((uint8_t *)image + header->region_offset);

    regions[kind - 1] = to;
}

Test(abi, lies_that_would_overflow_are_damaged)
{
    const struct hoga_abi_header *header = (const void *)image;
    const struct hoga_abi_region *regions = (const void *)((const uint8_t *)image + header->region_offset);
    const struct hoga_abi_region book = regions[HOGA_REGION_BOOK - 1];
    struct hoga_abi_region lies[] = { book, book, book, book, book, book, book, book, book };

    lies[0].offset = UINT64_MAX - 63;
    lies[1].stride = UINT64_MAX - 63;
    lies[2].count = UINT64_MAX;
    lies[3].item_size = 64;
    lies[4].kind = HOGA_REGION_DIRECTORY;
    lies[5].offset += 8;
    lies[6].stride -= 64;
    lies[7].item_size = 0xffffffc0;
    lies[8].kind = 99;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        set_region(HOGA_REGION_BOOK, lies[i]);
        cr_assert_eq(image_check(image, image_size), -EBADMSG, "lie %zu", i);
    }
    set_region(HOGA_REGION_BOOK, book);
    cr_assert_eq(image_check(image, image_size), 0);
}

Test(abi, random_bytes_crash_nothing)
{
    uint64_t seed = 20261122;
    uint64_t *bytes = malloc(image_size);

    for (int round = 0; round < 20000; round++) {
        size_t n = 1 + books_mix(++seed) % 12;

        if (round % 500 == 0)
            memcpy(bytes, image, image_size);
        else
            memcpy(bytes, image, 1024); /* header and table */
        for (size_t i = 0; i < n; i++) {
            uint64_t r = books_mix(++seed * 0x2545f4914f6cdd1du);
            size_t at = (r >> 8) % (i % 2 == 0 ? 56 : image_size / 8);

            bytes[at] = r % 5 == 0 ? r : r % 5 == 1 ? 0 : r % 5 == 2 ? UINT64_MAX : bytes[at] ^ (1u << r % 31);
        }
        (void)image_check(bytes, image_size);
    }
    free(bytes);
}
