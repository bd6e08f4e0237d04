/* SPDX-License-Identifier: MIT
 * Sleeping until something is published. A dead daemon wakes nobody, so no sleep is longer than the moment at which its
 * heartbeat runs out, nor than HOGA_SLEEP_SLICE_NS: the doorbell count in PATH.wake is any group member's to falsify.
 */
#include "handle.h"
#include "verdict.h"

#include <errno.h>

struct wait_set {
    const hoga_id *ids;
    const uint64_t *seen_updates; /* NULL: not compared */
    const uint8_t *seen_states;   /* NULL: not compared */
    size_t n;
    uint64_t next_trade; /* 0: not waited for; else of the one instrument */
};

/* The index of the first that differs, -EAGAIN none yet, -ESTALE. */
static int wait_look(struct hoga *h, const struct wait_set *set, int64_t now_boot_ns)
{
    for (size_t i = 0; i < set->n; i++) {
        struct hoga_book book;
        int r = hoga_read_top(h, set->ids[i], now_boot_ns, &book);
        if (r == -EAGAIN)
            return (int)i; /* it moves so fast that no copy could be taken: it certainly has changed */
        if (r < 0)
            return r;
        if (set->seen_updates != NULL && book.update != set->seen_updates[i])
            return (int)i;
        if (set->seen_states != NULL && book.state != set->seen_states[i])
            return (int)i;
    }
    return -EAGAIN;
}

/* The same for a trade. */
static int wait_look_trade(struct hoga *h, const struct wait_set *set)
{
    uint64_t next = set->next_trade;
    int r = hoga_trades(h, set->ids[0], &next, NULL, 0, NULL); /* whose it is now */
    if (r < 0)
        return r == -EAGAIN ? 0 : r;
    return hoga_trades_newest(h, set->ids[0]) >= set->next_trade ? 0 : -EAGAIN;
}

static int64_t wait_slice_ns(const struct reader_live *live, int64_t now_boot_ns, int64_t deadline_ns)
{
    int64_t slice_ns = (int64_t)HOGA_SLEEP_SLICE_NS;
    if (lib_verdict_daemon(live, now_boot_ns) == HOGA_RE_NONE) {
        int64_t left_ns = (int64_t)live->heartbeat_boot_ns + (int64_t)HOGA_SILENT_NS + 1 - now_boot_ns;
        slice_ns = left_ns < slice_ns ? left_ns : slice_ns;
    }
    return deadline_ns - now_boot_ns < slice_ns ? deadline_ns - now_boot_ns : slice_ns;
}

static uint32_t wait_bits(const struct wait_set *set)
{
    uint32_t bits = set->n == 0 ? UINT32_MAX : 0;
    for (size_t i = 0; i < set->n; i++)
        bits |= reader_slot_bit(lib_id_slot(set->ids[i]));
    return bits;
}

static int wait_loop(struct hoga *h, const struct wait_set *set, int64_t deadline_ns)
{
    uint32_t bits = wait_bits(set);
    uint16_t tag = h->tag;
    uint32_t first_word = reader_wake_word(&h->map);
    for (;;) {
        /* The word before the look: what is published after the look moves it, and the kernel will not let us sleep. */
        uint32_t word = reader_wake_word(&h->map);
        int64_t now_boot_ns = lib_boot_ns();
        struct reader_live live;
        (void)lib_handle_refresh(h, now_boot_ns, &live);
        if (h->tag != tag)
            return set->n == 0 ? 0 : -ESTALE;
        if (set->n == 0 && word != first_word)
            return 0;
        int r = set->next_trade > 0 ? wait_look_trade(h, set) : wait_look(h, set, now_boot_ns);
        if (r != -EAGAIN)
            return r;
        if (now_boot_ns >= deadline_ns)
            return -ETIMEDOUT;
        lib_handle_wake_map(h, live.epoch);
        r = reader_sleep(&h->map, h->wake, word, bits, wait_slice_ns(&live, now_boot_ns, deadline_ns));
        if (r < 0 && r != -ETIMEDOUT)
            return r;
    }
}

static int64_t wait_deadline_ns(int64_t timeout_ns)
{
    int64_t deadline_ns;
    if (timeout_ns < 0 || __builtin_add_overflow(lib_boot_ns(), timeout_ns, &deadline_ns))
        return INT64_MAX;
    return deadline_ns;
}

int hoga_wait_any(struct hoga *h, const hoga_id *ids, size_t n, const uint64_t *seen_updates,
                  const uint8_t *seen_states, int64_t timeout_ns)
{
    struct wait_set set = { ids, seen_updates, seen_states, n, 0 };
    return wait_loop(h, &set, wait_deadline_ns(timeout_ns));
}

int hoga_wait_trades(struct hoga *h, hoga_id id, uint64_t next, int64_t timeout_ns)
{
    int r = 0;
    if (next == HOGA_TRADES_LAST)
        r = hoga_trades(h, id, &next, NULL, 0, NULL);
    struct wait_set set = { &id, NULL, NULL, 1, next > 0 ? next : 1 };
    return r < 0 ? r : wait_loop(h, &set, wait_deadline_ns(timeout_ns));
}

int hoga_wait(struct hoga *h, hoga_id id, uint64_t seen_update, uint8_t seen_state, int64_t timeout_ns)
{
    return hoga_wait_any(h, &id, 1, &seen_update, &seen_state, timeout_ns);
}
