/* SPDX-License-Identifier: MIT
 * fuzz_capture.c - a capture of any bytes, arriving in any pieces: each line is an event inside its line or is said to
 * be damaged; an event that is written reads back as it was; compressed or not, whole or in pieces, the same events
 * come out. First byte of an input: its form; second: bytes a piece. */
#include "capture.h"
#include "oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define COMPRESSED  1 /* compress the rest first, in two frames */
#define CUT         2 /* and lose the last bytes of that */
#define CAPTURE_MAX (32u << 10)

struct feed { /* bytes that go through a pipe, `piece` at a time; 0: all at once */
    const uint8_t *bytes;
    size_t size, piece;
    int to, from;
};

static int feed_some(void *context, int fd)
{
    struct feed *f = context;
    size_t n = f->piece > 0 && f->piece < f->size ? f->piece : f->size;

    (void)fd;
    FUZZ_CHECK(write(f->to, f->bytes, n) == (ssize_t)n);
    f->bytes += n;
    f->size -= n;
    if (n == 0 && f->to >= 0) { /* nothing is left: the end of the file */
        (void)close(f->to);
        f->to = open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    return 0;
}

static uint64_t sum_add(uint64_t sum, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ at[i]) * 1099511628211u; /* FNV-1a */
    return sum;
}

static uint64_t event_sum(const struct capture_event *e)
{
    const int64_t words[] = { e->kind, e->has_time,    e->has_time ? e->recv_ns : 0,
                              e->conn, e->url != NULL, e->bytes != NULL };
    uint64_t sum = sum_add(14695981039346656037u, words, sizeof words);

    if (e->url)
        sum = sum_add(sum, e->url, strlen(e->url) + 1);
    return e->bytes ? sum_add(sum, e->bytes, e->bytes_size) : sum;
}

/* What is written of an event reads back. */
static void event_returns(const struct capture_event *e)
{
    char problem[CAPTURE_PROBLEM_SIZE];
    size_t room = capture_line_size_max(e) + 1;
    char *line = malloc(room);
    struct capture_event back;
    struct text text;

    FUZZ_CHECK(line && e->kind <= FEED_INPUT_HTTP && (e->bytes || e->bytes_size == 0));
    text_init(&text, line, room);
    capture_line_write(&text, e);
    FUZZ_CHECK(!text.cut && text.used > 0 && line[text.used - 1] == '\n');
    FUZZ_CHECK(memchr(line, '\n', text.used) == line + text.used - 1);
    FUZZ_CHECK(capture_line_parse(line, text.used - 1, &back, problem) == 0);
    /* A URL is text: what of it is none is written as U+FFFD. */
    FUZZ_CHECK((back.url != NULL) == (e->url != NULL));
    back.url = e->url;
    FUZZ_CHECK(event_sum(&back) == event_sum(e));
    free(line);
}

/* All there is, as one number. `ret_damaged`: how often something was skipped. */
static uint64_t capture_sum(const uint8_t *bytes, size_t size, size_t piece, unsigned *ret_damaged)
{
    struct feed f = { .bytes = bytes, .size = size, .piece = piece };
    struct capture_reader *reader;
    struct capture_event event;
    uint64_t sum = 0, line = 0;
    char path[32];
    int ends[2], r;

    FUZZ_CHECK(pipe2(ends, O_CLOEXEC) == 0);
    f.from = ends[0];
    f.to = ends[1];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", f.from);
    FUZZ_CHECK(capture_open(path, feed_some, &f, &reader) == 0);
    (void)close(f.from);
    *ret_damaged = 0;
    while ((r = capture_next(reader, &event)) != 0) {
        FUZZ_CHECK(r == 1 || r == -EBADMSG);
        FUZZ_CHECK(capture_line(reader) >= line);
        line = capture_line(reader);
        if (r == 1) {
            event_returns(&event);
            sum = sum * 31 + event_sum(&event) + line;
        } else {
            FUZZ_CHECK(capture_problem(reader)[0] != '\0');
            (*ret_damaged)++;
        }
    }
    FUZZ_CHECK(capture_next(reader, &event) == 0);
    reader = capture_close(reader);
    (void)close(f.to);
    return sum;
}

static size_t compress(const uint8_t *bytes, size_t size, uint8_t **ret)
{
    size_t half = size / 2, room = 2 * ZSTD_compressBound(size) + 64, n, more;

    *ret = malloc(room);
    FUZZ_CHECK(*ret);
    n = ZSTD_compress(*ret, room, bytes, half, 1);
    more = ZSTD_isError(n) ? n : ZSTD_compress(*ret + n, room - n, bytes + half, size - half, 1);
    FUZZ_CHECK(!ZSTD_isError(more));
    return n + more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned damaged, damaged_again;
    uint64_t sum;
    size_t piece;

    if (size < 2 || size > CAPTURE_MAX)
        return 0;
    piece = data[1] > 0 && size / data[1] > 200 ? size / 200 : data[1];
    sum = capture_sum(data + 2, size - 2, 0, &damaged);
    if (data[0] & COMPRESSED) {
        uint8_t *packed;
        size_t n = compress(data + 2, size - 2, &packed);
        size_t cut = data[0] & CUT ? 1 + data[0] / 4u : 0;

        n -= cut < n ? cut : 0;
        if (n < size * 4 && piece > 0 && n / piece > 200)
            piece = n / 200;
        if (cut > 0)
            (void)capture_sum(packed, n, piece, &damaged_again);
        /* Bytes that are themselves a compressed capture are one more layer, not this one. */
        else if (size < 6 || memcmp(data + 2, "\x28\xb5\x2f\xfd", 4) != 0)
            FUZZ_CHECK(capture_sum(packed, n, piece, &damaged_again) == sum && damaged == damaged_again);
        free(packed);
        return 0;
    }
    FUZZ_CHECK(capture_sum(data + 2, size - 2, piece, &damaged_again) == sum);
    return 0;
}
