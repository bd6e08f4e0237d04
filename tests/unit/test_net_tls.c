/* SPDX-License-Identifier: MIT
 * The same over TLS: who is trusted, and large messages through the read BIO of our own. */
#include "our_side.h"
#include "venue_side.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define HOUR_S 3600

/* A key and a certificate for `name` that signs itself, valid for two hours up to `end_s` from now; also as a file. */
static SSL_CTX *tls_make(const char *name, long end_s, char *ca_file)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    X509_EXTENSION *extension;
    FILE *f;

    cr_assert(key && x && tls);
    (void)X509_set_version(x, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), end_s - 2 * HOUR_S);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), end_s);
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

static char server_name[64]; /* SNI, as the venue got it; "": none */

static int on_server_name(SSL *ssl, int *alert, void *context)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    (void)alert;
    (void)context;
    (void)snprintf(server_name, sizeof server_name, "%s", name ? name : "");
    return SSL_TLSEXT_ERR_OK;
}

static struct our_side tls_try_until(const char *certified, long end_s, const char *host, int is_trusted,
                                     void (*play)(struct venue_side *))
{
    struct venue_side v = { 0 };
    struct our_side o = { .say_when_open = "go" };
    char ca_file[32];

    server_name[0] = '\0';
    v.tls = tls_make(certified, end_s, ca_file);
    (void)SSL_CTX_set_tlsext_servername_callback(v.tls, on_server_name);
    venue_start(&v, play);
    dial(&o, v.port, host, is_trusted ? ca_file : NULL);
    turn_until(&o, &o.n_closed, 1);
    hang_up(&o);
    venue_end(&v);
    (void)unlink(ca_file);
    return o;
}

static struct our_side tls_try(const char *certified, const char *host, int is_trusted,
                               void (*play)(struct venue_side *))
{
    return tls_try_until(certified, HOUR_S, host, is_trusted, play);
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

Test(tls, trusts_only_a_certificate_that_is_ours_and_for_this_host)
{
    struct our_side o = tls_try("DNS:localhost", "localhost", 1, play_tls);

    cr_expect_eq(o.end.reason, REASON_CLOSED_BY_VENUE, "%s %s", verdict_reason_word(o.end.reason), o.end.text);
    cr_expect_eq(o.n_messages, 502);
    cr_expect_eq(o.bytes, 500 * 1024 + BIG_SIZE + 70001);
    cr_expect_eq(o.taken_over, 1);
    cr_expect_str_eq(server_name, "localhost", "the name alone, without the port");
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
    o = tls_try_until("DNS:localhost", -60, "localhost", 1, play_tls); /* ended a minute ago */
    cr_expect_eq(o.end.reason, REASON_TLS_FAILED, "%s %s", verdict_reason_word(o.end.reason), o.end.text);
    cr_expect_str_eq(o.end.text, "certificate has expired");
    o = tls_try_until("DNS:localhost", 3 * HOUR_S, "localhost", 1, play_tls); /* begins in an hour */
    cr_expect_eq(o.end.reason, REASON_TLS_FAILED, "%s %s", verdict_reason_word(o.end.reason), o.end.text);
    cr_expect_eq(o.n_open, 0);
    o = tls_try("DNS:localhost", "localhost", 1, play_early); /* early data inside TLS */
    cr_expect_eq(o.n_messages, 3);
    cr_expect_eq(o.sum, sum_of("earlyhalffragment", 17, 0));
    NO_LEAKS();
}
