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
#include <string.h>

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
#if defined(__AVX512F__) /* else the compiler uses none of these, and may not know their names */
#define SEQLOCK_CLOBBER_512 "xmm16", "xmm17", "xmm18", "k1",
#else
#define SEQLOCK_CLOBBER_512
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

/* Private memory to shared words. Sizes are multiples of 8. */
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

/* Who copies: one word at a time, or vectors of so many bits. */
enum seqlock_form { SEQLOCK_WORDS, SEQLOCK_256, SEQLOCK_512 };

/* The same in every call of a process. 512 bits only on processors with VBMI2 (Intel since Ice Lake, AMD since Zen 4):
 * the first ones with such vectors slow the whole core down for them. */
static inline enum seqlock_form seqlock_form(void)
{
#if SEQLOCK_X86
    if (__builtin_cpu_supports("avx512vbmi2"))
        return SEQLOCK_512;
    if (__builtin_cpu_supports("avx"))
        return SEQLOCK_256;
#endif
    return SEQLOCK_WORDS;
}

#define SEQLOCK_STRAIGHT 960

#if defined(__x86_64__)
/* Why plain moves are enough, in both directions: the top of the file. At least one vector. The first and the last
 * vector lie where they lie, those between on whole lines of the destination, and the last may overlap the one before:
 * no rest, no case for each size. What counts here is how many lines are stored to, not how many instructions it takes.
 * Registers 16 and up leave nothing behind that would have to be cleared. */
static inline __attribute__((always_inline)) void seqlock_move_512(void *to, const void *from, size_t size)
{
    size_t at = -(uintptr_t)to & 63, last = size - 64;

    if (__builtin_expect(size < 64, 0)) { /* so many words of one vector, perhaps none */
        __asm__ __volatile__("kmovw %[words], %%k1\n\t"
                             "vmovdqu64 (%[from]), %%zmm16%{%%k1%}%{z%}\n\t"
                             "vmovdqu64 %%zmm16, (%[to])%{%%k1%}"
                             :
                             : [to] "r"(to), [from] "r"(from), [words] "r"((1u << size / 8) - 1)
                             : SEQLOCK_CLOBBER_512 "memory");
        return;
    }
    __asm__ __volatile__("vmovdqu64 (%[from]), %%zmm16\n\t"
                         "vmovdqu64 (%[from],%[last]), %%zmm17\n\t"
                         "vmovdqu64 %%zmm16, (%[to])\n\t"
                         "cmp %[last], %[at]\n\t"
                         "jae 2f\n"
                         "1:\n\t"
                         "vmovdqu64 (%[from],%[at]), %%zmm16\n\t"
                         "vmovdqu64 %%zmm16, (%[to],%[at])\n\t"
                         "add $64, %[at]\n\t"
                         "cmp %[last], %[at]\n\t"
                         "jb 1b\n"
                         "2:\n\t"
                         "vmovdqu64 %%zmm17, (%[to],%[last])"
                         : [at] "+&r"(at)
                         : [to] "r"(to), [from] "r"(from), [last] "r"(last)
                         : SEQLOCK_CLOBBER_512 "cc", "memory");
}

/* The same without a loop for what is read most, both sides of a book of the default depth: first and last vector, and
 * fourteen whole lines of the destination. */
#define SEQLOCK_LINE(n)                                                                                                \
    "vmovdqu64 64*" #n "(%[from]), %%zmm17\n\t"                                                                        \
    "vmovdqu64 %%zmm17, 64*" #n "(%[to])\n\t"
_Static_assert(SEQLOCK_STRAIGHT == 2 * HOGA_DEPTH_DEFAULT * sizeof(struct hoga_abi_level), "what is read most");
static inline __attribute__((always_inline)) void seqlock_move_512_straight(void *to, const void *from)
{
    size_t at = 64 - ((uintptr_t)to & 63);

    __asm__ __volatile__("vmovdqu64 (%[from]), %%zmm16\n\t"
                         "cmp $64, %[at]\n\t"
                         "vmovdqu64 %%zmm16, (%[to])\n\t"
                         "je 1f\n\t"
                         "vmovdqu64 896(%[from]), %%zmm17\n\t"
                         "vmovdqu64 %%zmm17, 896(%[to])\n"
                         "1:\n\t"
                         "add %[at], %[from]\n\t"
                         "add %[at], %[to]\n\t" SEQLOCK_LINE(0) SEQLOCK_LINE(1) SEQLOCK_LINE(2) SEQLOCK_LINE(3)
                             SEQLOCK_LINE(4) SEQLOCK_LINE(5) SEQLOCK_LINE(6) SEQLOCK_LINE(7) SEQLOCK_LINE(8)
                                 SEQLOCK_LINE(9) SEQLOCK_LINE(10) SEQLOCK_LINE(11) SEQLOCK_LINE(12) SEQLOCK_LINE(13)
                         : [to] "+&r"(to), [from] "+&r"(from)
                         : [at] "r"(at)
                         : SEQLOCK_CLOBBER_512 "cc", "memory");
}

