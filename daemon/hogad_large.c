/* SPDX-License-Identifier: MIT
 * hogad_large.c - messages that are too long for a turn of the loop: a snapshot of 5 MB takes 6 ms to decode, 30 where
 * it is spelled in an unusual way. Its memory goes to the worker, which decodes it into a frame of its own; the
 * connection that it came on waits meanwhile, so order is kept, and all others go on. What is left for the loop is to
 * take the best of it into the book. */
#include "core/log.h"
#include "hogad_private.h"
#include "loop/loop.h"
#include "loop/worker.h"
#include "net/ws.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct large_job {
    struct worker_job job; /* first */
    struct hogad *daemon;
    struct large_job *next; /* all of them */
    struct feed_input in;
    char *memory; /* that in.bytes lie in; freed when they have been read */
    const struct venue *venue;
    uint8_t source;
    uint8_t is_dropped; /* its connection has ended since */
    uint8_t is_recorded;
    int result;
    char url[CONFIG_URL_SIZE];
};

static void job_run(struct worker_job *job)
{
    struct large_job *j = (struct large_job *)job;

    j->result = pipeline_decode(j->venue, j->source, &j->in, j->daemon->large_frame);
    if (j->result == 0 && !j->venue->has_digits)
        book_frame_sort(j->daemon->large_frame);
    if (j->is_recorded)
        return;      /* its bytes are written down when it is taken */
    free(j->memory); /* here: giving megabytes back takes a while */
    j->memory = NULL;
}

static void job_free(struct large_job *j)
{
    struct large_job **at = &j->daemon->large_jobs;

    while (*at != j)
        at = &(*at)->next;
    *at = j->next;
    free(j->memory);
    free(j);
}

static void job_drop(struct worker_job *job)
{
    job_free((struct large_job *)job);
}

static void job_done(struct worker_job *job)
{
    struct large_job *j = (struct large_job *)job;
    struct hogad *d = j->daemon;
    uint32_t conn = j->in.conn;
    int is_dropped = j->is_dropped, is_rx = j->in.kind == FEED_INPUT_RX;
    struct session *s;

    if (!is_dropped && d->stop_boot_ns == 0) {
        pipeline_feed_decoded(d->pipeline, &j->in, d->large_frame, j->result);
        if (j->is_recorded)
            hogad_record(d, &j->in);
    }
    job_free(j);
    if (!is_dropped) {
        s = is_rx ? hogad_session(d, conn) : NULL;
        if (s && session_ws(s))
            ws_resume(session_ws(s));
    }
    hogad_turn_over(d);
}

static struct large_job *job_new(struct hogad *d, const struct feed_input *in)
{
    struct hogad_venue *hv = hogad_venue_of_conn(d, in->conn);
    struct large_job *j = d->worker && in->bytes_size >= HOGAD_LARGE_SIZE ? malloc(sizeof *j) : NULL;

    if (!j)
        return NULL;
    *j = (struct large_job){ .job = { .run = job_run, .done = job_done, .drop = job_drop },
                             .daemon = d,
                             .in = *in,
                             .venue = hv->venue,
                             .source = hv->source,
                             .is_recorded = d->recorder != NULL };
    j->in.url = in->url && text_copy(j->url, sizeof j->url, in->url) == 0 ? j->url : NULL;
    return j;
}

/* `memory` holds the bytes. Without it there is no job after all. Returns 1 if there is. */
static int job_give(struct hogad *d, struct large_job *j, char *memory)
{
    if (!memory) {
        free(j);
        return 0;
    }
    j->memory = memory;
    j->next = d->large_jobs;
    d->large_jobs = j;
    worker_give(d->worker, &j->job);
    return 1;
}

int hogad_large_message(struct hogad *d, const struct feed_input *in)
{
    struct session *s = hogad_session(d, in->conn);
    struct large_job *j = s && session_ws(s) ? job_new(d, in) : NULL;

    return j && job_give(d, j, ws_message_take(session_ws(s)));
}

int hogad_large_answer(struct hogad *d, const struct feed_input *in, char **io_owner)
{
    struct large_job *j = io_owner && *io_owner ? job_new(d, in) : NULL;

    if (!j || !job_give(d, j, *io_owner))
        return 0;
    *io_owner = NULL;
    return 1;
}

void hogad_large_drop(struct hogad *d, uint32_t conn)
{
    for (struct large_job *j = d->large_jobs, *next; j; j = next) {
        next = j->next;
        if (j->in.conn != conn)
            continue;
        if (worker_take_back(d->worker, &j->job))
            job_free(j);
        else
            j->is_dropped = 1;
    }
}

int hogad_large_start(struct hogad *d)
{
    int r = md_frame_new(&d->large_frame);

    return r < 0 ? r : worker_new(loop_base(d->loop), &d->worker);
}

void hogad_large_end(struct hogad *d)
{
    d->worker = worker_free(d->worker);
    d->large_frame = md_frame_free(d->large_frame);
}
