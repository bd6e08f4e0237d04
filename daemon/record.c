/* SPDX-License-Identifier: MIT
 * The queue between the feeds' thread and the recorder's. Each side owns its end of the ring; the mutex covers only the
 * few numbers that say where the ends are, so neither ever holds it while it copies, compresses or writes. */
#include "record.h"

#include "capture.h"
#include "core/clock.h"
#include "core/log.h"
#include "record_file.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define FLUSH_NS    1000000000ll
#define ENTRY_ALIGN 16u

/* In the ring: this, the URL and the deeds, each with its NUL if there is one, the bytes; whole, never around the end.
 */
struct entry {
    uint32_t size; /* with all that follows, aligned; 0: go on at the start of the ring */
    uint32_t venue;
    uint32_t url_size, deeds_size, bytes_size;
    uint32_t conn;
    uint8_t kind, has_bytes;
    int64_t recv_ns;
};

struct recorder {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    /* under the mutex */
    size_t head, tail; /* the next entry goes to head; the oldest is at tail; equal: empty */
    uint8_t is_ending, is_waiting;
    struct recorder_counts counts;
    /* the caller's thread */
    uint8_t is_error_logged;
    /* the recorder's thread */
    struct record_file *files[RECORD_VENUES_MAX];
    char *line;
    size_t line_room;
    uint32_t n_venues;
    char *ring; /* RECORD_QUEUE_SIZE; pages are touched as they are used */
};

static void entry_drop(struct recorder *r)
{
    (void)pthread_mutex_lock(&r->mutex);
    r->counts.dropped++;
    (void)pthread_mutex_unlock(&r->mutex);
}

/* Where an entry of this size can go: at the head, or at the start when the end of the ring is too near. One byte more
 * than needed stays free, so that a full ring does not look empty. Returns: 1 and the place, or 0. */
static int ring_reserve(size_t size, size_t head, size_t tail, size_t *ret_at)
{
    if (head >= tail) {
        if (RECORD_QUEUE_SIZE - head >= size + sizeof(struct entry)) {
            *ret_at = head;
            return 1;
        }
        *ret_at = 0;
        return size < tail;
    }
    *ret_at = head;
    return tail - head > size;
}

static size_t string_size(const char *string)
{
    return string ? strlen(string) + 1 : 0;
}

static void entry_put(struct recorder *r, size_t at, uint32_t venue, const struct feed_input *in, size_t size)
{
    size_t url_size = string_size(in->url), deeds_size = string_size(in->deeds);
    char *to = r->ring + at;
    struct entry entry = {
        .size = (uint32_t)size,
        .venue = venue,
        .url_size = (uint32_t)url_size,
        .deeds_size = (uint32_t)deeds_size,
        .bytes_size = (uint32_t)in->bytes_size,
        .conn = in->conn,
        .kind = (uint8_t)in->kind,
        .has_bytes = in->bytes != NULL,
        .recv_ns = in->recv_ns,
    };

    memcpy(to, &entry, sizeof(entry));
    if (url_size > 0)
        memcpy(to + sizeof(entry), in->url, url_size);
    if (deeds_size > 0)
        memcpy(to + sizeof(entry) + url_size, in->deeds, deeds_size);
    if (in->bytes_size > 0)
        memcpy(to + sizeof(entry) + url_size + deeds_size, in->bytes, in->bytes_size);
}

static int kind_is_recorded(enum feed_input_kind kind)
{
    return kind == FEED_INPUT_OPEN || kind == FEED_INPUT_CLOSE || kind == FEED_INPUT_TX || kind == FEED_INPUT_RX ||
           kind == FEED_INPUT_HTTP;
}

