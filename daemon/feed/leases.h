/* SPDX-License-Identifier: MIT
 * leases.h - which books are wanted because somebody holds them, beside those that are configured. A book whose last
 * holder has gone stays for a while: front ends come back. Pure; knows no clock, no socket and no feed. */
#ifndef HOGA_LEASES_H
#define HOGA_LEASES_H

#include "venue/venue.h"

#define LEASES_PER_HOLDER_MAX 128
#define LEASES_OPERATOR       0 /* a holder that never goes: until it is given back, or the daemon ends */

struct lease {
    const struct venue *venue;
    char symbol[MD_SYMBOL_SIZE];
    uint64_t *holders; /* n_holders; each once */
    uint32_t n_holders, room;
    int64_t due_boot_ns; /* nobody holds it: when it goes */
};

struct leases;

/* Units:   n_max books.
 * Owns:    *ret, leases_free (takes NULL, returns NULL).
 * Returns: 0, -ENOMEM. */
int leases_new(uint32_t n_max, struct leases **ret);
struct leases *leases_free(struct leases *l);

/* Returns: 1 the book was in no lease before, 0 it was (also where this holder has it already); -EDQUOT this holder has
 * LEASES_PER_HOLDER_MAX, -ENOSPC n_max books, -ENOMEM. */
int leases_take(struct leases *l, const struct venue *venue, const char *symbol, uint64_t holder);
/* Returns: 0, -ENOENT this holder has no such lease. */
int leases_give(struct leases *l, const struct venue *venue, const char *symbol, uint64_t holder, int64_t due_boot_ns);
/* All that this holder has. Returns: how many. */
uint32_t leases_end(struct leases *l, uint64_t holder, int64_t due_boot_ns);

/* One that nobody holds and whose time has come is forgotten: 1 and what it was; 0 there is none.
 * INT64_MAX: whichever has waited longest. */
int leases_next_due(struct leases *l, int64_t now_boot_ns, struct lease *ret);

/* What there is, in no order; good until the next call that changes something. */
uint32_t leases_n(const struct leases *l);
const struct lease *leases_at(const struct leases *l, uint32_t i);
const struct lease *leases_find(const struct leases *l, const struct venue *venue, const char *symbol);
int lease_has_holder(const struct lease *lease, uint64_t holder);
uint32_t leases_n_of_holder(const struct leases *l, uint64_t holder);

#endif
