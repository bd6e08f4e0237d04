/* SPDX-License-Identifier: MIT
 * seqlock.h - every atomic of hoga: rings of copies, single words, the futex. One writer a ring, any number of readers,
 * nobody ever waits. The protocol in ten lines each: shm/README.md; its proof by exhaustion: tests/stress/model.c.
 *
 * Which orders carry the proof (number n, copy at n % copies, seq exact and never used twice for other contents):
 *   newest  stored release, loaded acquire: who has seen `newest == n` sees all of copy n, or something later.
 *   payload stored release, loaded acquire: who has seen a word of a later update sees, when it looks at seq again,
 *           the odd seq that was stored before that word. So two looks at 2 * n enclose nothing but copy n.
 *   seq     relaxed on both sides: the two above order it. The model shows that weakening any of those four is found,
 *           and that nothing more is needed. No bare fences: ThreadSanitizer does not know them.
 *
 * x86-64 release builds copy the payload with plain vector moves in inline assembly. That is outside the C machine and
 * right by x86's own (Intel SDM vol. 3A 9.2.2, AMD APM vol. 2 7.1.1): loads are not reordered with loads, stores not
 * with stores, on write-back memory, string and non-temporal moves excepted, which is why neither is used. The memory
 * clobber of the asm statement keeps the compiler from moving the loads and stores of seq and newest across. Bytes of
 * one vector need not move at one instant: the argument above holds for each byte by itself. */
#ifndef HOGA_SEQLOCK_H
#define HOGA_SEQLOCK_H

#include "hoga_abi.h"

#include <stddef.h>
#include <stdint.h>

/* A shared word. May alias: the structs of hoga_abi.h are copied as words. */
typedef uint64_t __attribute__((may_alias)) seqlock_word;

_Static_assert(__atomic_always_lock_free(sizeof(uint64_t), 0), "an 8-byte word must be stored whole");
_Static_assert(__atomic_always_lock_free(sizeof(uint32_t), 0), "a futex word must be stored whole");

/* tests/stress dies after the n-th shared store or system call by compiling shm/ again with this defined. */
#ifdef SEQLOCK_TEST_HOOK
void SEQLOCK_TEST_HOOK(void);
#define SEQLOCK_STEP() SEQLOCK_TEST_HOOK()
#else
#define SEQLOCK_STEP() ((void)0)
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SEQLOCK_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SEQLOCK_SANITIZED 1
#endif
#endif
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(SEQLOCK_SANITIZED) && !defined(SEQLOCK_TEST_HOOK) &&      \
    !defined(SEQLOCK_PORTABLE)
#define SEQLOCK_X86 1
#else
#define SEQLOCK_X86 0
#endif

/* --- single words ------------------------------------------------------------------------------------------------ */

/* Pairs with seqlock_store: what was stored before the word is seen after it. */
static inline uint64_t seqlock_load(const void *word)
{
    return __atomic_load_n((const seqlock_word *)word, __ATOMIC_ACQUIRE);
}

static inline void seqlock_store(void *word, uint64_t value)
{
    __atomic_store_n((seqlock_word *)word, value, __ATOMIC_RELEASE); /* pairs: seqlock_load */
    SEQLOCK_STEP();
}

/* A word that says nothing about others (a counter's value): only whole, in no order. */
static inline uint64_t seqlock_peek(const void *word)
{
    return __atomic_load_n((const seqlock_word *)word, __ATOMIC_RELAXED);
}

static inline void seqlock_poke(void *word, uint64_t value)
{
    __atomic_store_n((seqlock_word *)word, value, __ATOMIC_RELAXED);
    SEQLOCK_STEP();
}

/* --- payload ----------------------------------------------------------------------------------------------------- */

/* Private memory to shared words. Sizes are multiples of 8 here, of 16 in the x86 form. */
static inline void seqlock_put_portable(void *shared, const void *from, size_t size)
{
    seqlock_word *to_word = shared;
    const seqlock_word *from_word = from;

    for (size_t i = 0; i < size / 8; i++)
        seqlock_store(&to_word[i], from_word[i]);
}

/* Shared words to private memory; acquire each, so that the second look at seq comes after all of them. */
static inline void seqlock_get_portable(void *to, const void *shared, size_t size)
{
    seqlock_word *to_word = to;
    const seqlock_word *from_word = shared;

    for (size_t i = 0; i < size / 8; i++)
        to_word[i] = seqlock_load(&from_word[i]);
}

