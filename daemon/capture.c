/* SPDX-License-Identifier: MIT
 * Lines out of a file, plain or compressed. */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define CHUNK_SIZE (128u << 10)

struct chunk { /* bytes that were read and not yet used */
    char *bytes;
    size_t at, size;
};

struct capture_reader {
    int fd;
    capture_wait_fn wait;
    void *wait_context;
    ZSTD_DStream *zstd; /* NULL: plain */
    struct chunk raw, text;
    size_t zstd_hint; /* what the last call returned: 0 at the end of a compressed frame */
    uint8_t is_begun, is_ended;
    char *line;
    size_t line_size, line_room;
    uint64_t line_number;
    char problem[CAPTURE_PROBLEM_SIZE];
};

int capture_open(const char *path, capture_wait_fn wait, void *wait_context, struct capture_reader **ret)
{
    struct capture_reader *c = calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    c->wait = wait;
    c->wait_context = wait_context;
    c->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (c->fd < 0) {
        int r = -errno;

        free(c);
        return r;
    }
    c->raw.bytes = malloc(CHUNK_SIZE);
    c->text.bytes = malloc(CHUNK_SIZE);
    if (!c->raw.bytes || !c->text.bytes) {
        (void)capture_close(c);
        return -ENOMEM;
    }
    *ret = c;
    return 0;
}

struct capture_reader *capture_close(struct capture_reader *c)
{
    if (!c)
        return NULL;
    (void)close(c->fd);
    (void)ZSTD_freeDStream(c->zstd);
    free(c->raw.bytes);
    free(c->text.bytes);
    free(c->line);
    free(c);
    return NULL;
}

/* More bytes of the file. Returns: 1, 0 at its end, or an error. */
static int raw_read(struct capture_reader *c)
{
    ssize_t n;
    int r;

    do {
        r = c->wait ? c->wait(c->wait_context, c->fd) : 0;
        if (r < 0)
            return r;
        n = read(c->fd, c->raw.bytes + c->raw.size, CHUNK_SIZE - c->raw.size);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n < 0)
        return -errno;
    c->raw.size += (size_t)n;
    return n > 0;
}

/* The first bytes tell a compressed file. Source: RFC 8878, section 3.1.1: magic number 0xFD2FB528, little endian. */
static int reader_begin(struct capture_reader *c)
{
    static const char magic[4] = { '\x28', '\xb5', '\x2f', '\xfd' };
    int r = 1;

    while (c->raw.size < sizeof(magic) && r > 0) {
        r = raw_read(c);
        if (r < 0)
            return r;
    }
    c->is_begun = 1;
    if (c->raw.size < sizeof(magic) || memcmp(c->raw.bytes, magic, sizeof(magic)) != 0)
        return 0;
    c->zstd = ZSTD_createDStream();
    return c->zstd ? 0 : -ENOMEM;
}

static int damaged(struct capture_reader *c, const char *why)
{
    (void)snprintf(c->problem, sizeof(c->problem), "%s", why);
    return -EBADMSG;
}

static int text_fill_zstd(struct capture_reader *c)
{
    for (;;) {
        ZSTD_inBuffer in = { c->raw.bytes, c->raw.size, c->raw.at };
        ZSTD_outBuffer out = { c->text.bytes, CHUNK_SIZE, 0 };
        int r;

        c->text.at = c->text.size = 0;
        /* Also without new input: the decoder may hold more than one chunk of output. */
        if (c->raw.at < c->raw.size || c->zstd_hint != 0) {
            size_t hint = ZSTD_decompressStream(c->zstd, &out, &in);

            if (ZSTD_isError(hint)) {
                c->is_ended = 1;
                return damaged(c, "the compressed data is damaged; the rest of the file is lost");
            }
            if (in.pos > c->raw.at || out.pos > 0)
                c->zstd_hint = hint;
            c->raw.at = in.pos;
            c->text.size = out.pos;
            if (out.pos > 0)
                return 1;
        }
        if (c->raw.at < c->raw.size)
            continue;
        c->raw.at = c->raw.size = 0;
        r = raw_read(c);
        if (r < 0)
            return r;
        if (r == 0) {
            c->is_ended = 1;
            return c->zstd_hint == 0 ? 0 : damaged(c, "the file ends inside compressed data");
        }
    }
}

/* More text. Returns: 1, 0 at the end, or an error. */
static int text_fill(struct capture_reader *c)
{
    struct chunk swap;
    int r;

    if (c->is_ended)
        return 0;
    if (!c->is_begun) {
        r = reader_begin(c);
        if (r < 0)
            return r;
    }
    if (c->zstd)
        return text_fill_zstd(c);
    if (c->raw.at == c->raw.size) {
        c->raw.at = c->raw.size = 0;
        r = raw_read(c);
        if (r < 0)
            return r;
        if (r == 0) {
            c->is_ended = 1;
            return 0;
        }
    }
    swap = c->text;
    c->text = c->raw;
    c->raw = (struct chunk){ swap.bytes, 0, 0 };
    return 1;
}

/* Returns: 0, -EFBIG beyond the limit, -ENOMEM. */
static int line_add(struct capture_reader *c, const char *bytes, size_t n)
{
    if (c->line_size + n > CAPTURE_LINE_SIZE_MAX)
        return -EFBIG;
    if (c->line_size + n > c->line_room) {
        size_t room = 2 * (c->line_size + n);
        char *line = realloc(c->line, room);

        if (!line)
            return -ENOMEM;
        c->line = line;
        c->line_room = room;
    }
    if (n > 0) /* an empty line may be the first: there is no memory yet */
        memcpy(c->line + c->line_size, bytes, n);
    c->line_size += n;
    return 0;
}

/* The next line without its newline. Returns: 1, 0 at the end, or an error; a line that is too long is passed over. */
static int line_read(struct capture_reader *c)
{
    int is_long = 0, is_any = 0;

    c->line_size = 0;
    for (;;) {
        const char *start, *newline;
        size_t n;
        int r;

        if (c->text.at == c->text.size) {
            r = text_fill(c);
            if (r < 0)
                return r;
            if (r == 0)
                break;
        }
        start = c->text.bytes + c->text.at;
        newline = memchr(start, '\n', c->text.size - c->text.at);
        n = newline ? (size_t)(newline - start) : c->text.size - c->text.at;
        c->text.at += n + (newline ? 1 : 0);
        is_any = 1;
        r = is_long ? 0 : line_add(c, start, n);
        if (r == -EFBIG)
            is_long = 1;
        else if (r < 0)
            return r;
        if (newline)
            break;
    }
    if (!is_any)
        return 0;
    c->line_number++;
    return is_long ? damaged(c, "the line is longer than 64 MiB") : 1;
}

static int line_is_blank(const struct capture_reader *c)
{
    for (size_t i = 0; i < c->line_size; i++)
        if (!strchr(" \t\r", c->line[i]) || c->line[i] == '\0')
            return 0;
    return 1;
}

int capture_next(struct capture_reader *c, struct capture_event *ret)
{
    int r;

    do {
        r = line_read(c);
        if (r <= 0)
            return r;
    } while (line_is_blank(c));
    r = capture_line_parse(c->line, c->line_size, ret, c->problem);
    return r < 0 ? r : 1;
}

uint64_t capture_line(const struct capture_reader *c)
{
    return c->line_number;
}

const char *capture_problem(const struct capture_reader *c)
{
    return c->problem;
}
