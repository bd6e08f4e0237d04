/* SPDX-License-Identifier: MIT
 * One connection's life against a venue in a second thread: open, refused, silent, given up, stopped. */
#include "venue_side.h"

#include "core/clock.h"
#include "loop/loop.h"
#include "loop/lws_loop.h"
#include "loop/resolve.h"
#include "net/ws.h"
#include "no_leaks.h"
#include "session/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#define TURNS_MAX  3000 /* of at most 5 ms */
#define INPUTS_MAX 64

/* What the sink was told, as "open", "rx", "close/REASON", "state/REASON"... */
struct heard {
    struct session *session;
    struct loop *loop;
    struct resolver *resolver;
    struct budget budget;
    char words[INPUTS_MAX][48];
    unsigned n;
    struct feed_input last;
    int redials;
};

static void on_input(void *context, const struct feed_input *in)
{
    static const char *const kinds[] = { "open", "close", "tx", "rx", "http", "tick", "alive", "state" };
    struct heard *h = context;

    cr_assert_lt(h->n, INPUTS_MAX);
    cr_assert_eq(in->conn, 7);
    cr_assert_gt(in->recv_ns, 0);
    cr_assert_gt(in->now_boot_ns, 0);
    (void)snprintf(h->words[h->n++], sizeof h->words[0], "%s%s%s", kinds[in->kind],
                   in->kind == FEED_INPUT_STATE || in->kind == FEED_INPUT_CLOSE ? "/" : "",
                   in->kind == FEED_INPUT_STATE || in->kind == FEED_INPUT_CLOSE ? verdict_reason_word(in->reason) : "");
    h->last = *in;
    if (in->kind == FEED_INPUT_OPEN)
        cr_assert_eq(session_send(h->session, "hello", 5), 0);
}

static void on_turn_over(void *context)
{
    (void)context;
}

static int was_told(const struct heard *h, const char *word)
{
    for (unsigned i = 0; i < h->n; i++) {
        if (strcmp(h->words[i], word) == 0)
            return 1;
    }
    return 0;
}

static void begin(struct heard *h, uint16_t port, const char *host)
{
    struct session_options options = { .conn = 7,
                                       .venue = "upbit",
                                       .input = on_input,
                                       .turn_over = on_turn_over,
                                       .context = h,
                                       .limits = {
                                           .ping_interval_ms = 200, .pong_deadline_ms = 300, .close_too_many = 4290 } };
    char url[96];

    (void)signal(SIGPIPE, SIG_IGN);
    memset(h, 0, sizeof *h);
    cr_assert_eq(loop_new(&h->loop), 0);
    cr_assert_eq(resolver_new(loop_base(h->loop), NULL, &h->resolver), 0);
    options.loop = loop_lws(h->loop);
    options.resolver = h->resolver;
    options.budget = &h->budget;
    (void)snprintf(url, sizeof url, "ws://%s:%u/", host, port);
    options.url_text = url;
    cr_assert_eq(url_parse(url, &options.url), 0);
    cr_assert_eq(ws_trust_get(options.loop, NULL, NULL, &options.trust), 0);
    cr_assert_eq(session_new(&options, &h->session), 0);
}

static void turn_until(struct heard *h, const char *word)
{
    for (int i = 0; i < TURNS_MAX && !was_told(h, word); i++) {
        session_tick(h->session, clock_boot_ns());
        loop_turn(h->loop, 5);
    }
    for (unsigned i = 0; i < h->n && !was_told(h, word); i++)
        cr_log_error("%s", h->words[i]);
    cr_assert(was_told(h, word), "never told %s", word);
}

static void stop(struct heard *h)
{
    int64_t begun = clock_boot_ns();

    session_stop(h->session);
    while (!session_is_over(h->session) && clock_boot_ns() - begun < 200000000) {
        session_tick(h->session, clock_boot_ns());
        loop_turn(h->loop, 5);
    }
    cr_expect(session_is_over(h->session), "stopped within 200 ms");
}

static void end(struct heard *h)
{
    h->session = session_free(h->session);
    h->resolver = resolver_free(h->resolver);
    h->loop = loop_free(h->loop);
}

static void play_silence(struct venue_side *v)
{
    venue_upgrade(v);
    venue_wait_for(v, sizeof v->got);
}

static void play_one_and_gone(struct venue_side *v)
{
    venue_upgrade(v);
    venue_wait_for(v, 11);
    venue_frame(v, 0x82, "{}", 2);
    venue_frame(v, 0x88, "\x03\xe8", 2);
    venue_wait_for(v, sizeof v->got);
}

static void play_busy(struct venue_side *v)
{
    static const char answer[] = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";

    venue_write(v, answer, sizeof answer - 1);
}

