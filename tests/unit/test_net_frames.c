/* SPDX-License-Identifier: MIT
 * Frames, the stream that puts them together, URLs and back-off: everything of net/ that needs no socket. */
#include "net/backoff.h"
#include "net/url.h"
#include "net/ws_stream.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t frame_put(uint8_t *to, uint8_t first, const void *payload, size_t size)
{
    size_t n = 0;

    to[n++] = first;
    if (size < 126) {
        to[n++] = (uint8_t)size;
    } else if (size <= UINT16_MAX) {
        to[n++] = 126;
        to[n++] = (uint8_t)(size >> 8);
        to[n++] = (uint8_t)size;
    } else {
        to[n++] = 127;
        for (int i = 7; i >= 0; i--)
            to[n++] = (uint8_t)((uint64_t)size >> (8 * i));
    }
    if (size > 0)
        memcpy(to + n, payload, size);
    return n + size;
}

/* Feed bytes in pieces of `piece`; the items' opcodes and sizes are noted, their bytes summed. */
struct seen {
    unsigned n_messages, n_pings, n_closes;
    size_t bytes;
    uint64_t sum;
    int result;
};

static struct seen feed(struct ws_stream *s, const uint8_t *bytes, size_t size, size_t piece)
{
    struct seen seen = { 0 };

    while (size > 0 && seen.result >= 0) {
        struct ws_item item;
        uint8_t *to;
        size_t room, n = size < piece ? size : piece;

        cr_assert_eq(ws_stream_room(s, &to, &room), 0);
        n = n < room ? n : room;
        memcpy(to, bytes, n);
        ws_stream_filled(s, n);
        bytes += n;
        size -= n;
        while ((seen.result = ws_stream_next(s, &item)) == 1) {
            seen.n_messages += item.opcode == WS_TEXT || item.opcode == WS_BINARY;
            seen.n_pings += item.opcode == WS_PING;
            seen.n_closes += item.opcode == WS_CLOSE;
            if (item.opcode < WS_CLOSE)
                seen.bytes += item.size;
            for (size_t i = 0; i < item.size; i++)
                seen.sum += (uint8_t)item.bytes[i];
        }
    }
    return seen;
}

Test(ws_stream, gives_the_same_messages_however_the_bytes_are_cut)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 125, 4096, 1 << 20 };
    uint8_t *wire = malloc(2 << 20), *payload = malloc(70000);
    size_t n = 0;
    uint64_t sum = 0;

    for (size_t i = 0; i < 70000; i++)
        payload[i] = (uint8_t)(i * 31 + 7);
    n += frame_put(wire + n, 0x82, payload, 3000); /* whole */
    n += frame_put(wire + n, 0x01, payload, 100);  /* three fragments with a ping between */
    n += frame_put(wire + n, 0x89, "hello", 5);
    n += frame_put(wire + n, 0x00, payload, 70000);
    n += frame_put(wire + n, 0x80, NULL, 0);
    n += frame_put(wire + n, 0x81, NULL, 0); /* empty */
    n += frame_put(wire + n, 0x82, payload, 125);
    n += frame_put(wire + n, 0x82, payload, 126);
    n += frame_put(wire + n, 0x88, "\x03\xe8", 2);
    for (int k = 0; k < 5; k++) {
        static const size_t sizes[] = { 3000, 100, 70000, 125, 126 };

        for (size_t i = 0; i < sizes[k]; i++)
            sum += payload[i];
    }
    for (const char *c = "hello\x03\xe8"; *c; c++)
        sum += (uint8_t)*c;

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct ws_stream s;
        struct seen seen;

        cr_assert_eq(ws_stream_init(&s), 0);
        seen = feed(&s, wire, n, pieces[i]);
        cr_expect_eq(seen.result, 0);
        cr_expect_eq(seen.n_messages, 5, "piece %zu: %u", pieces[i], seen.n_messages);
        cr_expect_eq(seen.n_pings, 1);
        cr_expect_eq(seen.n_closes, 1);
        cr_expect_eq(seen.bytes, 3000 + 70100 + 0 + 125 + 126);
        cr_expect_eq(seen.sum, sum);
        ws_stream_done(&s);
    }
    free(wire);
    free(payload);
}

Test(ws_stream, hands_a_whole_frame_over_where_it_lies)
{
    struct ws_stream s;
    struct ws_item item;
    uint8_t *to;
    size_t room;

    cr_assert_eq(ws_stream_init(&s), 0);
    cr_assert_eq(ws_stream_room(&s, &to, &room), 0);
    ws_stream_filled(&s, frame_put(to, 0x82, "abc", 3));

    cr_assert_eq(ws_stream_next(&s, &item), 1);
    cr_assert_eq((const void *)item.bytes, to + 2);
    ws_stream_done(&s);
}

