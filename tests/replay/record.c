/* SPDX-License-Identifier: MIT
 * Recordings: what is taken reads back; files rotate and are bounded; a disk that takes no more stops the recording. */
#include "record.h"

#include "capture.h"
#include "core/log.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const venues[] = { "upbit", "toy" };

static void folder_make(char path[64])
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(path, 64, "%s/hoga-record-XXXXXX", base && strlen(base) < 32 ? base : "/tmp");
    cr_assert_not_null(mkdtemp(path));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* All events of a venue's files in order; returns the files, and removes them if asked to. */
static int folder_read(const char *folder, const char *venue, uint64_t *ret_events, uint64_t *ret_size, int and_remove)
{
    struct dirent **names;
    char path[512];
    int n;

    *ret_events = *ret_size = 0;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, venue);
    n = scandir(path, &names, is_file, by_name);
    cr_assert_geq(n, 0);
    for (int i = 0; i < n; i++) {
        struct capture_reader *reader;
        struct capture_event event;
        struct stat st;
        int r;

        (void)snprintf(path, sizeof(path), "%s/%s/%s", folder, venue, names[i]->d_name);
        cr_assert_eq(stat(path, &st), 0);
        *ret_size += (uint64_t)st.st_size;
        cr_assert_eq(capture_open(path, NULL, NULL, &reader), 0);
        while ((r = capture_next(reader, &event)) == 1)
            (*ret_events)++;
        cr_assert_eq(r, 0, "%s: %s", path, capture_problem(reader));
        reader = capture_close(reader);
        if (and_remove)
            (void)unlink(path);
        free(names[i]);
    }
    free(names);
    if (and_remove) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, venue);
        (void)rmdir(path);
    }
    return n;
}

static void folder_remove(const char *folder)
{
    uint64_t events, size;

    (void)folder_read(folder, "upbit", &events, &size, 1);
    (void)folder_read(folder, "toy", &events, &size, 1);
    cr_expect_eq(rmdir(folder), 0, "%s is left behind", folder);
}

static struct recorder *recorder_make(const char *folder, uint64_t file_size_max, uint64_t total_size_max)
{
    struct recorder_options options = { folder, venues, 2, file_size_max, total_size_max };
    struct recorder *r;

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    cr_assert_eq(recorder_open(&options, &r), 0);
    return r;
}

/* Until the recorder's thread has caught up. */
static void settle(struct recorder *r, uint64_t n)
{
    struct recorder_counts counts;

    for (int i = 0; i < 20000; i++) {
        recorder_counts(r, &counts);
        if (counts.events + counts.dropped >= n)
            return;
        (void)poll(NULL, 0, 1);
    }
    cr_assert_fail("the recorder took %llu of %llu", (unsigned long long)(counts.events + counts.dropped),
                   (unsigned long long)n);
}

Test(record, what_is_taken_reads_back_in_order_by_venue)
{
    struct feed_input in = { .recv_ns = 1790134742106123456, .url = "wss://x", .conn = 4 };
    uint64_t events, size;
    struct recorder *r;
    char folder[64];

    folder_make(folder);
    r = recorder_make(folder, 0, 0);
    for (int kind = FEED_INPUT_OPEN; kind <= FEED_INPUT_STATE; kind++) {
        in.kind = (enum feed_input_kind)kind;
        in.bytes = kind == FEED_INPUT_RX ? "\xff\0x" : kind == FEED_INPUT_TX ? "[]" : NULL;
        in.bytes_size = kind == FEED_INPUT_RX ? 3 : kind == FEED_INPUT_TX ? 2 : 0;
        recorder_take(r, 0, &in);
    }
    in.kind = FEED_INPUT_OPEN;
    in.url = NULL;
    recorder_take(r, 1, &in);
    r = recorder_close(r);

    cr_expect_eq(folder_read(folder, "upbit", &events, &size, 0), 1);
    cr_expect_eq(events, 5, "ticks, states and pongs are no events of a capture");
    cr_expect_eq(folder_read(folder, "toy", &events, &size, 0), 1);
    cr_expect_eq(events, 1);
    folder_remove(folder);
    cr_expect_null(recorder_close(NULL));
}

Test(record, what_was_done_goes_with_the_line)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .url = "wss://x", .bytes = "[1]", .bytes_size = 3 };
    struct capture_reader *reader;
    struct capture_event event;
    struct dirent **names;
    struct recorder *r;
    char folder[64], path[512];
    uint64_t events, size;

    folder_make(folder);
    r = recorder_make(folder, 0, 0);
    cr_expect_eq(recorder_take(r, 0, &in), 1);
    in.deeds = "cA\"B a";
    cr_expect_eq(recorder_take(r, 0, &in), 1);
    in.kind = FEED_INPUT_TICK;
    cr_expect_eq(recorder_take(r, 0, &in), 0);
    r = recorder_close(r);

    (void)snprintf(path, sizeof(path), "%s/upbit", folder);
    cr_assert_eq(scandir(path, &names, is_file, by_name), 1);
    (void)snprintf(path, sizeof(path), "%s/upbit/%s", folder, names[0]->d_name);
    cr_assert_eq(capture_open(path, NULL, NULL, &reader), 0);
    cr_assert_eq(capture_next(reader, &event), 1);
    cr_expect_null(event.did);
    cr_assert_eq(capture_next(reader, &event), 1);
    cr_expect_str_eq(event.did, "cA\"B a");
    cr_expect_eq(event.bytes_size, 3);
    cr_expect_arr_eq(event.bytes, "[1]", 3);
    reader = capture_close(reader);
    free(names[0]);
    free(names);
    (void)folder_read(folder, "upbit", &events, &size, 0);
    folder_remove(folder);
}