/* At least one vector. Two a turn; bringing the destination to whole lines gains nothing with vectors this short. */
static inline __attribute__((always_inline)) void seqlock_move_256(void *to, const void *from, size_t size)
{
    size_t at = 0, last = size - 64;

    if (__builtin_expect(size < 64, 0)) {
        __asm__ __volatile__("vmovdqu (%[from]), %%ymm0\n\t"
                             "vmovdqu 32(%[from],%[last]), %%ymm1\n\t"
                             "vmovdqu %%ymm0, (%[to])\n\t"
                             "vmovdqu %%ymm1, 32(%[to],%[last])\n\t"
                             "vzeroupper"
                             :
                             : [to] "r"(to), [from] "r"(from), [last] "r"(last)
                             : "xmm0", "xmm1", "memory");
        return;
    }
    __asm__ __volatile__("1:\n\t"
                         "vmovdqu (%[from],%[at]), %%ymm0\n\t"
                         "vmovdqu 32(%[from],%[at]), %%ymm1\n\t"
                         "vmovdqu %%ymm0, (%[to],%[at])\n\t"
                         "vmovdqu %%ymm1, 32(%[to],%[at])\n\t"
                         "add $64, %[at]\n\t"
                         "cmp %[last], %[at]\n\t"
                         "jb 1b\n\t"
                         "vmovdqu (%[from],%[last]), %%ymm0\n\t"
                         "vmovdqu 32(%[from],%[last]), %%ymm1\n\t"
                         "vmovdqu %%ymm0, (%[to],%[last])\n\t"
                         "vmovdqu %%ymm1, 32(%[to],%[last])\n\t"
                         "vzeroupper"
                         : [at] "+&r"(at)
                         : [to] "r"(to), [from] "r"(from), [last] "r"(last)
                         : "xmm0", "xmm1", "cc", "memory");
}

/* SEQLOCK_STRAIGHT bytes without a loop. */
#define SEQLOCK_HALVES(n)                                                                                              \
    "vmovdqu 64*" #n "(%[from]), %%ymm0\n\t"                                                                           \
    "vmovdqu 64*" #n "+32(%[from]), %%ymm1\n\t"                                                                        \
    "vmovdqu %%ymm0, 64*" #n "(%[to])\n\t"                                                                             \
    "vmovdqu %%ymm1, 64*" #n "+32(%[to])\n\t"
static inline __attribute__((always_inline)) void seqlock_move_256_straight(void *to, const void *from)
{
    __asm__ __volatile__(SEQLOCK_HALVES(0) SEQLOCK_HALVES(1) SEQLOCK_HALVES(2) SEQLOCK_HALVES(3) SEQLOCK_HALVES(4)
                             SEQLOCK_HALVES(5) SEQLOCK_HALVES(6) SEQLOCK_HALVES(7) SEQLOCK_HALVES(8) SEQLOCK_HALVES(9)
                                 SEQLOCK_HALVES(10) SEQLOCK_HALVES(11) SEQLOCK_HALVES(12) SEQLOCK_HALVES(13)
                                     SEQLOCK_HALVES(14) "vzeroupper"
                         :
                         : [to] "r"(to), [from] "r"(from)
                         : "xmm0", "xmm1", "memory");
}
#endif

/* 256 bits at most: publishing a book took 2.5 ns longer with 512. */
static inline __attribute__((always_inline)) void seqlock_put(enum seqlock_form form, void *shared, const void *from,
                                                              size_t size)
{
#if SEQLOCK_X86
    if (form != SEQLOCK_WORDS && size >= 32)
        seqlock_move_256(shared, from, size);
    else
#endif
        seqlock_put_portable(shared, from, size);
    (void)form;
}