Test(ws_stream, takes_16_MB_and_refuses_a_byte_more)
{
    const size_t most = WS_FRAME_SIZE_MAX;
    uint8_t *wire = calloc(1, most + 64), *payload = calloc(1, most);
    struct ws_stream s;
    struct seen seen;
    uint8_t *at;
    size_t n, room;

    cr_assert_eq(ws_stream_init(&s), 0);
    n = frame_put(wire, 0x02, payload, most - 1); /* and one byte in a second fragment */
    n += frame_put(wire + n, 0x80, payload, 1);
    seen = feed(&s, wire, n, 65536);
    cr_expect_eq(seen.result, 0);
    cr_expect_eq(seen.n_messages, 1);
    cr_expect_eq(seen.bytes, most);
    cr_expect_gt(s.capacity, most);
    cr_expect_eq(ws_stream_room(&s, &at, &room), 0);
    cr_expect_eq(s.capacity, WS_STREAM_SIZE, "what a large message needed is given back");

    n = frame_put(wire, 0x02, payload, most);
    n += frame_put(wire + n, 0x80, payload, 1);
    seen = feed(&s, wire, n, 65536);
    cr_expect_eq(seen.result, -EPROTO);
    cr_expect_str_eq(s.problem, "message over 16 MB");
    ws_stream_done(&s);
    free(wire);
    free(payload);
}

Test(ws_stream, refuses_what_breaks_the_protocol_in_words)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *problem;
    } cases[] = {
        { "\xc1\x00", 2, "reserved bits set though no extension was agreed" },
        { "\x83\x00", 2, "unknown opcode" },
        { "\x8b\x00", 2, "unknown opcode" },
        { "\x81\x80", 2, "masked frame from a server" },
        { "\x09\x00", 2, "fragmented control frame" },
        { "\x89\x7e", 2, "control frame over 125 bytes" },
        { "\x80\x00", 2, "continuation without a message" },
        { "\x01\x00\x81\x00", 4, "new message inside an unfinished one" },
        { "\x82\x7f\x00\x00\x00\x00\x01\x00\x00\x01", 10, "frame over 16 MB" },
        { "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10, "frame over 16 MB" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ws_stream s;
        struct seen seen;

        cr_assert_eq(ws_stream_init(&s), 0);
        seen = feed(&s, (const uint8_t *)cases[i].bytes, cases[i].size, 1);
        cr_expect_eq(seen.result, -EPROTO, "case %zu", i);
        cr_expect_str_eq(s.problem ? s.problem : "", cases[i].problem);
        ws_stream_done(&s);
    }
}

Test(url, is_taken_apart_or_refused)
{
    struct url u;

    cr_assert_eq(url_parse("wss://api.upbit.com/websocket/v1", &u), 0);
    cr_expect_str_eq(u.host, "api.upbit.com");
    cr_expect_str_eq(u.host_header, "api.upbit.com");
    cr_expect_str_eq(u.path, "/websocket/v1");
    cr_expect_eq(u.port, 443);
    cr_expect(u.is_tls && !u.is_address);
    cr_assert_eq(url_parse("ws://127.0.0.1:8080?a=b", &u), 0);
    cr_expect_str_eq(u.host_header, "127.0.0.1:8080");
    cr_expect_str_eq(u.path, "/?a=b");
    cr_expect(!u.is_tls && u.is_address);
    cr_assert_eq(url_parse("ws://[::1]:99/x", &u), 0);
    cr_expect_str_eq(u.host, "::1");
    cr_expect_str_eq(u.host_header, "[::1]:99");
    cr_expect_eq(u.port, 99);
    cr_expect(u.is_address);
    cr_assert_eq(url_parse("ws://h:80/", &u), 0);
    cr_expect_str_eq(u.host_header, "h");

    static const char *const bad[] = { "",          "http://h/",     "ws://",      "ws:///x",     "ws://h:/",
                                       "ws://h:0/", "ws://h:65536/", "ws://u@h/",  "ws://h/ x",   "ws://h/#f",
                                       "ws://[::1", "ws://[h]/",     "ws://h:1x/", "ws://h\r\n/", "ws://h/\x7f",
                                       "wss//h/",   "ws://a:b:c/" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_eq(url_parse(bad[i], &u), -EINVAL, "%s", bad[i]);
}

/* Live again 2 s after a venue is well, for as long as its window of attempts allows. */
Test(backoff, a_venue_that_is_well_again_is_seen_soon)
{
    for (unsigned failures = 1; failures < 400; failures++)
        cr_assert_eq(backoff_most_ms(failures, 503, 0, 0, 4), BACKOFF_SOON_MS);
    cr_expect_eq(backoff_most_ms(100000, 0, 0, 0, 1), BACKOFF_MAX_MS);
    cr_expect_eq(backoff_most_ms(19, 401, 300, 300, 1), BACKOFF_SOON_MS, "by mistake, perhaps");
    cr_expect_eq(backoff_most_ms(20, 403, 0, 0, 1), BACKOFF_MAX_MS, "it does not want us");
    cr_expect_eq(backoff_most_ms(59, 0, 300, 300, 1), BACKOFF_SOON_MS, "Binance");
    cr_expect_eq(backoff_most_ms(60, 0, 300, 300, 1), 2500);
    cr_expect_eq(backoff_most_ms(14, 0, 300, 300, 4), BACKOFF_SOON_MS);
    cr_expect_eq(backoff_most_ms(15, 0, 300, 300, 4), 10000);
    cr_expect_eq(backoff_most_ms(100, 0, 500, 300, 1), BACKOFF_SOON_MS, "Bybit");
    cr_expect_eq(backoff_most_ms(24, 0, 120, 600, 1), 12500, "Kraken");
    cr_expect_eq(backoff_most_ms(24, 0, 120, 600, 4), BACKOFF_MAX_MS);
}

/* However long it is away, the attempts of one connection stay below what the venue allows, so that none has to wait.
 */
Test(backoff, the_window_is_never_used_up)
{
    static const struct {
        uint32_t n, s;
    } rows[] = { { 300, 300 }, { 500, 300 }, { 120, 600 } };
    static int64_t at_ms[8192];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t now_ms = 0;

        for (unsigned n = 1; n < 8192; n++) {
            uint64_t chance = n * 0x9e3779b97f4a7c15u >> 20;

            now_ms += backoff_delay_ms(n, backoff_most_ms(n, 0, rows[i].n, rows[i].s, 1), chance);
            at_ms[n] = now_ms;
            cr_assert(n <= rows[i].n || now_ms - at_ms[n - rows[i].n] > rows[i].s * 1000ll, "%u of row %zu", n, i);
        }
    }
}

