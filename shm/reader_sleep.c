/* SPDX-License-Identifier: MIT
 * reader_sleep.c - how a reader sleeps until something is published, on a mapping it cannot write. */
#include "reader.h"

#include "seqlock.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S           1000000000ll
#define ANNOUNCE_CALLS_MAX 3     /* a sleeper on more bits than this announces itself for all of them */
#define FUTEX_OPERAND_MASK 0xfff /* futex(2): operands of FUTEX_WAKE_OP have 12 bits, signed */

static const uint32_t *wake_word_at(const struct segment_map *map)
{
    return &((const struct hoga_abi_header *)(const void *)map->base)->wake_word;
}

uint32_t reader_wake_word(const struct segment_map *map)
{
    return seqlock_load_32(wake_word_at(map)); /* pairs: seqlock_futex_move; books looked at later are not older */
}

uint32_t reader_slot_bit(uint32_t slot)
{
    return 1u << (slot % 32);
}

/* FUTEX_WAIT_BITSET takes the deadline on CLOCK_MONOTONIC. */
static struct timespec deadline_after(int64_t timeout_ns)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += timeout_ns / NS_PER_S;
    t.tv_nsec += timeout_ns % NS_PER_S;
    if (t.tv_nsec >= NS_PER_S) {
        t.tv_sec++;
        t.tv_nsec -= NS_PER_S;
    }
    return t;
}

/* Set bits in the page by the kernel's hand: FUTEX_WAKE_OP changes a word atomically, and where any member of the group
 * has cut the file short it says EFAULT; our own store would be a SIGBUS. It wakes nobody, since nobody waits there. An
 * announcement that fails (EFAULT, or a sandbox that forbids the call) costs its sleeper at most its own slice. */
static void sleepers_or(struct hoga_abi_wake *wake, int operation, int operand)
{
    /* As FUTEX_OP makes it, whose shift of a signed 10 by 28 is undefined. */
    uint32_t encoded = (uint32_t)operation << 28 | (uint32_t)FUTEX_OP_CMP_EQ << 24 | (uint32_t)operand << 12;

    (void)syscall(SYS_futex, &wake->sleepers, FUTEX_WAKE_OP_PRIVATE, 0, NULL, &wake->sleepers, encoded);
}

/* Pairs: seqlock_sleepers_take and _look. Nothing is taken back on waking up: the daemon does it as it wakes. */
static void sleepers_announce(struct hoga_abi_wake *wake, uint32_t bits)
{
    if (__builtin_popcount(bits) > ANNOUNCE_CALLS_MAX) { /* one call for all: sign-extended to 32 set bits */
        sleepers_or(wake, FUTEX_OP_OR, -1 & FUTEX_OPERAND_MASK);
        return;
    }
    for (; bits != 0; bits &= bits - 1)
        sleepers_or(wake, FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, __builtin_ctz(bits));
}

int reader_sleep(const struct segment_map *map, struct hoga_abi_wake *wake, uint32_t seen_word, uint32_t slot_bits,
                 int64_t timeout_ns)
{
    const uint32_t *word = wake_word_at(map);
    uint32_t bits = slot_bits != 0 ? slot_bits : FUTEX_BITSET_MATCH_ANY;
    struct timespec deadline;

    if (seqlock_load_32(word) != seen_word)
        return 0;
    if (timeout_ns <= 0)
        return -ETIMEDOUT;
    if (timeout_ns > (int64_t)HOGA_SLEEP_LIMIT_NS)
        timeout_ns = (int64_t)HOGA_SLEEP_LIMIT_NS;
    if (wake != NULL)
        sleepers_announce(wake, bits);
    deadline = deadline_after(timeout_ns);
    if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET, seen_word, &deadline, NULL, bits) == 0)
        return 0;
    return errno == EAGAIN ? 0 : -errno; /* EAGAIN: the word had moved before the kernel looked */
}