int recorder_take(struct recorder *r, uint32_t venue, const struct feed_input *in)
{
    size_t size = sizeof(struct entry) + string_size(in->url) + string_size(in->deeds) + in->bytes_size;
    size_t head, tail, at;
    struct entry wrap = { .size = 0 };
    int is_stopped, wake;

    assert(venue < r->n_venues);
    if (!kind_is_recorded(in->kind))
        return 0;
    size = (size + ENTRY_ALIGN - 1) & ~(size_t)(ENTRY_ALIGN - 1);
    (void)pthread_mutex_lock(&r->mutex);
    if (r->head == r->tail)
        r->head = r->tail = 0; /* a quiet queue keeps to its first pages */
    head = r->head;
    tail = r->tail;
    is_stopped = r->counts.error != 0;
    (void)pthread_mutex_unlock(&r->mutex);
    if (is_stopped || !ring_reserve(size, head, tail, &at)) {
        entry_drop(r);
        return -ENOBUFS;
    }
    if (at != head)
        memcpy(r->ring + head, &wrap, sizeof(wrap));
    entry_put(r, at, venue, in, size);
    (void)pthread_mutex_lock(&r->mutex);
    r->head = at + size;
    wake = r->is_waiting;
    (void)pthread_mutex_unlock(&r->mutex);
    if (wake)
        (void)pthread_cond_signal(&r->cond);
    return 1;
}

/* Below: the recorder's thread. */

static int line_room_make(struct recorder *r, size_t size)
{
    char *line;

    if (size <= r->line_room)
        return 0;
    line = realloc(r->line, size);
    if (!line)
        return -ENOMEM;
    r->line = line;
    r->line_room = size;
    return 0;
}

static int entry_write(struct recorder *r, const struct entry *entry, const char *payload)
{
    struct capture_event event = {
        .kind = (enum feed_input_kind)entry->kind,
        .has_time = 1,
        .recv_ns = entry->recv_ns,
        .conn = entry->conn,
        .url = entry->url_size > 0 ? payload : NULL,
        .bytes = entry->has_bytes ? payload + entry->url_size + entry->deeds_size : NULL,
        .bytes_size = entry->bytes_size,
        .did = entry->deeds_size > 0 ? payload + entry->url_size : NULL,
    };
    struct text text;

    if (line_room_make(r, capture_line_size_max(&event)) < 0)
        return -ENOMEM;
    text_init(&text, r->line, r->line_room);
    capture_line_write(&text, &event);
    return record_file_line(r->files[entry->venue], r->line, text.used, clock_real_ns());
}

static int files_flush(struct recorder *r)
{
    int error = 0;

    for (uint32_t i = 0; i < r->n_venues; i++) {
        int one = record_file_flush(r->files[i]);

        error = error ? error : one;
    }
    return error;
}

static int queue_wait(struct recorder *r, int64_t until_ns, size_t *ret_tail)
{
    struct timespec until = { until_ns / 1000000000, until_ns % 1000000000 };
    int state;

    (void)pthread_mutex_lock(&r->mutex);
    while (r->head == r->tail && !r->is_ending) {
        r->is_waiting = 1;
        if (pthread_cond_timedwait(&r->cond, &r->mutex, &until) == ETIMEDOUT)
            break;
    }
    r->is_waiting = 0;
    *ret_tail = r->tail;
    state = r->head != r->tail ? 1 : r->is_ending ? -1 : 0;
    (void)pthread_mutex_unlock(&r->mutex);
    return state;
}

/* An entry is done: its place is free, and it counts. */
static void queue_pass(struct recorder *r, size_t tail, int error)
{
    (void)pthread_mutex_lock(&r->mutex);
    r->tail = tail;
    if (error < 0 && r->counts.error == 0)
        r->counts.error = -error;
    if (r->counts.error != 0)
        r->counts.dropped++;
    else
        r->counts.events++;
    (void)pthread_mutex_unlock(&r->mutex);
}

static void error_set(struct recorder *r, int error)
{
    (void)pthread_mutex_lock(&r->mutex);
    if (r->counts.error == 0)
        r->counts.error = -error;
    (void)pthread_mutex_unlock(&r->mutex);
}

