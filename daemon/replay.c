/* SPDX-License-Identifier: MIT
 * A main program around the pipeline: a capture instead of the network, the capture's clock instead of ours. */
#include "replay.h"

#include "capture.h"
#include "core/clock.h"
#include "core/decimal.h"
#include "core/log.h"
#include "pipeline.h"
#include "publish/counter.h"
#include "trace.h"

#include <errno.h>
#include <libintl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define _(text) gettext(text)

#define REPLAY_BOOKS_MAX      4096
#define REPLAY_LEVELS_MAX     5000 /* a side, kept; more if --depth asks for more */
#define REPLAY_HEARTBEAT_NS   100000000ll
#define REPLAY_TICK_NS        100000000ll /* the capture's time between two ticks, as of a live daemon's loop */
#define REPLAY_COMPLAINTS_MAX 20          /* damaged lines that are named; the rest is counted */
#define REPLAY_MODE           0640

struct replay {
    const struct replay_options *options;
    const struct venue *venue;
    int stop_fd;
    struct capture_reader *capture;
    struct trace *trace;
    struct writer *writer;
    struct feed *feed;
    struct pipeline *pipeline;
    int64_t first_ns, first_boot_ns; /* the capture's first time, and when it was replayed */
    int64_t now_ns, tick_ns;         /* the capture's clock */
    int64_t heartbeat_boot_ns;
    uint64_t n_damaged;
    uint8_t is_begun;                 /* the first event has been seen */
    char *urls[FEED_CONNECTIONS_MAX]; /* of the connections, as their opening said; NULL: not said */
};

int replay_speed_parse(const char *text, uint32_t *ret_permille)
{
    int64_t permille;

    if (strcmp(text, "max") == 0) {
        *ret_permille = 0;
        return 0;
    }
    if (decimal_parse_at(text, strlen(text), 3, &permille) < 0 || permille <= 0 || permille > UINT32_MAX)
        return -EINVAL;
    *ret_permille = (uint32_t)permille;
    return 0;
}

static void complain(const char *what, const char *why, const char *remedy)
{
    (void)fprintf(stderr, "hogad: %s: %s%s%s\n", what, why, remedy[0] ? ": " : "", remedy);
}

static void replay_heartbeat(struct replay *rp)
{
    int64_t boot_ns;

    if (!rp->writer)
        return;
    (void)writer_wake(rp->writer);
    boot_ns = clock_boot_ns();
    if (boot_ns - rp->heartbeat_boot_ns < REPLAY_HEARTBEAT_NS)
        return;
    rp->heartbeat_boot_ns = boot_ns;
    writer_heartbeat(rp->writer, boot_ns);
}

/* Wait for bytes on `fd` (-1: none) until `until_boot_ns`, with a heartbeat now and then.
 * Returns: 1 bytes, 0 time is up, -ECANCELED a signal ends the replay. */
