/* SPDX-License-Identifier: MIT
 * hogad.c - the composition root: what is made, in which order, and how it ends. Policy is elsewhere. */
#include "hogad.h"

#include "core/clock.h"
#include "core/log.h"
#include "hogad_events.h"
#include "hogad_private.h"
#include "ledger.h"
#include "loop/journal.h"
#include "loop/loop.h"
#include "loop/notify.h"
#include "loop/resolve.h"
#include "net/ws.h"
#include "publish/counter.h"

#include <errno.h>
#include <libintl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARTBEAT_MS  ((int64_t)(HOGA_HEARTBEAT_NS / 1000000))
#define STOP_CHECK_MS 5
/* Blocks from here on are mapped one by one. Left to itself, glibc raises this to 32 MB after the first large block and
 * then keeps what a message of 16 MB needed, for ever. */
#define MAPPED_BLOCK_SIZE (512 << 10)

#define _(text) gettext(text)

void hogad_complain(const char *what, const char *why, const char *remedy)
{
    (void)fprintf(stderr, "hogad: %s: %s%s%s\n", what, why, remedy && remedy[0] ? ": " : "", remedy ? remedy : "");
}

/* What has not been said yet. */
static int said(int r, const char *what)
{
    if (r < 0)
        hogad_complain(what, strerror(-r), NULL);
    return r;
}

/* --- configuration ------------------------------------------------------------------------------------------------ */

static int venues_check(const struct config *c, struct config_problem *ret)
{
    for (uint32_t i = 0; i < c->n_venues; i++) {
        const struct config_venue *cv = &c->venues[i];
        struct url url;

        if (cv->url[0] && url_parse(cv->url, &url) < 0) {
            (void)snprintf(ret->text, sizeof ret->text, "%s: [%s] url: \"%s\" is no WebSocket URL", c->file, cv->name,
                           cv->url);
            return -EINVAL;
        }
        if (hogad_patterns_check(c, cv, ret) < 0)
            return -EINVAL;
    }
    return hogad_connections_check(c, ret);
}

int hogad_config_read(const char *file, struct config **ret, struct config_problem *ret_problem)
{
    const char *names[CONFIG_VENUES_MAX];
    struct config_search search = { .file = file, .venues = names };
    const struct venue *v;
    struct config *c;
    int r;

    while (search.n_venues < CONFIG_VENUES_MAX && (v = venue_at((unsigned)search.n_venues)) != NULL)
        names[search.n_venues++] = v->name;
    ret_problem->text[0] = '\0';
    r = config_load(&search, &c, ret_problem);
    if (r < 0)
        return r;
    r = venues_check(c, ret_problem);
    if (r < 0) {
        (void)config_free(c);
        return r;
    }
    *ret = c;
    return 0;
}

int hogad_config(const char *file, struct config **ret)
{
    struct config_problem problem;
    int r = hogad_config_read(file, ret, &problem);

    if (r < 0 && problem.text[0])
        (void)fprintf(stderr, "hogad: %s\n", problem.text);
    return r < 0 && !problem.text[0] ? said(r, _("configuration")) : r;
}

/* --- what arrives ------------------------------------------------------------------------------------------------- */

void hogad_input(void *context, const struct feed_input *in)
{
    struct hogad *d = context;

    if (in->kind == FEED_INPUT_CLOSE)
        hogad_large_drop(d, in->conn);
    if (in->kind == FEED_INPUT_RX && in->bytes_size >= HOGAD_LARGE_SIZE && hogad_large_message(d, in))
        return; /* it is recorded when it is taken */
    pipeline_feed(d->pipeline, in);
    hogad_record(d, in);
}

/* After each batch of inputs of one descriptor, not after the whole turn: libevent 2.1 has no hook there, a deferred
 * event would cost another epoll_wait before a sleeping reader wakes, and without sleepers this is one load. */