#if defined(__x86_64__)
/* Both directions: see the top of the file for why plain moves are enough. Multiples of 16 bytes. */
static inline void seqlock_move_sse(void *to, const void *from, size_t size)
{
    size_t n_blocks = size / 64, n_rest = size % 64 / 16;

    __asm__ __volatile__("test %[blocks], %[blocks]\n\t"
                         "jz 2f\n"
                         "1:\n\t"
                         "movups (%[from]), %%xmm0\n\t"
                         "movups 16(%[from]), %%xmm1\n\t"
                         "movups 32(%[from]), %%xmm2\n\t"
                         "movups 48(%[from]), %%xmm3\n\t"
                         "movups %%xmm0, (%[to])\n\t"
                         "movups %%xmm1, 16(%[to])\n\t"
                         "movups %%xmm2, 32(%[to])\n\t"
                         "movups %%xmm3, 48(%[to])\n\t"
                         "add $64, %[from]\n\t"
                         "add $64, %[to]\n\t"
                         "dec %[blocks]\n\t"
                         "jnz 1b\n"
                         "2:\n\t"
                         "test %[rest], %[rest]\n\t"
                         "jz 4f\n"
                         "3:\n\t"
                         "movups (%[from]), %%xmm0\n\t"
                         "movups %%xmm0, (%[to])\n\t"
                         "add $16, %[from]\n\t"
                         "add $16, %[to]\n\t"
                         "dec %[rest]\n\t"
                         "jnz 3b\n"
                         "4:"
                         : [to] "+r"(to), [from] "+r"(from), [blocks] "+r"(n_blocks), [rest] "+r"(n_rest)
                         :
                         : "xmm0", "xmm1", "xmm2", "xmm3", "cc", "memory");
}

/* The same in vectors of 32 bytes, 128 a turn, and what is left over by halves. Load and store by turns: four loads
 * before four stores took a sixth longer (AMD EPYC, family 26). */
static inline void seqlock_move_avx(void *to, const void *from, size_t size)
{
    size_t n_blocks = size / 128;

    __asm__ __volatile__("test %[blocks], %[blocks]\n\t"
                         "jz 2f\n"
                         "1:\n\t"
                         "vmovups (%[from]), %%ymm0\n\t"
                         "vmovups %%ymm0, (%[to])\n\t"
                         "vmovups 32(%[from]), %%ymm1\n\t"
                         "vmovups %%ymm1, 32(%[to])\n\t"
                         "vmovups 64(%[from]), %%ymm2\n\t"
                         "vmovups %%ymm2, 64(%[to])\n\t"
                         "vmovups 96(%[from]), %%ymm3\n\t"
                         "vmovups %%ymm3, 96(%[to])\n\t"
                         "sub $-128, %[from]\n\t"
                         "sub $-128, %[to]\n\t"
                         "dec %[blocks]\n\t"
                         "jnz 1b\n"
                         "2:\n\t"
                         "test $64, %b[size]\n\t"
                         "jz 3f\n\t"
                         "vmovups (%[from]), %%ymm0\n\t"
                         "vmovups %%ymm0, (%[to])\n\t"
                         "vmovups 32(%[from]), %%ymm1\n\t"
                         "vmovups %%ymm1, 32(%[to])\n\t"
                         "add $64, %[from]\n\t"
                         "add $64, %[to]\n"
                         "3:\n\t"
                         "test $32, %b[size]\n\t"
                         "jz 4f\n\t"
                         "vmovups (%[from]), %%ymm0\n\t"
                         "vmovups %%ymm0, (%[to])\n\t"
                         "add $32, %[from]\n\t"
                         "add $32, %[to]\n"
                         "4:\n\t"
                         "test $16, %b[size]\n\t"
                         "jz 5f\n\t"
                         "vmovups (%[from]), %%xmm0\n\t"
                         "vmovups %%xmm0, (%[to])\n"
                         "5:\n\t"
                         "vzeroupper"
                         : [to] "+r"(to), [from] "+r"(from), [blocks] "+r"(n_blocks)
                         : [size] "r"(size)
                         : "xmm0", "xmm1", "xmm2", "xmm3", "cc", "memory");
}

/* The head of a book: two lines, no loop. */
static inline void seqlock_move_head(void *to, const void *from)
{
    __asm__ __volatile__("movups (%[from]), %%xmm0\n\t"
                         "movups 16(%[from]), %%xmm1\n\t"
                         "movups 32(%[from]), %%xmm2\n\t"
                         "movups 48(%[from]), %%xmm3\n\t"
                         "movups 64(%[from]), %%xmm4\n\t"
                         "movups 80(%[from]), %%xmm5\n\t"
                         "movups 96(%[from]), %%xmm6\n\t"
                         "movups 112(%[from]), %%xmm7\n\t"
                         "movups %%xmm0, (%[to])\n\t"
                         "movups %%xmm1, 16(%[to])\n\t"
                         "movups %%xmm2, 32(%[to])\n\t"
                         "movups %%xmm3, 48(%[to])\n\t"
                         "movups %%xmm4, 64(%[to])\n\t"
                         "movups %%xmm5, 80(%[to])\n\t"
                         "movups %%xmm6, 96(%[to])\n\t"
                         "movups %%xmm7, 112(%[to])"
                         :
                         : [to] "r"(to), [from] "r"(from)
                         : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "memory");
}

static inline void seqlock_move_x86(void *to, const void *from, size_t size)
{
    if (__builtin_constant_p(size) && size == sizeof(struct hoga_abi_book_head))
        seqlock_move_head(to, from);
    else if (__builtin_cpu_supports("avx"))
        seqlock_move_avx(to, from, size);
    else
        seqlock_move_sse(to, from, size);
}
#endif

/* Two words that are wanted together, in one register where the machine has such. */
typedef uint64_t seqlock_pair __attribute__((vector_size(16)));