Test(backoff, grows_to_its_limit_with_full_jitter)
{
    cr_expect_eq(backoff_delay_ms(0, BACKOFF_MAX_MS, 12345), 0);
    for (unsigned failures = 1; failures < 200; failures++) {
        int64_t most = 0, least = BACKOFF_MAX_MS;

        for (uint64_t chance = 0; chance < 40000; chance += 7) {
            int64_t ms = backoff_delay_ms(failures, BACKOFF_MAX_MS, chance);

            most = ms > most ? ms : most;
            least = ms < least ? ms : least;
        }
        cr_assert_leq(most, BACKOFF_MAX_MS);
        cr_assert_lt(least, 10);
        cr_assert_gt(most, (failures > 6 ? 15000 : 250 << (failures - 1)) * 9 / 10);
    }
    static const struct {
        const char *text, *date;
        uint32_t seconds;
    } rows[] = {
        { "120", "", 120 },
        { "99999999999", "", BACKOFF_RETRY_AFTER_MAX_S },
        { "-1", "", 0 },
        { "12x", "", 0 },
        { "", "", 0 },
        { "Thu, 01 Jan 1970 00:16:39 GMT", "", 0 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", 30 },
        { "Tue, 01 Mar 1994 00:00:10 GMT", "Mon, 28 Feb 1994 23:59:50 GMT", 20 },
        { "Sun, 06 Nov 2094 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", BACKOFF_RETRY_AFTER_MAX_S },
        { "Thu, 01 Jan 1970 00:17:40 GMT", "", 60 }, /* by our clock, 1000 s since the epoch */
        { "Thu, 01 Jan 1970 00:17:40 GMT", "rubbish", 60 },
        { "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:07 GMT", 0 },
        { "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", 0 },
        { "Sun, 06 anF 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", 0 },
        { "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect_eq(backoff_retry_after_s(rows[i].text, rows[i].date, 1000), rows[i].seconds, "%s", rows[i].text);
}

/* A message whose memory is taken lives on in it, whole or put together, and the stream loses no byte behind it. */
Test(ws_stream, gives_away_the_memory_of_a_message)
{
    uint8_t wire[600], payload[100];
    struct ws_stream s;

    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(i + 1);
    for (int is_cut = 0; is_cut < 2; is_cut++) {
        struct ws_item item;
        uint8_t *to, *taken, *again;
        size_t n = 0, room;

        if (is_cut) {
            n += frame_put(wire + n, 0x01, payload, 40);
            n += frame_put(wire + n, 0x80, payload + 40, 60);
        } else {
            n += frame_put(wire + n, 0x81, payload, 100);
        }
        n += frame_put(wire + n, 0x81, "next", 4);
        n += frame_put(wire + n, 0x89, "p", 1);
        cr_assert_eq(ws_stream_init(&s), 0);
        cr_assert_eq(ws_stream_room(&s, &to, &room), 0);
        memcpy(to, wire, n - 1); /* the last byte is still under way */
        ws_stream_filled(&s, n - 1);
        cr_assert_eq(ws_stream_next(&s, &item), 1);
        taken = ws_stream_take(&s);
        cr_assert_not_null(taken);
        cr_assert(item.size == 100 && memcmp(item.bytes, payload, 100) == 0);
        {
            const char *bytes = item.bytes;

            cr_assert_eq(ws_stream_next(&s, &item), 1);
            cr_expect(item.size == 4 && memcmp(item.bytes, "next", 4) == 0);
            cr_expect_eq(ws_stream_next(&s, &item), 0);
            cr_assert_eq(ws_stream_room(&s, &again, &room), 0);
            *again = wire[n - 1];
            ws_stream_filled(&s, 1);
            cr_assert_eq(ws_stream_next(&s, &item), 1);
            cr_expect_eq(item.opcode, WS_PING);
            cr_expect_eq(memcmp(bytes, payload, 100), 0, "nobody wrote over it");
        }
        free(taken);
        ws_stream_done(&s);
    }
}
