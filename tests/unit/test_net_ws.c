/* SPDX-License-Identifier: MIT
 * One WebSocket connection against a server of plain sockets in a second thread, which does to it what venues do. */
#include "loop/loop.h"
#include "net/ws.h"
#include "net/ws_frame.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
int __lsan_do_recoverable_leak_check(void);
#define NO_LEAKS() cr_assert_eq(__lsan_do_recoverable_leak_check(), 0)
#else
#define NO_LEAKS() ((void)0)
#endif

#define TURNS_MAX 1200 /* of at most 10 ms */

/* --- the venue ---------------------------------------------------------------------------------------------------- */

struct venue_side {
    int listen_fd, fd;
    uint16_t port;
    SSL_CTX *tls;
    SSL *ssl;
    pthread_t thread;
    void (*play)(struct venue_side *v);
    char request[4096];
    unsigned char got[4096]; /* what came after the upgrade */
    size_t n_got;
};

static void venue_write(struct venue_side *v, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t n = v->ssl ? SSL_write(v->ssl, at, (int)size) : send(v->fd, at, size, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        at += n;
        size -= (size_t)n;
    }
}

static ssize_t venue_read(struct venue_side *v, void *to, size_t size)
{
    return v->ssl ? SSL_read(v->ssl, to, (int)size) : recv(v->fd, to, size, 0);
}

static int venue_read_request(struct venue_side *v)
{
    size_t n = 0;

    while (n + 1 < sizeof v->request && !strstr(v->request, "\r\n\r\n")) {
        if (venue_read(v, v->request + n, 1) != 1)
            return -1;
        v->request[++n] = '\0';
    }
    return 0;
}

/* Until `n` bytes have come in after the upgrade, or the end. */
static void venue_wait_for(struct venue_side *v, size_t n)
{
    while (v->n_got < n) {
        ssize_t got = venue_read(v, v->got + v->n_got, sizeof v->got - v->n_got);

        if (got <= 0)
            return;
        v->n_got += (size_t)got;
    }
}

static size_t upgrade_text(const struct venue_side *v, char *to, size_t size)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = strcasestr(v->request, "Sec-WebSocket-Key: ");
    unsigned char hash[EVP_MAX_MD_SIZE], accept[64];
    char joined[128];
    unsigned n = 0;

    (void)snprintf(joined, sizeof joined, "%.24s%s", key ? key + 19 : "", guid);
    (void)EVP_Digest(joined, strlen(joined), hash, &n, EVP_sha1(), NULL);
    (void)EVP_EncodeBlock(accept, hash, (int)n);
    return (size_t)snprintf(to, size,
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: %s\r\n\r\n",
                            (char *)accept);
}

static void venue_upgrade(struct venue_side *v)
{
    char text[512];

    venue_write(v, text, upgrade_text(v, text, sizeof text));
}

static void venue_frame(struct venue_side *v, uint8_t first, const void *payload, size_t size)
{
    uint8_t head[WS_FRAME_HEAD_MAX] = { first, 127 };
    size_t n = size < 126 ? 2 : size <= UINT16_MAX ? 4 : 10;

    if (n < 10)
        head[1] = n == 2 ? (uint8_t)size : 126;
    for (size_t i = 2; i < n; i++)
        head[i] = (uint8_t)((uint64_t)size >> (8 * (n - 1 - i)));
    venue_write(v, head, n);
    venue_write(v, payload, size);
}

static void *venue_run(void *context)
{
    struct venue_side *v = context;

    v->fd = accept(v->listen_fd, NULL, NULL);
    if (v->fd < 0)
        return NULL;
    if (v->tls) {
        v->ssl = SSL_new(v->tls);
        (void)SSL_set_fd(v->ssl, v->fd);
    }
    if ((!v->ssl || SSL_accept(v->ssl) == 1) && v->play && venue_read_request(v) == 0)
        v->play(v);
    SSL_free(v->ssl);
    v->ssl = NULL;
    (void)close(v->fd);
    return NULL;
}

static void venue_start(struct venue_side *v, void (*play)(struct venue_side *v))
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;

    v->play = play;
    v->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(v->listen_fd, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(v->listen_fd, 4), 0);
    cr_assert_eq(getsockname(v->listen_fd, (struct sockaddr *)&at, &size), 0);
    v->port = ntohs(at.sin_port);
    cr_assert_eq(pthread_create(&v->thread, NULL, venue_run, v), 0);
}