static inline __attribute__((always_inline)) void seqlock_get(enum seqlock_form form, void *to, const void *shared,
                                                              size_t size)
{
#if SEQLOCK_X86
    if (form == SEQLOCK_512)
        seqlock_move_512(to, shared, size);
    else if (form == SEQLOCK_256 && size >= 32)
        seqlock_move_256(to, shared, size);
    else
#endif
        seqlock_get_portable(to, shared, size);
    (void)form;
}

/* The same; quicker for SEQLOCK_STRAIGHT bytes. */
static inline __attribute__((always_inline)) void seqlock_get_whole(enum seqlock_form form, void *to,
                                                                    const void *shared, size_t size)
{
#if SEQLOCK_X86
    if (form == SEQLOCK_512 && size == SEQLOCK_STRAIGHT) {
        seqlock_move_512_straight(to, shared);
        return;
    }
    if (form == SEQLOCK_256 && size == SEQLOCK_STRAIGHT) {
        seqlock_move_256_straight(to, shared);
        return;
    }
#endif
    seqlock_get(form, to, shared, size);
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

/* The index once more, where it lies beside those of other rings. Behind it: a number that is here is never given to
 * another update, since the next writer goes on from the ring. Who has seen it sees what `newest` promises. */
static inline void seqlock_write_listed(struct hoga_abi_newest *listed, uint64_t number)
{
    seqlock_store(&listed->newest, number); /* pairs: reader_copy_find, reader_book_newest */
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

/* The second look, and with it the last 128 bytes to be copied, which begin with seq: *to is written only if the
 * copy still has `seq`, an even one. Returns: 1, or 0 and *to is as it was. */
static inline __attribute__((always_inline)) int seqlock_get_last(enum seqlock_form form, void *to, const void *copy,
                                                                  uint64_t seq)
{
#if SEQLOCK_X86
    int is_same;

    if (form == SEQLOCK_512) {
        /* The first line in two halves: what a program loads next, the best prices, would wait until a store of 64
         * bytes has reached the cache if it lay in the upper half of it (2 to 4 ns). */
        __asm__ __volatile__("vmovdqu64 (%[copy]), %%ymm16\n\t"
                             "vmovdqu64 32(%[copy]), %%ymm17\n\t"
                             "vmovdqu64 64(%[copy]), %%zmm18\n\t"
                             "cmp (%[copy]), %[seq]\n\t"
                             "jne 1f\n\t"
                             "vmovdqu64 %%ymm16, (%[to])\n\t"
                             "vmovdqu64 %%ymm17, 32(%[to])\n\t"
                             "vmovdqu64 %%zmm18, 64(%[to])\n"
                             "1:"
                             : "=@cce"(is_same)
                             : [to] "r"(to), [copy] "r"(copy), [seq] "r"(seq)
                             : SEQLOCK_CLOBBER_512 "memory");
        return is_same;
    }
    if (form == SEQLOCK_256) {
        __asm__ __volatile__("vmovdqu (%[copy]), %%ymm0\n\t"
                             "vmovdqu 32(%[copy]), %%ymm1\n\t"
                             "vmovdqu 64(%[copy]), %%ymm2\n\t"
                             "vmovdqu 96(%[copy]), %%ymm3\n\t"
                             "cmp (%[copy]), %[seq]\n\t"
                             "jne 1f\n\t"
                             "vmovdqu %%ymm0, (%[to])\n\t"
                             "vmovdqu %%ymm1, 32(%[to])\n\t"
                             "vmovdqu %%ymm2, 64(%[to])\n\t"
                             "vmovdqu %%ymm3, 96(%[to])\n"
                             "1:\n\t"
                             "vzeroupper"
                             : "=@cce"(is_same)
                             : [to] "r"(to), [copy] "r"(copy), [seq] "r"(seq)
                             : "xmm0", "xmm1", "xmm2", "xmm3", "memory");
        return is_same;
    }
#endif
    seqlock_word words[16];

    seqlock_get_portable(words, copy, sizeof words);
    if (seqlock_peek(copy) != seq)
        return 0;
    memcpy(to, words, sizeof words);
    (void)form;
    return 1;
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
