/* SPDX-License-Identifier: MIT
 * One WebSocket connection against a server of plain sockets in a second thread, which does to it what venues do. */
#include "our_side.h"
#include "venue_side.h"

#include <stdlib.h>

static void play_fragments(struct venue_side *v)
{
    venue_upgrade(v);
    venue_wait_for(v, 6 + 5); /* our request: masked head and five bytes */
    venue_frame(v, 0x02, "one ", 4);
    venue_frame(v, 0x89, "ping!", 5);
    venue_frame(v, 0x00, "two ", 4);
    venue_frame(v, 0x80, "three", 5);
    venue_wait_for(v, 11 + 6 + 5); /* the pong */
    venue_frame(v, 0x88, "\x03\xe9gone", 6);
    venue_wait_for(v, 22 + 6 + 2); /* our Close */
}

Test(ws, puts_fragments_together_answers_pings_and_returns_a_close)
{
    struct venue_side v = { 0 };
    struct our_side o = { .say_when_open = "hello" };
    unsigned char *pong = v.got + 11;

    venue_start(&v, play_fragments);
    dial(&o, v.port, NULL, NULL);
    turn_until(&o, &o.n_closed, 1);

    cr_expect_eq(o.n_open, 1);
    cr_expect_eq(o.n_messages, 1);
    cr_expect_eq(o.sum, sum_of("one two three", 13, 0));
    cr_expect_eq(o.n_sent, 1);
    cr_expect_eq(o.taken_over, 1);
    cr_expect_eq(o.end.reason, REASON_CLOSED_BY_VENUE);
    cr_expect_eq(o.end.close_code, 1001);
    cr_expect_str_eq(o.end.text, "gone");
    hang_up(&o);
    venue_end(&v);
    cr_expect_eq(v.n_got, 30);
    cr_expect_eq(v.got[0], 0x81);
    cr_expect_eq(pong[0], 0x8a);
    for (int i = 0; i < 5; i++)
        cr_expect_eq(pong[6 + i] ^ pong[2 + i % 4], "ping!"[i]);
    cr_expect_eq(v.got[22], 0x88);
    cr_expect_null(strcasestr(v.request, "Origin:"));
    cr_expect_null(strcasestr(v.request, "permessage-deflate"));
    NO_LEAKS();
}

Test(ws, loses_nothing_that_came_with_the_answer_to_the_upgrade)
{
    struct venue_side v = { 0 };
    struct our_side o = { 0 };

    venue_start(&v, play_early);
    dial(&o, v.port, NULL, NULL);
    turn_until(&o, &o.n_closed, 1);

    cr_expect_eq(o.n_messages, 3);
    cr_expect_eq(o.sum, sum_of("earlyhalffragment", 17, 0));
    cr_expect_eq(o.taken_over, 0);
    cr_expect_eq(o.end.reason, REASON_CLOSED_BY_VENUE);
    cr_expect_eq(o.end.close_code, 1000);
    hang_up(&o);
    venue_end(&v);
    cr_expect_eq(v.got[0], 0x8a);
    NO_LEAKS();
}

static void play_drip(struct venue_side *v)
{
    static const char wire[] = "\x82\x7e\x00\x80" /* 128 bytes */
                               "0123456789012345678901234567890123456789012345678901234567890123"
                               "0123456789012345678901234567890123456789012345678901234567890123"
                               "\x81\x03xyz";
    char text[512];
    size_t n = upgrade_text(v, text, sizeof text);

    for (size_t i = 0; i < n; i++)
        venue_write(v, text + i, 1);
    venue_wait_for(v, 6 + 2);
    for (size_t i = 0; i + 1 < sizeof wire; i++)
        venue_write(v, wire + i, 1);
}

Test(ws, reads_byte_by_byte_and_says_that_it_was_lost)
{
    struct venue_side v = { 0 };
    struct our_side o = { .say_when_open = "go" };

    venue_start(&v, play_drip);
    dial(&o, v.port, NULL, NULL);
    turn_until(&o, &o.n_closed, 1);

    cr_expect_eq(o.n_messages, 2);
    cr_expect_eq(o.bytes, 131);
    cr_expect_eq(o.taken_over, 1);
    cr_expect_gt(o.last_recv_ns, 1700000000000000000);
    cr_expect_eq(o.end.reason, REASON_CONNECTION_LOST);
    hang_up(&o);
    venue_end(&v);
    NO_LEAKS();
}

static void play_oversize(struct venue_side *v)
{
    venue_upgrade(v);
    venue_wait_for(v, 6 + 2);
    venue_write(v, "\x82\x7f\x00\x00\x00\x00\x01\x00\x00\x01", 10);
    venue_wait_for(v, 8 + 8); /* our Close with 1002 */
}

static void play_refusal(struct venue_side *v)
{
    static const char answer[] = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 4\r\n"
                                 "Connection: close\r\n\r\nbusy";

    venue_write(v, answer, sizeof answer - 1);
}