static void venue_end(struct venue_side *v)
{
    (void)shutdown(v->listen_fd, SHUT_RDWR);
    (void)pthread_join(v->thread, NULL);
    (void)close(v->listen_fd);
    SSL_CTX_free(v->tls);
}

/* --- our side ----------------------------------------------------------------------------------------------------- */

struct our_side {
    struct loop *loop;
    struct ws *ws;
    unsigned n_open, n_messages, n_pongs, n_sent, n_closed;
    size_t bytes, last_size;
    uint64_t sum;
    int64_t round_trip_ns, last_recv_ns;
    int taken_over;
    const char *say_when_open;
    int frees_in_message;
    struct ws_end end;
};

static void on_open(void *context)
{
    struct our_side *o = context;

    o->n_open++;
    if (o->say_when_open && o->ws)
        cr_assert_eq(ws_send(o->ws, o->say_when_open, strlen(o->say_when_open)), 0);
}

static void on_message(void *context, const char *bytes, size_t size, int64_t recv_ns)
{
    struct our_side *o = context;

    o->n_messages++;
    o->bytes += size;
    o->last_size = size;
    o->last_recv_ns = recv_ns;
    o->taken_over = ws_is_taken_over(o->ws);
    for (size_t i = 0; i < size; i++)
        o->sum = o->sum * 31 + (uint8_t)bytes[i];
    if (o->frees_in_message)
        o->ws = ws_free(o->ws);
}

static void on_pong(void *context, int64_t round_trip_ns)
{
    struct our_side *o = context;

    o->n_pongs++;
    if (round_trip_ns > 0)
        o->round_trip_ns = round_trip_ns;
}

static void on_sent(void *context, const char *bytes, size_t size)
{
    struct our_side *o = context;

    (void)bytes;
    (void)size;
    o->n_sent++;
}

static void on_turn_over(void *context)
{
    (void)context;
}

static void on_closed(void *context, const struct ws_end *end)
{
    struct our_side *o = context;

    o->n_closed++;
    o->end = *end;
}

static const struct ws_handler handler = { on_open, on_message, on_pong, on_sent, on_turn_over, on_closed };

static void dial(struct our_side *o, uint16_t port, const char *tls_name, const char *ca_file)
{
    struct ws_options options = { .address = "127.0.0.1", .host = tls_name ? tls_name : "127.0.0.1", .path = "/" };
    char host_header[64];

    (void)signal(SIGPIPE, SIG_IGN);
    if (!o->loop)
        cr_assert_eq(loop_new(&o->loop), 0);
    options.loop = loop_lws(o->loop);
    options.port = port;
    options.is_tls = tls_name != NULL;
    options.host_header = host_header;
    (void)snprintf(host_header, sizeof host_header, "%s:%u", options.host, port);
    cr_assert_eq(ws_trust_get(options.loop, ca_file, NULL, &options.trust), 0);
    cr_assert_eq(ws_open(&options, &handler, o, &o->ws), 0);
}

static void turn_until(struct our_side *o, const unsigned *count, unsigned n)
{
    for (int i = 0; i < TURNS_MAX && *count < n; i++)
        loop_turn(o->loop, 10);
    cr_assert_geq(*count, n, "nothing came: %s", o->end.text);
}

static void hang_up(struct our_side *o)
{
    o->ws = ws_free(o->ws);
    o->loop = loop_free(o->loop);
}

/* --- scenes ------------------------------------------------------------------------------------------------------- */

static uint64_t sum_of(const void *bytes, size_t size, uint64_t sum)
{
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + ((const uint8_t *)bytes)[i];
    return sum;
}

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

