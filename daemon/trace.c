/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include "core/decimal.h"
#include "core/text.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRACE_BUFFER_SIZE (256u << 10)
#define TRACE_PIECE_MAX   1024 /* the most that is added between two looks at the room left */

struct trace {
    int fd, stop_fd;
    uint8_t is_file; /* a write to it never waits for a reader */
    int error;
    uint32_t depth;
    uint64_t line;
    struct text out;
    char memory[TRACE_BUFFER_SIZE];
};

int trace_open(int fd, int stop_fd, uint32_t depth, struct trace **ret)
{
    struct trace *t = malloc(sizeof(*t));
    struct stat st;

    if (!t)
        return -ENOMEM;
    t->fd = fd;
    t->stop_fd = stop_fd;
    t->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    t->error = 0;
    t->depth = depth;
    t->line = 0;
    text_init(&t->out, t->memory, sizeof(t->memory));
    *ret = t;
    return 0;
}

struct trace *trace_close(struct trace *t)
{
    if (t)
        (void)trace_flush(t);
    free(t);
    return NULL;
}

/* Until the descriptor takes a page without waiting. A write that waits would not be ended by a signal that is only
 * read from stop_fd. Returns: 0, -ECANCELED. */
static int room_wait(const struct trace *t)
{
    struct pollfd fds[2] = { { .fd = t->fd, .events = POLLOUT }, { .fd = t->stop_fd, .events = POLLIN } };

    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    return fds[0].revents == 0 && fds[1].revents != 0 ? -ECANCELED : 0;
}

int trace_flush(struct trace *t)
{
    const char *at = t->out.at;
    size_t left = t->out.used;

    while (left > 0 && t->error == 0) {
        size_t size = t->is_file || left < PIPE_BUF ? left : PIPE_BUF;
        ssize_t n;

        if (!t->is_file && room_wait(t) < 0) {
            t->error = -ECANCELED;
            break;
        }
        n = write(t->fd, at, size);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            t->error = -errno;
        if (n > 0) {
            at += n;
            left -= (size_t)n;
        }
    }
    text_init(&t->out, t->memory, sizeof(t->memory));
    return t->error;
}

int trace_error(const struct trace *t)
{
    return t->error;
}

void trace_line_set(struct trace *t, uint64_t line)
{
    t->line = line;
}

static void room_make(struct trace *t)
{
    if (t->out.size - t->out.used < TRACE_PIECE_MAX)
        (void)trace_flush(t);
}

static void add_decimal(struct text *out, int64_t mantissa, unsigned decimals)
{
    char digits[DECIMAL_TEXT_SIZE];

    text_add(out, "\"", 1);
    text_add(out, digits, decimal_format(mantissa, decimals, digits));
    text_add(out, "\"", 1);
}

static void add_side(struct trace *t, const char *name, const struct md_level *levels, uint32_t n,
                     const struct book_view *view)
{
    text_add_string(&t->out, name);
    for (uint32_t i = 0; i < n && i < t->depth; i++) {
        room_make(t);
        text_add_string(&t->out, i > 0 ? ",[" : "[");
        add_decimal(&t->out, levels[i].price, view->price_decimals);
        text_add(&t->out, ",", 1);
        add_decimal(&t->out, levels[i].size, view->size_decimals);
        text_add(&t->out, "]", 1);
    }
    text_add(&t->out, "]", 1);
}

static void add_string(struct trace *t, const char *name, const char *value)
{
    text_add_string(&t->out, name);
    if (!value) {
        text_add_string(&t->out, "null");
        return;
    }
    text_add(&t->out, "\"", 1);
    text_add_json(&t->out, value, strlen(value));
    text_add(&t->out, "\"", 1);
}

void trace_watch(void *context, const struct feed_input *in, const struct venue *venue, const char *symbol,
                 enum book_step step, enum reason reason, const struct book *book)
{
    struct trace *t = context;
    struct book_view view = { 0 };

    (void)in;
    if (t->error < 0)
        return;
    if (book)
        book_view(book, &view);
    room_make(t);
    text_add_string(&t->out, "{\"line\":");
    text_add_u64(&t->out, t->line);
    add_string(t, ",\"venue\":", venue->name);
    add_string(t, ",\"symbol\":", symbol);
    if (book && step <= BOOK_CHECKSUM) {
        text_add_string(&t->out, ",\"k\":");
        text_add_u64(&t->out, view.n_applied);
    }
    add_string(t, ",\"event\":", book_step_word(step));
    add_string(t, ",\"state\":", book ? verdict_state_word(view.verdict.state) : NULL);
    add_string(t, ",\"reason\":", verdict_reason_word(reason));
    if (book && step <= BOOK_CHECKSUM) {
        add_side(t, ",\"bids\":[", view.bids, view.n_bids, &view);
        add_side(t, ",\"asks\":[", view.asks, view.n_asks, &view);
    }
    room_make(t);
    text_add(&t->out, "}\n", 2);
}