void hogad_turn_over(void *context)
{
    struct hogad *d = context;

    if (d->is_in_turn_over)
        return;
    d->is_in_turn_over = 1;
    hogad_redials_do(d);
    d->is_in_turn_over = 0;
    writer_counter_add(d->writer, COUNTER_LOOP_TURNS, 1);
    hogad_events_turn(d, writer_changed_bits(d->writer));
    if (writer_wake(d->writer))
        writer_counter_add(d->writer, COUNTER_WAKES, 1);
}

void hogad_tick(void *context)
{
    struct hogad *d = context;
    struct feed_input in = { .kind = FEED_INPUT_TICK, .recv_ns = clock_real_ns(), .now_boot_ns = clock_boot_ns() };

    for (uint32_t conn = 0; conn < d->n_lines; conn++) {
        if (d->lines[conn].session)
            session_tick(d->lines[conn].session, in.now_boot_ns);
    }
    hogad_sessions_end(d);
    log_flush(0);
    if (d->stop_boot_ns == 0) {
        pipeline_feed(d->pipeline, &in);
        hogad_catalogues_settle(d);
        hogad_leases_settle(d);
    }
    hogad_turn_over(d);
}

void hogad_status_words(const struct hogad *d, char ret[HOGAD_STATUS_SIZE])
{
    struct text t;
    uint32_t live = 0, wanted = 0;
    int64_t lag_ns = -1;

    for (uint32_t i = 0; i < d->n_venues; i++) {
        uint32_t l = 0, w = 0;

        feed_count(d->venues[i].feed, &l, &w);
        live += l;
        wanted += w;
        lag_ns = feed_lag_worst_ns(d->venues[i].feed) > lag_ns ? feed_lag_worst_ns(d->venues[i].feed) : lag_ns;
    }
    text_init(&t, ret, HOGAD_STATUS_SIZE);
    text_addf(&t, "%u/%u live", live, wanted);
    if (lag_ns >= 0)
        text_addf(&t, ", worst lag %u.%u ms", (unsigned)(lag_ns / 1000000), (unsigned)(lag_ns / 100000 % 10));
    for (uint32_t conn = 0; conn < d->n_lines; conn++) {
        const struct hogad_venue *hv = &d->venues[d->lines[conn].venue];
        const struct feed_connection *c = d->lines[conn].session ? feed_connection(hv->feed, conn) : NULL;

        if (c && c->n_books > 0 && c->state != STATE_LIVE)
            text_addf(&t, ", %s %s", hv->venue->name, verdict_reason_word(c->reason));
    }
    hogad_catalogue_say(d, &t);
}

static void status_say(struct hogad *d)
{
    char words[HOGAD_STATUS_SIZE];

    hogad_status_words(d, words);
    notify_status(words);
}

static void on_heartbeat(void *context)
{
    struct hogad *d = context;

    writer_heartbeat(d->writer, clock_boot_ns());
    hogad_recorded_count(d);
    hogad_control_count(d);
    if (d->stop_boot_ns == 0)
        status_say(d);
}

static void on_watchdog(void *context)
{
    (void)context;
    notify_watchdog();
}

/* --- signals ------------------------------------------------------------------------------------------------------ */

static int is_all_over(const struct hogad *d)
{
    for (uint32_t conn = 0; conn < d->n_lines; conn++) {
        if (d->lines[conn].session && !session_is_over(d->lines[conn].session))
            return 0;
    }
    return 1;
}

static void on_stop_check(void *context)
{
    struct hogad *d = context;

    if (is_all_over(d) || clock_boot_ns() >= d->stop_boot_ns)
        loop_stop(d->loop);
}

