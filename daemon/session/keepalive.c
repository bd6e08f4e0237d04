/* SPDX-License-Identifier: MIT */
#include "session/keepalive.h"

#define MS_NS 1000000ll

void keepalive_begin(struct keepalive *k, int64_t interval_ms, int64_t deadline_ms, int64_t now_boot_ns)
{
    *k = (struct keepalive){ .interval_ns = interval_ms * MS_NS,
                             .deadline_ns = deadline_ms * MS_NS,
                             .heard_boot_ns = now_boot_ns,
                             .next_ping_boot_ns = interval_ms > 0 ? now_boot_ns : INT64_MAX };
}

static int is_dripping(const struct keepalive *k, int64_t now_boot_ns, uint64_t n_bytes)
{
    return n_bytes != k->n_bytes && now_boot_ns - k->heard_boot_ns < KEEPALIVE_DRIP_DEADLINES * k->deadline_ns;
}

unsigned keepalive_step(struct keepalive *k, int64_t now_boot_ns, uint64_t n_bytes, int is_reading)
{
    int is_answered = k->pinged_boot_ns == 0 || k->heard_boot_ns > k->pinged_boot_ns;
    unsigned what = 0;

    if (is_answered) {
        k->pinged_boot_ns = 0;
    } else if (!is_reading) {
        k->pinged_boot_ns = now_boot_ns;
        k->n_bytes = n_bytes;
    } else if (now_boot_ns >= k->pinged_boot_ns + k->deadline_ns) {
        if (!is_dripping(k, now_boot_ns, n_bytes))
            return KEEPALIVE_DEAD;
        what = KEEPALIVE_MOVING;
        k->pinged_boot_ns = now_boot_ns;
        k->n_bytes = n_bytes;
    }
    if (now_boot_ns >= k->next_ping_boot_ns) {
        what |= KEEPALIVE_PING;
        k->next_ping_boot_ns = now_boot_ns + k->interval_ns;
        if (is_answered) {
            k->pinged_boot_ns = now_boot_ns;
            k->n_bytes = n_bytes;
        }
    }
    return what;
}

int64_t keepalive_due(const struct keepalive *k)
{
    int64_t deadline = k->pinged_boot_ns + k->deadline_ns;

    return k->pinged_boot_ns > 0 && deadline < k->next_ping_boot_ns ? deadline : k->next_ping_boot_ns;
}