static void noise(char *bytes, size_t size, unsigned *io_seed)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)('!' + rand_r(io_seed) % 90);
}

Test(record, files_rotate_and_the_oldest_go_but_nobody_elses)
{
    struct feed_input in = { .kind = FEED_INPUT_RX };
    static char bytes[1 << 20];
    char folder[64], other[128];
    uint64_t events, size;
    struct recorder *r;
    unsigned seed = 1;
    FILE *file;

    folder_make(folder);
    r = recorder_make(folder, 1 << 20, 16 << 20);
    (void)snprintf(other, sizeof(other), "%s/upbit/hoga-notes.jsonl", folder);
    file = fopen(other, "w");
    cr_assert_not_null(file);
    (void)fclose(file);
    for (int i = 1; i <= 48; i++) {
        noise(bytes, sizeof(bytes), &seed);
        in.bytes = bytes;
        in.bytes_size = sizeof(bytes);
        recorder_take(r, 0, &in);
        settle(r, (uint64_t)i);
    }
    r = recorder_close(r);

    cr_expect_geq(folder_read(folder, "upbit", &events, &size, 0), 2);
    cr_expect_lt(events, 48, "the oldest are gone");
    cr_expect_geq(events, 2);
    cr_expect_leq(size, 14u << 20, "%llu", (unsigned long long)size);
    cr_expect_eq(access(other, F_OK), 0);
    folder_remove(folder);
}

Test(record, a_queue_that_is_full_drops_and_counts_and_never_waits)
{
    struct feed_input in = { .kind = FEED_INPUT_RX };
    struct recorder_counts counts;
    size_t size = 15u << 20;
    char *bytes = malloc(size), folder[64];
    uint64_t events, folder_size;
    struct recorder *r;

    folder_make(folder);
    r = recorder_make(folder, 0, 0);
    memset(bytes, 'a', size);
    in.bytes = bytes;
    in.bytes_size = size;
    for (int i = 0; i < 12; i++)
        recorder_take(r, 0, &in);
    settle(r, 12);
    recorder_counts(r, &counts);
    cr_expect_gt(counts.dropped, 0);
    cr_expect_geq(counts.events, 2);
    cr_expect_eq(counts.error, 0);
    r = recorder_close(r);

    (void)folder_read(folder, "upbit", &events, &folder_size, 0);
    cr_expect_eq(events, counts.events);
    folder_remove(folder);
    free(bytes);
}

Test(record, many_events_of_all_sizes_pass_the_ring_whole)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .url = "wss://venue/path" };
    static char bytes[70000];
    uint64_t events, size;
    struct recorder *r;
    unsigned seed = 7;
    char folder[64];

    folder_make(folder);
    noise(bytes, sizeof(bytes), &seed);
    r = recorder_make(folder, 0, 0);
    for (int i = 1; i <= 3000; i++) {
        in.bytes = bytes;
        in.bytes_size = (size_t)rand_r(&seed) % sizeof(bytes);
        recorder_take(r, 0, &in);
        if (i % 500 == 0)
            settle(r, (uint64_t)i);
    }
    r = recorder_close(r);

    (void)folder_read(folder, "upbit", &events, &size, 0);
    cr_expect_eq(events, 3000);
    folder_remove(folder);
}

/* RLIMIT_FSIZE gives what a full disk gives: write fails. */
Test(record, a_disk_that_takes_no_more_stops_the_recording_and_nothing_else)
{
    struct rlimit limit = { 64 << 10, 64 << 10 };
    struct feed_input in = { .kind = FEED_INPUT_RX };
    static char bytes[1 << 20];
    struct recorder_counts counts = { 0 };
    const struct dirent *entry;
    struct recorder *r;
    unsigned seed = 3;
    char folder[64], path[128];
    uint64_t taken, dropped;
    DIR *listing;

    folder_make(folder);
    cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    r = recorder_make(folder, 0, 0);
    noise(bytes, sizeof(bytes), &seed);
    in.bytes = bytes;
    in.bytes_size = sizeof(bytes);
    for (taken = 1; taken <= 50 && counts.error == 0; taken++) {
        recorder_take(r, 0, &in);
        settle(r, taken);
        recorder_counts(r, &counts);
    }
    cr_expect_eq(counts.error, EFBIG);
    dropped = counts.dropped; /* none, if it failed while nothing waited */
    recorder_take(r, 0, &in);
    recorder_counts(r, &counts);
    cr_expect_eq(counts.dropped, dropped + 1);
    r = recorder_close(r);

    (void)snprintf(path, sizeof(path), "%s/upbit", folder);
    listing = opendir(path);
    while (listing && (entry = readdir(listing)))
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(listing), entry->d_name, 0);
    (void)closedir(listing);
    folder_remove(folder);
}

Test(record, what_cannot_be_opened_is_an_error)
{
    static const char *const many[RECORD_VENUES_MAX + 1] = { "a" };
    struct recorder_options options = { "/proc/no/such", venues, 2, 0, 0 };
    struct recorder *r;

    cr_expect_lt(recorder_open(&options, &r), 0);
    options.venues = many;
    options.n_venues = RECORD_VENUES_MAX + 1;
    cr_expect_eq(recorder_open(&options, &r), -ENOSPC);
    options.n_venues = 0;
    cr_expect_eq(recorder_open(&options, &r), -ENOSPC);
}