static void play_redirect(struct venue_side *v)
{
    static const char answer[] = "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";

    venue_write(v, answer, sizeof answer - 1);
}

static void play_wrong_accept(struct venue_side *v)
{
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n";

    venue_write(v, answer, sizeof answer - 1);
}

static void play_hang_up(struct venue_side *v)
{
    (void)v;
}

Test(ws, says_in_words_how_it_ended)
{
    static const struct {
        void (*play)(struct venue_side *v);
        enum reason reason;
        uint32_t http_status, retry_after_s;
        const char *text;
    } cases[] = {
        { play_oversize, REASON_PROTOCOL_ERROR, 0, 0, "frame over 16 MB" },
        { play_refusal, REASON_HTTP_REFUSED, 429, 7, "HTTP status 429" },
        { play_redirect, REASON_HTTP_REFUSED, 302, 0, "HTTP status 302" },
        { play_wrong_accept, REASON_PROTOCOL_ERROR, 0, 0, "HS: Accept hash wrong" },
        { play_hang_up, REASON_CONNECT_FAILED, 0, 0, NULL },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct venue_side v = { 0 };
        struct our_side o = { .say_when_open = "go" };

        venue_start(&v, cases[i].play);
        dial(&o, v.port, NULL, NULL);
        turn_until(&o, &o.n_closed, 1);
        cr_expect_eq(o.end.reason, cases[i].reason, "case %zu: %s %s", i, verdict_reason_word(o.end.reason),
                     o.end.text);
        cr_expect_eq(o.end.http_status, cases[i].http_status);
        cr_expect_eq(o.end.retry_after_s, cases[i].retry_after_s);
        if (cases[i].text)
            cr_expect_str_eq(o.end.text, cases[i].text);
        hang_up(&o);
        venue_end(&v);
    }
    NO_LEAKS();
}

static void play_mute(struct venue_side *v)
{
    venue_wait_for(v, 1);
}

/* Before the upgrade, in the middle of a message, with a Close that nobody answers: each ends at once. */
Test(ws, can_be_freed_and_closed_at_any_moment)
{
    struct venue_side refused = { 0 }, mute = { 0 }, middle = { 0 };
    struct our_side o = { 0 };
    uint16_t port;

    venue_start(&refused, NULL);
    port = refused.port;
    venue_end(&refused);
    dial(&o, port, NULL, NULL); /* nobody listens there any more */
    turn_until(&o, &o.n_closed, 1);
    cr_expect_eq(o.end.reason, REASON_CONNECT_FAILED);
    o.ws = ws_free(o.ws);

    venue_start(&mute, play_mute);
    dial(&o, mute.port, NULL, NULL);
    o.ws = ws_free(o.ws); /* while connecting */
    venue_end(&mute);

    memset(&mute, 0, sizeof mute);
    venue_start(&mute, play_mute);
    dial(&o, mute.port, NULL, NULL);
    for (int i = 0; i < 3; i++)
        loop_turn(o.loop, 10);
    ws_close(o.ws); /* while the upgrade is pending */
    turn_until(&o, &o.n_closed, 2);
    cr_expect_eq(o.end.reason, REASON_NONE);
    o.ws = ws_free(o.ws);
    venue_end(&mute);

    o.frees_in_message = 1;
    o.say_when_open = "hello";
    venue_start(&middle, play_fragments);
    dial(&o, middle.port, NULL, NULL);
    turn_until(&o, &o.n_messages, 1);
    cr_expect_null(o.ws);
    hang_up(&o);
    venue_end(&middle);
    NO_LEAKS();
}

/* Everything that programs take a proxy from points at a port where nobody listens. */
Test(ws, takes_no_proxy_from_the_environment)
{
    static const char *const words[] = { "http_proxy", "https_proxy", "all_proxy", "socks_proxy", "ws_proxy",
                                         "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SOCKS_PROXY", "wss_proxy" };
    struct venue_side trap = { 0 }, v = { 0 };
    struct our_side o = { .say_when_open = "hello" };
    char url[64];

    venue_start(&trap, NULL);
    venue_end(&trap);
    (void)snprintf(url, sizeof url, "127.0.0.1:%u", trap.port);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        (void)setenv(words[i], url, 1);
    venue_start(&v, play_fragments);
    dial(&o, v.port, NULL, NULL);
    turn_until(&o, &o.n_closed, 1);

    cr_expect_eq(o.n_messages, 1, "%s", o.end.text);
    cr_expect_eq(o.end.reason, REASON_CLOSED_BY_VENUE);
    cr_expect_eq(strncmp(v.request, "GET / HTTP/1.1\r\n", 16), 0, "%s", v.request);
    hang_up(&o);
    venue_end(&v);
    NO_LEAKS();
}