static int64_t monotonic_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *recorder_run(void *context)
{
    struct recorder *r = context;
    int64_t flush_ns = monotonic_ns() + FLUSH_NS;
    int error = 0;

    for (;;) {
        struct entry entry;
        size_t tail;
        int state = queue_wait(r, flush_ns, &tail);

        if (monotonic_ns() >= flush_ns || state < 0) {
            flush_ns = monotonic_ns() + FLUSH_NS;
            error = error < 0 ? error : files_flush(r);
            if (error < 0)
                error_set(r, error);
        }
        if (state < 0)
            return NULL;
        if (state == 0)
            continue;
        memcpy(&entry, r->ring + tail, sizeof(entry));
        if (entry.size == 0) {
            tail = 0;
            memcpy(&entry, r->ring, sizeof(entry));
        }
        error = error < 0 ? error : entry_write(r, &entry, r->ring + tail + sizeof(entry));
        queue_pass(r, tail + entry.size, error);
    }
}

static struct recorder *recorder_free(struct recorder *r)
{
    for (uint32_t i = 0; i < RECORD_VENUES_MAX; i++)
        r->files[i] = record_file_close(r->files[i]);
    if (r->ring)
        (void)munmap(r->ring, RECORD_QUEUE_SIZE);
    free(r->line);
    free(r);
    return NULL;
}

static int files_open(struct recorder *r, const struct recorder_options *o)
{
    uint64_t file_size_max = o->file_size_max ? o->file_size_max : RECORD_FILE_SIZE_DEFAULT;
    uint64_t total_size_max = o->total_size_max ? o->total_size_max : RECORD_TOTAL_SIZE_DEFAULT;

    for (uint32_t i = 0; i < o->n_venues; i++) {
        int error =
            record_file_open(o->directory, o->venues[i], file_size_max, total_size_max / o->n_venues, &r->files[i]);

        if (error < 0)
            return error;
        r->n_venues++;
    }
    return 0;
}

static int thread_start(struct recorder *r)
{
    pthread_condattr_t attributes;
    sigset_t all, before;
    int error;

    (void)pthread_mutex_init(&r->mutex, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&r->cond, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    /* Signals are the loop's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&r->thread, NULL, recorder_run, r);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

int recorder_open(const struct recorder_options *options, struct recorder **ret)
{
    struct recorder *r;
    int error;

    if (options->n_venues == 0 || options->n_venues > RECORD_VENUES_MAX)
        return -ENOSPC;
    r = calloc(1, sizeof(*r));
    if (!r)
        return -ENOMEM;
    r->ring = mmap(NULL, RECORD_QUEUE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (r->ring == MAP_FAILED) {
        r->ring = NULL;
        error = -ENOMEM;
    } else {
        error = files_open(r, options);
    }
    if (error == 0)
        error = thread_start(r);
    if (error < 0) {
        (void)recorder_free(r);
        return error;
    }
    *ret = r;
    return 0;
}

struct recorder *recorder_close(struct recorder *r)
{
    if (!r)
        return NULL;
    (void)pthread_mutex_lock(&r->mutex);
    r->is_ending = 1;
    (void)pthread_mutex_unlock(&r->mutex);
    (void)pthread_cond_signal(&r->cond);
    (void)pthread_join(r->thread, NULL);
    (void)pthread_cond_destroy(&r->cond);
    (void)pthread_mutex_destroy(&r->mutex);
    return recorder_free(r);
}

void recorder_counts(struct recorder *r, struct recorder_counts *ret)
{
    (void)pthread_mutex_lock(&r->mutex);
    *ret = r->counts;
    (void)pthread_mutex_unlock(&r->mutex);
    if (ret->error == 0 || r->is_error_logged)
        return;
    r->is_error_logged = 1;
    log_err("record.stopped", F_STR("why", strerrordesc_np(ret->error)));
}