static void stop_begin(struct hogad *d, int signal_number)
{
    if (d->stop_boot_ns > 0) { /* asked twice: at once */
        loop_stop(d->loop);
        return;
    }
    log_notice("daemon.stopping", F_U64("signal", signal_number));
    notify_stopping();
    d->control = control_free(d->control); /* what is ending takes no more requests */
    d->stop_boot_ns = clock_boot_ns() + HOGAD_STOP_MS * 1000000ll;
    for (uint32_t conn = 0; conn < d->n_lines; conn++) {
        if (d->lines[conn].session)
            session_stop(d->lines[conn].session);
    }
    if (is_all_over(d) || loop_timer_new(d->loop, STOP_CHECK_MS, on_stop_check, d, &d->stop) < 0)
        loop_stop(d->loop);
}

void hogad_blind_say(struct hogad *d)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < d->n_venues; i++) {
        uint32_t ms = feed_blind_ms_max(d->venues[i].feed);

        most = ms > most ? ms : most;
    }
    writer_blind_ms_set(d->writer, most);
}

static void on_signal(void *context, int signal_number)
{
    struct hogad *d = context;

    if (signal_number != SIGHUP) {
        stop_begin(d, signal_number);
        return;
    }
    if (d->stop_boot_ns > 0) /* what is ending takes nothing new */
        return;
    (void)hogad_reload(d, NULL);
}

/* --- start and end ------------------------------------------------------------------------------------------------ */

static uint8_t daemon_source(const struct config *c)
{
    for (uint32_t i = 0; i < c->n_venues; i++) {
        if (hogad_source(&c->venues[i], venue_find(c->venues[i].name)) != SOURCE_EXCHANGE)
            return SOURCE_SIMULATOR;
    }
    return SOURCE_EXCHANGE;
}

static int segment_open(struct hogad *d)
{
    char path[SEGMENT_PATH_SIZE];
    struct segment_problem problem = { "", "", "" };
    struct writer_options options = { .path = path,
                                      .layout = { .books_max = d->config->books_max,
                                                  .depth = d->config->depth,
                                                  .connections_max = HOGA_CONNECTIONS_MAX,
                                                  .counters_max = COUNTER_COUNT,
                                                  .histograms_max = PIPELINE_FEEDS_MAX * PIPELINE_HISTOGRAMS_PER_FEED,
                                                  .catalogue_max = d->config->catalogue_max,
                                                  .trades = d->config->trades,
                                                  .has_day = 1 },
                                      .daemon_version = HOGA_VERSION,
                                      .source = daemon_source(d->config),
                                      .mode = d->config->segment_mode,
                                      .counter_names = counter_names,
                                      .counter_units = counter_units };
    int r = segment_path_daemon(d->options->segment, options.source == SOURCE_EXCHANGE, path, &problem);

    if (r == 0)
        r = writer_open(&options, &d->writer, &problem);
    if (r < 0) {
        hogad_complain(problem.what, problem.why[0] ? problem.why : strerror(-r), problem.remedy);
        return r;
    }
    memcpy(d->segment, path, sizeof d->segment);
    log_notice("segment.open", F_STR("path", d->segment), F_U64("epoch", writer_epoch(d->writer)),
               F_U64("adopted", writer_was_adopted(d->writer)));
    return 0;
}

/* Slots of an adopted segment whose instruments nobody wants any more, before the first heartbeat shows them. */
static void slots_sweep(struct hogad *d)
{
    char venue[HOGA_VENUE_SIZE], symbol[HOGA_SYMBOL_SIZE];

    for (uint32_t slot = 0; slot < writer_books_max(d->writer); slot++) {
        if (writer_slot_name(d->writer, slot, venue, symbol) && !hogad_is_wanted(d, venue, symbol))
            writer_slot_free(d->writer, slot, clock_real_ns());
    }
}

static int timers_start(struct hogad *d)
{
    int64_t watchdog_ms = notify_watchdog_ms();

    if (loop_timer_new(d->loop, SESSION_TICK_MS, hogad_tick, d, &d->tick) < 0 ||
        loop_timer_new(d->loop, HEARTBEAT_MS, on_heartbeat, d, &d->heartbeat) < 0)
        return -ENOMEM;
    return watchdog_ms > 0 ? loop_timer_new(d->loop, watchdog_ms, on_watchdog, d, &d->watchdog) : 0;
}