Test(session, tells_a_whole_life_in_order)
{
    static const char *const wanted[] = { "state/resolving",       "state/connecting", "open", "tx", "rx",
                                          "close/closed-by-venue", "state/back-off" };
    struct venue_side v = { 0 };
    struct heard h;
    unsigned at = 0;

    venue_start(&v, play_one_and_gone);
    begin(&h, v.port, "localhost"); /* from /etc/hosts */
    turn_until(&h, "state/back-off");

    for (unsigned i = 0; i < h.n; i++) {
        if (at < sizeof wanted / sizeof wanted[0] && strcmp(h.words[i], wanted[at]) == 0)
            at++;
        else
            cr_expect(strcmp(h.words[i], "alive") == 0, "told %s", h.words[i]);
    }
    cr_expect_eq(at, sizeof wanted / sizeof wanted[0]);
    cr_expect_gt(h.last.aux_ns, 1700000000000000000, "when it dials again");
    cr_expect_eq(h.last.state, STATE_DOWN);
    stop(&h);
    end(&h);
    venue_end(&v);
    NO_LEAKS();
}

static void play_too_many(struct venue_side *v)
{
    venue_upgrade(v);
    venue_frame(v, 0x88, "\x10\xc2", 2);
    venue_wait_for(v, sizeof v->got);
}

/* Coinone closes the 21st connection with 4290. Source: ../shared/protocols/coinone.md, "Limits". */
Test(session, says_what_a_close_code_means_at_this_venue)
{
    struct venue_side v = { 0 };
    struct heard h;

    venue_start(&v, play_too_many);
    begin(&h, v.port, "127.0.0.1");
    turn_until(&h, "close/too-many-connections");
    stop(&h);
    end(&h);
    venue_end(&v);
    NO_LEAKS();
}

Test(session, notices_a_venue_that_says_nothing_any_more)
{
    struct venue_side v = { 0 };
    struct heard h;
    int64_t begun;

    venue_start(&v, play_silence); /* answers no ping */
    begin(&h, v.port, "127.0.0.1");
    turn_until(&h, "open");
    begun = clock_boot_ns();
    turn_until(&h, "close/no-sign-of-life");

    cr_expect_geq(clock_boot_ns() - begun, 290000000);
    cr_expect_eq(session_send(h.session, "x", 1), -ENOTCONN);
    end(&h);
    venue_end(&v);
    NO_LEAKS();
}

/* A message of 12 bytes that takes 600 ms, twice the deadline, and holds up what else there is to say. */
static void play_drip(struct venue_side *v)
{
    static const char frame[] = "\x82\x0c{\"slow\":true";

    venue_upgrade(v);
    venue_wait_for(v, 1);
    for (size_t i = 0; i < 14; i++) {
        venue_write(v, frame + i, 1);
        (void)poll(NULL, 0, 43);
    }
    venue_frame(v, 0x82, "{}", 2);
    venue_wait_for(v, sizeof v->got);
}

Test(session, takes_a_message_that_drips_in_for_a_sign_of_life)
{
    struct venue_side v = { 0 };
    struct heard h;

    venue_start(&v, play_drip);
    begin(&h, v.port, "127.0.0.1");
    turn_until(&h, "rx");

    cr_expect(was_told(&h, "alive"), "said while it came in");
    cr_expect_not(was_told(&h, "close/no-sign-of-life"));
    stop(&h);
    end(&h);
    venue_end(&v);
    NO_LEAKS();
}

Test(session, obeys_retry_after_for_the_whole_address)
{
    struct venue_side v = { 0 };
    struct heard h;

    venue_start(&v, play_busy);
    begin(&h, v.port, "127.0.0.1");
    turn_until(&h, "state/http-refused");

    cr_expect_eq(h.last.http_status, 429);
    cr_expect_geq(h.last.aux_ns - clock_real_ns(), 6500000000);
    cr_expect_geq(budget_take(&h.budget, clock_boot_ns()), 6500000000);
    stop(&h);
    end(&h);
    venue_end(&v);
    NO_LEAKS();
}

Test(session, is_given_up_and_stopped_in_every_state)
{
    struct venue_side v = { 0 }, refusing = { 0 };
    struct heard h;
    uint16_t port;

    venue_start(&v, play_silence);
    begin(&h, v.port, "127.0.0.1");
    session_redial(h.session, REASON_VENUE_ERROR); /* means nothing before it is open */
    turn_until(&h, "open");
    session_redial(h.session, REASON_VENUE_ERROR);
    turn_until(&h, "close/venue-error");
    turn_until(&h, "state/back-off");
    stop(&h); /* while waiting, or dialing again */
    end(&h);
    venue_end(&v);

    memset(&v, 0, sizeof v);
    venue_start(&v, play_silence);
    begin(&h, v.port, "127.0.0.1");
    turn_until(&h, "open");
    stop(&h); /* while open, though nobody answers the Close */
    end(&h);
    venue_end(&v);

    memset(&v, 0, sizeof v);
    venue_start(&v, NULL);
    begin(&h, v.port, "127.0.0.1");
    turn_until(&h, "state/connecting");
    stop(&h); /* while connecting */
    end(&h);
    venue_end(&v);

    begin(&h, 80, "no-such-name.invalid");
    turn_until(&h, "state/resolving");
    stop(&h); /* while a look-up is out */
    end(&h);

    venue_start(&refusing, NULL);
    port = refusing.port;
    venue_end(&refusing);
    begin(&h, port, "127.0.0.1");
    turn_until(&h, "state/connect-failed");
    stop(&h);
    end(&h);
    NO_LEAKS();
}
