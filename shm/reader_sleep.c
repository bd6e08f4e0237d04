/* SPDX-License-Identifier: MIT
 * reader_sleep.c - how a reader sleeps until something is published, on a mapping it cannot write. */
#include "reader.h"

#include "seqlock.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ll

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

int reader_sleep(const struct segment_map *map, struct hoga_abi_wake *wake, uint32_t seen_word, uint32_t slot_bits,
                 int64_t timeout_ns)
{
    const uint32_t *word = wake_word_at(map);
    uint32_t bits = slot_bits != 0 ? slot_bits : FUTEX_BITSET_MATCH_ANY;
    uint32_t emptied = 0;
    int is_announced = 0;
    int error = 0;

    if (seqlock_load_32(word) != seen_word)
        return 0;
    if (timeout_ns <= 0)
        return -ETIMEDOUT;
    if (timeout_ns > (int64_t)HOGA_SLEEP_LIMIT_NS)
        timeout_ns = (int64_t)HOGA_SLEEP_LIMIT_NS;
    if (wake != NULL)
        is_announced = seqlock_sleepers_enter(&wake->sleepers, &emptied);
    {
        struct timespec deadline = deadline_after(timeout_ns);

        if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET, seen_word, &deadline, NULL, bits) < 0)
            error = errno;
    }
    if (is_announced)
        seqlock_sleepers_leave(&wake->sleepers, emptied);
    if (error == 0 || error == EAGAIN) /* EAGAIN: the word had moved before the kernel looked */
        return 0;
    return -error;
}