static int replay_wait(struct replay *rp, int fd, int64_t until_boot_ns)
{
    for (;;) {
        struct pollfd fds[2] = { { .fd = rp->stop_fd, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
        int64_t left_ns = until_boot_ns - clock_boot_ns();
        struct timespec slice = { 0 };
        int r;

        if (left_ns > REPLAY_HEARTBEAT_NS)
            left_ns = REPLAY_HEARTBEAT_NS;
        if (left_ns > 0)
            slice.tv_nsec = left_ns;
        r = ppoll(fds, 2, &slice, NULL);
        if (r > 0 && fds[0].revents)
            return -ECANCELED;
        if (r > 0)
            return 1;
        replay_heartbeat(rp);
        if (left_ns <= 0)
            return 0;
    }
}

static int wait_for_bytes(void *context, int fd)
{
    int r;

    do
        r = replay_wait(context, fd, INT64_MAX);
    while (r == 0);
    return r < 0 ? r : 0;
}

/* The venue is the folder that holds the file. */
static int venue_of_path(const char *path, char *name, size_t name_size)
{
    char *whole = realpath(path, NULL), *slash = whole ? strrchr(whole, '/') : NULL;

    name[0] = '\0';
    if (!whole)
        return -errno;
    if (slash) {
        *slash = '\0';
        slash = strrchr(whole, '/');
        (void)snprintf(name, name_size, "%s", slash ? slash + 1 : whole);
    }
    free(whole);
    return 0;
}

static int venue_choose(struct replay *rp)
{
    char name[64];
    int r;

    if (rp->options->venue) {
        (void)snprintf(name, sizeof(name), "%s", rp->options->venue);
    } else if (strcmp(rp->options->path, "-") == 0) {
        complain("-", _("standard input has no folder that names the venue"), _("use --venue NAME"));
        return -EINVAL;
    } else {
        r = venue_of_path(rp->options->path, name, sizeof(name));
        if (r < 0) {
            complain(rp->options->path, strerror(-r), "");
            return r;
        }
    }
    rp->venue = venue_find(name);
    if (rp->venue)
        return 0;
    complain(name, _("no such venue"), _("use --venue with one of those that hogad knows"));
    return -EINVAL;
}

/* From here on SIGINT and SIGTERM are read, not suffered: nothing is cut in the middle. */
static int signals_take(struct replay *rp)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return -errno;
    rp->stop_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return rp->stop_fd < 0 ? -errno : 0;
}

static uint32_t replay_depth(const struct replay *rp)
{
    uint32_t depth = rp->options->depth ? rp->options->depth : REPLAY_DEPTH_DEFAULT;

    return depth < BOOK_LEVELS_MAX ? depth : BOOK_LEVELS_MAX;
}

/* Replayed books never appear on a default path: without a word of where, they are not published. */
static int segment_open(struct replay *rp)
{
    struct writer_options options = {
        .layout = { .books_max = HOGA_BOOKS_MAX_DEFAULT,
                    .depth = replay_depth(rp) < HOGA_DEPTH_LIMIT ? replay_depth(rp) : HOGA_DEPTH_LIMIT,
                    .connections_max = HOGA_CONNECTIONS_MAX,
                    .counters_max = COUNTER_COUNT,
                    .histograms_max = PIPELINE_HISTOGRAMS_PER_FEED,
                    .trades = HOGA_TRADES_DEFAULT,
                    .has_day = 1 },
        .daemon_version = HOGA_VERSION,
        .source = HOGA_SO_REPLAY,
        .mode = REPLAY_MODE,
        .counter_names = counter_names,
        .counter_units = counter_units,
    };
    struct segment_problem problem = { 0 };
    char path[SEGMENT_PATH_SIZE], venue[HOGA_VENUE_SIZE], symbol[HOGA_SYMBOL_SIZE];
    int r = segment_path_daemon(rp->options->segment, 0, path, &problem);

    if (r == -ENOENT && !rp->options->segment && !getenv("HOGA_SEGMENT"))
        return 0;
    if (r == 0) {
        options.path = path;
        r = writer_open(&options, &rp->writer, &problem);
    }
    if (r < 0) {
        complain(problem.what, problem.why, problem.remedy);
        return r;
    }
    for (uint32_t slot = 0; slot < writer_books_max(rp->writer); slot++)
        if (writer_slot_name(rp->writer, slot, venue, symbol))
            writer_slot_free(rp->writer, slot, clock_real_ns());
    rp->heartbeat_boot_ns = clock_boot_ns();
    writer_ready(rp->writer, rp->heartbeat_boot_ns);
    return 0;
}

static int road_open(struct replay *rp)
{
    struct feed_options feed = {
        .venue = rp->venue,
        .books_max = REPLAY_BOOKS_MAX,
        .levels_max = replay_depth(rp) > REPLAY_LEVELS_MAX ? replay_depth(rp) : REPLAY_LEVELS_MAX,
        .source = SOURCE_REPLAY,
        .is_replay = 1,
    };
    struct pipeline_options pipeline = { .writer = rp->writer };
    int r = feed_new(&feed, &rp->feed);

    if (r == 0 && rp->options->is_trace)
        r = trace_open(STDOUT_FILENO, rp->stop_fd, replay_depth(rp), &rp->trace);
    if (r == 0 && rp->trace) {
        pipeline.watch = trace_watch;
        pipeline.watch_context = rp->trace;
    }
    if (r == 0)
        r = pipeline_new(&pipeline, &rp->pipeline);
    if (r == 0)
        r = pipeline_feed_add(rp->pipeline, rp->feed, rp->venue, SOURCE_REPLAY, 0, FEED_CONNECTIONS_MAX);
    if (r < 0)
        complain("replay", strerror(-r), "");
    return r;
}

static void replay_done(struct replay *rp)
{
    rp->pipeline = pipeline_free(rp->pipeline);
    rp->trace = trace_close(rp->trace);
    rp->feed = feed_free(rp->feed);
    rp->writer = writer_close(rp->writer);
    rp->capture = capture_close(rp->capture);
    for (uint32_t i = 0; i < FEED_CONNECTIONS_MAX; i++)
        free(rp->urls[i]);
    if (rp->stop_fd >= 0)
        (void)close(rp->stop_fd);
}

/* The capture's time runs where CLOCK_BOOTTIME stood at the first event, so that ages in the segment mean something. */
static int64_t boot_of(const struct replay *rp, int64_t real_ns)
{
    return rp->writer ? rp->first_boot_ns + (real_ns - rp->first_ns) : real_ns;
}

/* The capture's clock moves to this event: wait for it if a speed is asked for, then let deadlines see it. */
static int clock_advance(struct replay *rp, const struct capture_event *event)
{
    struct feed_input tick = { .kind = FEED_INPUT_TICK };
    int r = 0;

    if (!event->has_time)
        return 0;
    if (rp->first_ns == 0) {
        rp->first_ns = rp->tick_ns = event->recv_ns;
        rp->first_boot_ns = clock_boot_ns();
    }
    /* One that was decoded beside the loop was taken later than others that came after it. */
    rp->now_ns = event->recv_ns > rp->now_ns ? event->recv_ns : rp->now_ns;
    if (rp->options->speed_permille > 0 && event->recv_ns > rp->first_ns) {
        __int128 passed_ns = (__int128)(event->recv_ns - rp->first_ns) * 1000 / rp->options->speed_permille;

        if (passed_ns > INT64_MAX / 2)
            passed_ns = INT64_MAX / 2;
        if (rp->trace)
            (void)trace_flush(rp->trace);
        r = replay_wait(rp, -1, rp->first_boot_ns + (int64_t)passed_ns);
    }
    if (event->recv_ns - rp->tick_ns >= REPLAY_TICK_NS) {
        rp->tick_ns = tick.recv_ns = event->recv_ns;
        tick.now_boot_ns = boot_of(rp, event->recv_ns);
        pipeline_feed(rp->pipeline, &tick);
    }
    return r;
}

/* Of the request, or of the connection: each line may say it, or the opening alone. Returns: 0, -ENOMEM. */
static int url_take(struct replay *rp, const struct capture_event *event, const char **ret)
{
    char **url = &rp->urls[event->conn];

    *ret = event->url;
    if (event->kind == FEED_INPUT_RX && !event->url)
        *ret = *url;
    if (event->kind != FEED_INPUT_OPEN)
        return 0;
    free(*url);
    *url = event->url ? strdup(event->url) : NULL;
    return event->url && !*url ? -ENOMEM : 0;
}

static void event_take(struct replay *rp, const struct capture_event *event, const char *url)
{
    struct feed_input in = {
        .kind = event->kind,
        .conn = event->conn,
        .recv_ns = rp->now_ns,
        .now_boot_ns = boot_of(rp, rp->now_ns),
        .state = event->kind == FEED_INPUT_CLOSE ? STATE_DOWN : STATE_EMPTY,
        .reason = event->kind == FEED_INPUT_CLOSE ? REASON_CLOSED_BY_VENUE : REASON_NONE,
        .url = url,
        .bytes = event->bytes,
        .bytes_size = event->bytes_size,
        .deeds = event->did,
    };

    if (rp->trace)
        trace_line_set(rp->trace, capture_line(rp->capture));
    pipeline_feed(rp->pipeline, &in);
    if (event->did)
        pipeline_settle(rp->pipeline, rp->now_ns); /* slots of books that went */
}

static void line_damaged(struct replay *rp, const char *why)
{
    if (rp->n_damaged++ >= REPLAY_COMPLAINTS_MAX)
        return;
    (void)fprintf(stderr, "hogad: %s:%llu: %s: skipped\n", rp->options->path,
                  (unsigned long long)capture_line(rp->capture), why);
}

/* A file of a recording that is not its first lacks what the daemon's start says (feed/deeds.c, 'o'), and the books of
 * before. What comes whole in it is right; who misses the rest is told why. */
static void begin_look(struct replay *rp, const struct capture_event *event)
{
    if (rp->is_begun)
        return;
    rp->is_begun = 1;
    if (event->has_conn && (!event->did || event->did[0] != 'o'))
        (void)fprintf(stderr,
                      _("hogad: %s: begins in the middle of a recording: each book begins with what comes whole: put "
                        "the files of a run one behind the other\n"),
                      rp->options->path);
}

/* Until the end, a signal, or a closed pipe. Returns: 0, or the error that ended the reading. */
static int replay_lines(struct replay *rp)
{
    for (;;) {
        struct capture_event event;
        const char *url;
        int r = capture_next(rp->capture, &event);

        if (r == 0)
            return 0;
        if (r == -EBADMSG) {
            line_damaged(rp, capture_problem(rp->capture));
            continue;
        }
        if (r > 0 && event.conn >= FEED_CONNECTIONS_MAX) {
            line_damaged(rp, "conn is out of range");
            continue;
        }
        if (r > 0) {
            begin_look(rp, &event);
            r = clock_advance(rp, &event);
        }
        if (r >= 0)
            r = url_take(rp, &event, &url);
        if (r < 0)
            return r;
        /* A payload that was withheld from the capture cannot be taken. */
        if (event.bytes || (event.kind != FEED_INPUT_RX && event.kind != FEED_INPUT_HTTP))
            event_take(rp, &event, url);
        r = feed_appear_error(rp->feed);
        if (r < 0)
            return r;
        replay_heartbeat(rp);
        if (rp->trace && trace_error(rp->trace) < 0)
            return trace_error(rp->trace);
    }
}

static int replay_judge(struct replay *rp, int r)
{
    if (r == 0 && rp->trace)
        r = trace_flush(rp->trace);
    if (rp->n_damaged > REPLAY_COMPLAINTS_MAX)
        (void)fprintf(stderr, _("hogad: %s: %llu lines skipped in all\n"), rp->options->path,
                      (unsigned long long)rp->n_damaged);
    if (r == -ECANCELED || r == -EPIPE)
        return 0; /* told to stop */
    if (r < 0)
        complain(rp->options->path, strerror(-r), "");
    return r < 0 || rp->n_damaged > 0;
}

int replay_run(const struct replay_options *options)
{
    struct replay rp = { .options = options, .stop_fd = -1 };
    int r;

    /* A trace is for a program; a state change of every book is in it already. */
    log_set_level(LOG_LEVEL_ERR);
    r = signals_take(&rp);
    if (r == 0)
        r = capture_open(options->path, wait_for_bytes, &rp, &rp.capture);
    if (r < 0) {
        complain(options->path, strerror(-r), "");
        replay_done(&rp);
        return 1;
    }
    r = venue_choose(&rp);
    if (r < 0) {
        replay_done(&rp);
        return r == -EINVAL ? 2 : 1;
    }
    if (segment_open(&rp) < 0 || road_open(&rp) < 0) {
        replay_done(&rp);
        return 1;
    }
    r = replay_judge(&rp, replay_lines(&rp));
    replay_done(&rp);
    return r;
}