static inline seqlock_pair seqlock_load_pair(const void *shared)
{
    seqlock_pair pair;
#if SEQLOCK_X86
    __asm__ __volatile__("movups (%[from]), %[pair]" : [pair] "=x"(pair) : [from] "r"(shared) : "memory");
#else
    pair[0] = seqlock_load(shared);
    pair[1] = seqlock_load((const uint8_t *)shared + 8);
#endif
    return pair;
}

static inline void seqlock_put(void *shared, const void *from, size_t size)
{
#if SEQLOCK_X86
    seqlock_move_x86(shared, from, size);
#else
    seqlock_put_portable(shared, from, size);
#endif
}

static inline void seqlock_get(void *to, const void *shared, size_t size)
{
#if SEQLOCK_X86
    seqlock_move_x86(to, shared, size);
#else
    seqlock_get_portable(to, shared, size);
#endif
}

/* Ask for the lines of [shared, shared + size) for writing, all at once. Stores take their lines from a reader's core
 * one after the other, since they become visible in order; asked for beforehand they come together. By hand on x86:
 * without -mprfchw the builtin asks for reading, which is no help at all. Processors that do not know the instruction
 * take it for a no-op. Says nothing about order, and a line that is not there in time costs time only. */
static inline void seqlock_want(const void *shared, size_t size)
{
    const uint8_t *line = shared;

    for (size_t i = 0; i < size; i += 64) {
#if defined(__x86_64__)
        __asm__ __volatile__("prefetchw (%0)" : : "r"(line + i));
#else
        __builtin_prefetch(line + i, 1, 3);
#endif
    }
}

static inline void seqlock_zero(void *shared, size_t size)
{
    seqlock_word *word = shared;

    for (size_t i = 0; i < size / 8; i++)
        seqlock_store(&word[i], 0);
}

/* --- a ring of copies -------------------------------------------------------------------------------------------- */

/* Where update `number` lies. copies is a power of two. */
static inline size_t seqlock_copy_offset(uint64_t number, uint32_t copies, uint32_t item_size)
{
    return sizeof(struct hoga_abi_ring) + (size_t)(number & (copies - 1)) * item_size;
}

/* Announce that the copy is about to change. `| 1`, never `++`: a dead writer may have left it odd.
 * Returns: the odd seq, to be written again with the copy's first line. */
static inline uint64_t seqlock_write_begin(void *copy)
{
    uint64_t odd = seqlock_peek(copy) | 1;

    seqlock_poke(copy, odd); /* ordered before the payload by the payload's release */
    return odd;
}

/* The copy is whole: first its number, then the index. A writer that dies in between leaves the index at the copy
 * before, which is whole as well. */
static inline void seqlock_write_end(struct hoga_abi_ring *ring, void *copy, uint64_t number)
{
    seqlock_poke(copy, 2 * number);       /* ordered by the release of newest */
    seqlock_store(&ring->newest, number); /* pairs: seqlock_newest */
}

static inline uint64_t seqlock_newest(const struct hoga_abi_ring *ring)
{
    return seqlock_load(&ring->newest);
}

/* The look before and after the copying: is this still copy `number`, whole? */
static inline int seqlock_is_copy(const void *copy, uint64_t number)
{
    return seqlock_peek(copy) == 2 * number;
}

/* --- the futex and the doorbell ---------------------------------------------------------------------------------- */

static inline uint32_t seqlock_load_32(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Dekker: the writer moves the word, then looks for sleepers; a sleeper announces itself, then the kernel looks at the
 * word. All four are sequentially consistent (futex(2) announces with a locked operation and looks after a full
 * barrier: reader_sleep.c), so at least one sees the other. */
static inline uint32_t seqlock_futex_move(uint32_t *word)
{
    uint32_t moved = __atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST); /* pairs: reader_sleep */

    SEQLOCK_STEP();
    return moved;
}

/* Which of `bits` are announced. Pairs: the announcement in reader_sleep. */
static inline uint32_t seqlock_sleepers_look(const uint32_t *sleepers, uint32_t bits)
{
    return __atomic_load_n(sleepers, __ATOMIC_SEQ_CST) & bits;
}

/* The same, and they are taken back: for the writer, before it moves the word. Whoever announced itself before this has
 * not seen the word moved, so it is woken behind the move or not put to sleep. Taken after the move, the announcement
 * of one that saw the new word and is just falling asleep could be lost. */
static inline uint32_t seqlock_sleepers_take(uint32_t *sleepers, uint32_t bits)
{
    if (seqlock_sleepers_look(sleepers, bits) == 0)
        return 0; /* the common case writes nothing */
    return __atomic_fetch_and(sleepers, ~bits, __ATOMIC_SEQ_CST) & bits;
}

/* A pointer of the process, between a signal handler and the thread it interrupts. */
static inline void *seqlock_pointer_load(void *const *pointer)
{
    return __atomic_load_n(pointer, __ATOMIC_ACQUIRE);
}

static inline void seqlock_pointer_store(void **pointer, void *value)
{
    __atomic_store_n(pointer, value, __ATOMIC_RELEASE);
}

#endif
