/* SPDX-License-Identifier: MIT */
#include "ca.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#define VALID_BEFORE_S (-86400) /* clocks differ */
#define VALID_AFTER_S  (30 * 86400L)

static int ca_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    int r;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    r = extension != NULL && X509_add_ext(cert, extension, -1) == 1 ? 0 : -EIO;
    X509_EXTENSION_free(extension);
    return r;
}

static int ca_serial(X509 *cert)
{
    unsigned char bytes[8];
    BIGNUM *number;
    int r;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return -EIO;
    bytes[0] &= 0x7f;
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    r = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL ? 0 : -EIO;
    BN_free(number);
    return r;
}

/* `issuer` NULL: signed by itself. */
static X509 *ca_certificate(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *cert = X509_new();
    X509_NAME *subject = cert == NULL ? NULL : X509_get_subject_name(cert);
    int r = -EIO;

    if (cert != NULL && X509_set_version(cert, 2) == 1 && ca_serial(cert) == 0 &&
        X509_gmtime_adj(X509_getm_notBefore(cert), VALID_BEFORE_S) != NULL &&
        X509_gmtime_adj(X509_getm_notAfter(cert), VALID_AFTER_S) != NULL && X509_set_pubkey(cert, key) == 1 &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0) == 1 &&
        X509_set_issuer_name(cert, issuer == NULL ? subject : X509_get_subject_name(issuer)) == 1)
        r = 0;
    if (r == 0)
        r = ca_extension(cert, issuer == NULL ? cert : issuer, NID_subject_key_identifier, "hash");
    if (r == 0 && issuer == NULL && ca_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE") == 0)
        r = ca_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
    if (r == 0 && issuer != NULL && ca_extension(cert, issuer, NID_authority_key_identifier, "keyid") == 0)
        r = ca_extension(cert, issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
    if (r == 0 && X509_sign(cert, issuer == NULL ? key : issuer_key, EVP_sha256()) > 0)
        return cert;
    X509_free(cert);
    return NULL;
}

static int ca_take_text(BIO *bio, int written, char ret[CA_PEM_SIZE_MAX])
{
    char *text = NULL;
    long n = bio == NULL ? 0 : BIO_get_mem_data(bio, &text);

    if (written != 1 || n <= 0 || n >= CA_PEM_SIZE_MAX)
        return -EIO;
    memcpy(ret, text, (size_t)n);
    ret[n] = '\0';
    return 0;
}

static int ca_pem(X509 *cert, EVP_PKEY *key, char ret[CA_PEM_SIZE_MAX])
{
    BIO *bio = BIO_new(BIO_s_mem());
    int r = -EIO;

    if (bio != NULL && cert != NULL)
        r = ca_take_text(bio, PEM_write_bio_X509(bio, cert), ret);
    else if (bio != NULL && key != NULL)
        r = ca_take_text(bio, PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), ret);
    (void)BIO_free(bio);
    return r;
}

int ca_make(struct ca *ret)
{
    EVP_PKEY *root_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509 *root = NULL, *cert = NULL;
    int r = -EIO;

    if (root_key != NULL && key != NULL)
        root = ca_certificate(root_key, "hoga-sim authority", NULL, NULL);
    if (root != NULL)
        cert = ca_certificate(key, "localhost", root, root_key);
    if (cert != NULL && ca_pem(root, NULL, ret->authority) == 0 && ca_pem(cert, NULL, ret->certificate) == 0)
        r = ca_pem(NULL, key, ret->key);
    X509_free(cert);
    X509_free(root);
    EVP_PKEY_free(key);
    EVP_PKEY_free(root_key);
    return r;
}