static int start(struct hogad *d)
{
    struct pipeline_options options = { 0 };
    int r = loop_new(&d->loop);

    if (r == -ENOTSUP)
        hogad_complain("libwebsockets", _("another version than hogad was built for"), _("rebuild hogad"));
    else if (r < 0 || (r = loop_signals(d->loop, on_signal, d)) < 0)
        (void)said(r, _("event loop"));
    else
        r = said(resolver_new(loop_base(d->loop), d->config->resolv_conf, &d->resolver), _("name resolution"));
    if (r < 0)
        return r;
    r = segment_open(d);
    if (r < 0)
        return r;
    options.writer = d->writer;
    r = said(pipeline_new(&options, &d->pipeline), _("books"));
    if (r == 0)
        r = said(leases_new(d->config->books_max, &d->leases), _("books"));
    if (r == 0)
        r = hogad_venues_apply(d, d->config);
    if (r == 0)
        r = hogad_record_begin(d);
    if (r == 0)
        r = said(hogad_sessions_settle(d), _("connections"));
    if (r == 0)
        r = said(hogad_large_start(d), _("a thread for large messages"));
    if (r == 0)
        r = said(timers_start(d), _("timers"));
    if (r == 0)
        r = said(hogad_control_start(d), _("control sockets"));
    if (r < 0)
        return r;
    slots_sweep(d);
    pipeline_settle(d->pipeline, clock_real_ns());
    hogad_blind_say(d);
    writer_ready(d->writer, clock_boot_ns());
    notify_ready();
    status_say(d);
    hogad_tick(d); /* dial now, not in 50 ms */
    return 0;
}

/* Destructors take what was never made. Sessions first: they may still be called by the loop. */
static void end(struct hogad *d)
{
    d->control = control_free(d->control);
    d->tick = loop_timer_free(d->tick);
    d->heartbeat = loop_timer_free(d->heartbeat);
    d->watchdog = loop_timer_free(d->watchdog);
    d->stop = loop_timer_free(d->stop);
    for (uint32_t i = 0; i < d->n_venues; i++)
        hogad_gets_cancel(&d->venues[i]);
    for (uint32_t conn = 0; conn < d->n_lines; conn++)
        d->lines[conn].session = session_free(d->lines[conn].session);
    hogad_large_end(d);
    d->writer = writer_close(d->writer); /* readers hear of it before anything slow below */
    d->recorder = recorder_close(d->recorder);
    d->leases = leases_free(d->leases);
    d->events = hogad_events_free(d->events);
    d->pipeline = pipeline_free(d->pipeline);
    for (uint32_t i = 0; i < d->n_venues; i++) {
        d->venues[i].feed = feed_free(d->venues[i].feed);
        free(d->venues[i].deeds);
    }
    d->ledger = ledger_free(d->ledger);
    d->resolver = resolver_free(d->resolver);
    d->loop = loop_free(d->loop);
    d->config = config_free(d->config);
}

int hogad_run(const struct hogad_options *options)
{
    struct hogad *d = calloc(1, sizeof *d);
    int r;

    if (!d) {
        hogad_complain("memory", strerror(ENOMEM), NULL);
        return 1;
    }
    loop_signals_hold();
    journal_begin();
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BLOCK_SIZE);
    d->options = options;
    r = hogad_config(options->config_file, &d->config);
    if (r == 0) {
        d->log_level = d->config->log_level;
        log_set_level((enum log_level)d->log_level);
        if (!d->config->file[0])
            log_notice("config.none", F_STR("using", "upbit KRW-BTC KRW-ETH KRW-XRP"));
        r = start(d);
    }
    if (r == 0)
        r = said(loop_run(d->loop), _("event loop"));
    end(d);
    log_flush(1);
    free(d);
    return r < 0 ? 1 : 0;
}