static void play_early(struct venue_side *v)
{
    char text[1024];
    size_t n = upgrade_text(v, text, sizeof text);

    /* One packet: the answer, a whole message, and the head of the next one. */
    memcpy(text + n,
           "\x82\x05"
           "early\x82\x04ha",
           11);
    venue_write(v, text, n + 11);
    venue_write(v, "lf", 2);
    venue_frame(v, 0x01, "frag", 4);
    venue_frame(v, 0x80, "ment", 4);
    venue_frame(v, 0x89, "p", 1);
    venue_wait_for(v, 7);
    venue_frame(v, 0x88, "\x03\xe8", 2);
    venue_wait_for(v, 15);
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

/* --- TLS ---------------------------------------------------------------------------------------------------------- */

/* A key and a certificate for `name` that signs itself; the certificate also as a file. */
static SSL_CTX *tls_make(const char *name, char *ca_file)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    X509_EXTENSION *extension;
    FILE *f;

    cr_assert(key && x && tls);
    (void)X509_set_version(x, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    (void)X509_set_pubkey(x, key);
    (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"venue", -1,
                                     -1, 0);
    (void)X509_set_issuer_name(x, X509_get_subject_name(x));
    extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, name);
    (void)X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
    cr_assert_gt(X509_sign(x, key, EVP_sha256()), 0);
    (void)strcpy(ca_file, "/tmp/hoga-ca-XXXXXX");
    f = fdopen(mkstemp(ca_file), "w");
    cr_assert_not_null(f);
    (void)PEM_write_X509(f, x);
    (void)fclose(f);
    cr_assert_eq(SSL_CTX_use_certificate(tls, x), 1);
    cr_assert_eq(SSL_CTX_use_PrivateKey(tls, key), 1);
    X509_free(x);
    EVP_PKEY_free(key);
    return tls;
}

static struct our_side tls_try(const char *certified, const char *host, int is_trusted,
                               void (*play)(struct venue_side *))
{
    struct venue_side v = { 0 };
    struct our_side o = { .say_when_open = "go" };
    char ca_file[32];

    v.tls = tls_make(certified, ca_file);
    venue_start(&v, play);
    dial(&o, v.port, host, is_trusted ? ca_file : NULL);
    turn_until(&o, &o.n_closed, 1);
    hang_up(&o);
    venue_end(&v);
    (void)unlink(ca_file);
    return o;
}

#define BIG_SIZE (3u << 20)

static void play_tls(struct venue_side *v)
{
    char *big = calloc(1, BIG_SIZE);

    venue_upgrade(v);
    venue_wait_for(v, 6 + 2);
    for (int i = 0; i < 500; i++)
        venue_frame(v, 0x82, big, 1024);
    venue_frame(v, 0x82, big, BIG_SIZE);
    venue_frame(v, 0x02, big, 70000);
    venue_frame(v, 0x80, big, 1);
    venue_frame(v, 0x88, "\x03\xe8", 2);
    venue_wait_for(v, 16);
    free(big);
}

Test(ws, trusts_only_a_certificate_that_is_ours_and_for_this_host)
{
    struct our_side o = tls_try("DNS:localhost", "localhost", 1, play_tls);

    cr_expect_eq(o.end.reason, REASON_CLOSED_BY_VENUE, "%s %s", verdict_reason_word(o.end.reason), o.end.text);
    cr_expect_eq(o.n_messages, 502);
    cr_expect_eq(o.bytes, 500 * 1024 + BIG_SIZE + 70001);
    cr_expect_eq(o.taken_over, 1);
    o = tls_try("IP:127.0.0.1", "127.0.0.1", 1, play_tls);
    cr_expect_eq(o.end.reason, REASON_CLOSED_BY_VENUE, "%s %s", verdict_reason_word(o.end.reason), o.end.text);
    cr_expect_eq(o.n_messages, 502);

    o = tls_try("DNS:localhost", "localhost", 0, play_tls); /* the system does not know it */
    cr_expect_eq(o.end.reason, REASON_TLS_FAILED);
    cr_expect_eq(o.n_open, 0);
    o = tls_try("DNS:other.example", "localhost", 1, play_tls);
    cr_expect_eq(o.end.reason, REASON_TLS_FAILED, "%s %s", verdict_reason_word(o.end.reason), o.end.text);
    cr_expect_eq(o.n_open, 0);
    o = tls_try("IP:127.0.0.2", "127.0.0.1", 1, play_tls);
    cr_expect_eq(o.end.reason, REASON_TLS_FAILED, "%s %s", verdict_reason_word(o.end.reason), o.end.text);
    o = tls_try("DNS:127.0.0.1", "127.0.0.1", 1, play_tls); /* a name is no address */
    cr_expect_eq(o.end.reason, REASON_TLS_FAILED, "%s %s", verdict_reason_word(o.end.reason), o.end.text);
    o = tls_try("DNS:localhost", "localhost", 1, play_early); /* early data inside TLS */
    cr_expect_eq(o.n_messages, 3);
    cr_expect_eq(o.sum, sum_of("earlyhalffragment", 17, 0));
    NO_LEAKS();
}
