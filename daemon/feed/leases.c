/* SPDX-License-Identifier: MIT
 * leases.c - see leases.h. A plain list, looked through: a thousand books are a few microseconds, and what asks is
 * limited to a few hundred times a second (loop/control.h). */
#include "feed/leases.h"

#include "core/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct leases {
    struct lease *at;
    uint32_t n, n_max;
};

int leases_new(uint32_t n_max, struct leases **ret)
{
    struct leases *l = calloc(1, sizeof(*l));

    if (l)
        l->at = calloc(n_max, sizeof(l->at[0]));
    if (!l || !l->at) {
        free(l);
        return -ENOMEM;
    }
    l->n_max = n_max;
    *ret = l;
    return 0;
}

struct leases *leases_free(struct leases *l)
{
    if (!l)
        return NULL;
    for (uint32_t i = 0; i < l->n; i++)
        free(l->at[i].holders);
    free(l->at);
    free(l);
    return NULL;
}

uint32_t leases_n(const struct leases *l)
{
    return l->n;
}

const struct lease *leases_at(const struct leases *l, uint32_t i)
{
    return &l->at[i];
}

static struct lease *lease_find(const struct leases *l, const struct venue *venue, const char *symbol)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (l->at[i].venue == venue && strcmp(l->at[i].symbol, symbol) == 0)
            return &l->at[i];
    }
    return NULL;
}

const struct lease *leases_find(const struct leases *l, const struct venue *venue, const char *symbol)
{
    return lease_find(l, venue, symbol);
}

int lease_has_holder(const struct lease *lease, uint64_t holder)
{
    for (uint32_t i = 0; i < lease->n_holders; i++) {
        if (lease->holders[i] == holder)
            return 1;
    }
    return 0;
}

uint32_t leases_n_of_holder(const struct leases *l, uint64_t holder)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->n; i++)
        n += (uint32_t)lease_has_holder(&l->at[i], holder);
    return n;
}

static int holder_add(struct lease *lease, uint64_t holder)
{
    if (lease->n_holders == lease->room) {
        uint32_t room = lease->room > 0 ? 2 * lease->room : 4;
        void *holders = reallocarray(lease->holders, room, sizeof(lease->holders[0]));

        if (!holders)
            return -ENOMEM;
        lease->holders = holders;
        lease->room = room;
    }
    lease->holders[lease->n_holders++] = holder;
    return 0;
}

int leases_take(struct leases *l, const struct venue *venue, const char *symbol, uint64_t holder)
{
    struct lease *lease = lease_find(l, venue, symbol);
    int is_new = !lease, r;

    if (lease && lease_has_holder(lease, holder))
        return 0;
    if (holder != LEASES_OPERATOR && leases_n_of_holder(l, holder) >= LEASES_PER_HOLDER_MAX)
        return -EDQUOT;
    if (is_new) {
        if (l->n == l->n_max)
            return -ENOSPC;
        lease = &l->at[l->n];
        *lease = (struct lease){ .venue = venue };
        r = text_copy(lease->symbol, sizeof(lease->symbol), symbol);
        if (r < 0)
            return r;
    }
    r = holder_add(lease, holder);
    if (r < 0)
        return r;
    l->n += (uint32_t)is_new;
    return is_new;
}

static int holder_drop(struct lease *lease, uint64_t holder, int64_t due_boot_ns)
{
    for (uint32_t i = 0; i < lease->n_holders; i++) {
        if (lease->holders[i] != holder)
            continue;
        lease->holders[i] = lease->holders[--lease->n_holders];
        lease->due_boot_ns = due_boot_ns;
        return 1;
    }
    return 0;
}

int leases_give(struct leases *l, const struct venue *venue, const char *symbol, uint64_t holder, int64_t due_boot_ns)
{
    struct lease *lease = lease_find(l, venue, symbol);

    return lease && holder_drop(lease, holder, due_boot_ns) ? 0 : -ENOENT;
}

uint32_t leases_end(struct leases *l, uint64_t holder, int64_t due_boot_ns)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->n; i++)
        n += (uint32_t)holder_drop(&l->at[i], holder, due_boot_ns);
    return n;
}

int leases_next_due(struct leases *l, int64_t now_boot_ns, struct lease *ret)
{
    struct lease *first = NULL;

    for (uint32_t i = 0; i < l->n; i++) {
        if (l->at[i].n_holders == 0 && l->at[i].due_boot_ns <= now_boot_ns &&
            (!first || l->at[i].due_boot_ns < first->due_boot_ns))
            first = &l->at[i];
    }
    if (!first)
        return 0;
    free(first->holders);
    *ret = *first;
    ret->holders = NULL;
    *first = l->at[--l->n];
    return 1;
}
