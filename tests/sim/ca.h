/* SPDX-License-Identifier: MIT
 * ca.h - a certificate authority for one run, and a server certificate for 127.0.0.1, ::1 and localhost signed by it.
 * The keys never leave the process; only the authority's certificate is written out. Any thread. */
#ifndef SIM_CA_H
#define SIM_CA_H

#include <stddef.h>

#define CA_PEM_SIZE_MAX 4096

/* PEM texts, NUL terminated. */
struct ca {
    char authority[CA_PEM_SIZE_MAX];
    char certificate[CA_PEM_SIZE_MAX];
    char key[CA_PEM_SIZE_MAX];
};

/* Returns: 0, -EIO when OpenSSL refuses. */
int ca_make(struct ca *ret);

#endif
