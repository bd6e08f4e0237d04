/* SPDX-License-Identifier: MIT
 * model.c - the ring of copies under a weak memory model, by exhaustion (design 3.7). Explicit states, no sampling.
 *
 * The machine. The writer's stores go into a buffer and reach memory in any order, but those of one place in order, and
 * a release store only after everything that was stored before it. The reader's loads happen in any order, but those of
 * one place in order, and nothing that comes after an acquire load before it; it may guess which copy it will read
 * before it has loaded `newest`, as speculation and compilers do, and the guess must prove right. The writer may be
 * killed once, anywhere (what it has executed reaches memory), and a new one goes on from what it finds.
 *
 * What must hold in every reachable state:
 *   whole   a copy that the reader accepts has exactly the payload of its number;
 *   free    a reader that rejects has been lapped: the writer has begun to store over the copy it wanted. So a writer
 *           that is stopped at any place keeps no reader from its copy.
 *
 * Four times: for a reader of rows, who wants the newest copy; for one of books, who wants the same but looks at seq
 * behind the payload only; for such a one who takes the number from the second index (HOGA_REGION_NEWEST), which is
 * stored behind the first and put right by the next writer; and for one of trades, who wants any number up to newest.
 *
 * And each row of `mutations` weakens one thing and must be found. The orders of seq are not among them: they are
 * relaxed in seqlock.h, and the first row shows that nothing more is needed. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPIES     2u /* the smallest ring: lapped soonest */
#define WORDS      2u
#define UPDATES    5u
#define BUFFER_MAX 12u /* two whole updates under way */
#define STATES_MAX (1u << 20)

enum place { NEWEST, LISTED, SEQ, PAYLOAD = SEQ + COPIES, PLACES = PAYLOAD + COPIES * WORDS };
enum step { ODD, WORD_0, WORD_1, EVEN, INDEX, LIST, STEPS };                /* of the writer, for one update */
enum load { LOAD_NEWEST, LOAD_SEQ, LOAD_0, LOAD_1, LOAD_SEQ_AGAIN, LOADS }; /* of the reader */

struct rules { /* 1: as in seqlock.h */
    int store_release[STEPS];
    int load_acquire[LOADS];
    int marks_odd;   /* the writer makes seq odd before it writes */
    int looks_again; /* the reader checks seq after copying */
    int index_last;  /* newest is stored after the copy is whole, not before */
    int list_behind; /* the second index is stored after the first, not before */
    int looks_first; /* the reader looks at seq before it copies as well */
    int is_listed;   /* the reader takes the number from the second index */
    int is_tape;     /* the reader wants any number up to newest (trades), not the newest alone (books) */
};

static const struct rules real = {
    .store_release = { [WORD_0] = 1, [WORD_1] = 1, [INDEX] = 1, [LIST] = 1 },
    .load_acquire = { [LOAD_NEWEST] = 1, [LOAD_0] = 1, [LOAD_1] = 1 },
    .marks_odd = 1,
    .looks_again = 1,
    .index_last = 1,
    .list_behind = 1,
    .looks_first = 1,
};

struct mutation {
    const char *name;
    size_t zeroed;                      /* the rule that is taken away */
    enum { BOTH, FIRST, SECOND } index; /* only a reader by this index depends on it */
};

static const struct mutation mutations[] = {
    { "newest stored relaxed", offsetof(struct rules, store_release[INDEX]), FIRST },
    { "first payload word stored relaxed", offsetof(struct rules, store_release[WORD_0]), BOTH },
    { "second payload word stored relaxed", offsetof(struct rules, store_release[WORD_1]), BOTH },
    { "newest loaded relaxed", offsetof(struct rules, load_acquire[LOAD_NEWEST]), BOTH },
    { "first payload word loaded relaxed", offsetof(struct rules, load_acquire[LOAD_0]), BOTH },
    { "second payload word loaded relaxed", offsetof(struct rules, load_acquire[LOAD_1]), BOTH },
    { "seq not made odd", offsetof(struct rules, marks_odd), BOTH },
    { "seq not looked at again", offsetof(struct rules, looks_again), BOTH },
    { "newest stored before the copy", offsetof(struct rules, index_last), BOTH },
    { "second index stored relaxed", offsetof(struct rules, store_release[LIST]), SECOND },
    { "second index stored before newest", offsetof(struct rules, list_behind), SECOND },
};

struct store {
    uint8_t place, value, is_release;
};

struct state { /* compared as bytes: no padding */
    uint8_t memory[PLACES];
    uint8_t issued_odd[COPIES]; /* the highest update begun at each copy, in program order */
    uint8_t update, step;       /* of the writer */
    uint8_t deaths;
    uint8_t n_buffer;
    struct store buffer[BUFFER_MAX];
    uint8_t guess, loaded; /* the number the reader goes for; which loads are done, as bits */
    uint8_t value[LOADS];
};
_Static_assert(sizeof(struct state) == PLACES + COPIES + 4 + BUFFER_MAX * sizeof(struct store) + 2 + LOADS, "packed");

static struct state *states;
static uint32_t *table; /* open addressing: index + 1 in `states` */
static uint32_t n_states;
static uint32_t n_accepted; /* an exploration in which nobody ever reads anything would prove nothing */

static uint64_t state_hash(const struct state *s)
{
    const uint8_t *byte = (const uint8_t *)s;
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (size_t i = 0; i < sizeof *s; i++)
        hash = (hash ^ byte[i]) * 1099511628211u;
    return hash ^ (hash >> 29);
}

static void state_add(const struct state *s)
{
    uint64_t at = state_hash(s);

    for (;; at++) {
        uint32_t *entry = &table[at % (2 * (uint64_t)STATES_MAX)];

        if (*entry == 0) {
            if (n_states == STATES_MAX) {
                (void)fprintf(stderr, "model: more than %u states\n", STATES_MAX);
                exit(2);
            }
            states[n_states] = *s;
            *entry = ++n_states;
            return;
        }
        if (memcmp(&states[*entry - 1], s, sizeof *s) == 0)
            return;
    }
}

/* --- the writer ------------------------------------------------------------------------------------------------------
 */

static uint8_t copy_of(uint8_t number)
{
    return number % COPIES;
}

static uint8_t writer_sees(const struct state *s, uint8_t place)
{
    for (uint8_t i = s->n_buffer; i-- > 0;) {
        if (s->buffer[i].place == place)
            return s->buffer[i].value;
    }
    return s->memory[place];
}

static struct store writer_store(const struct state *s, const struct rules *rules, enum step step)
{
    uint8_t copy = copy_of(s->update);
    uint8_t seq = (uint8_t)(SEQ + copy);
    uint8_t old = writer_sees(s, seq);
    struct store to = { .is_release = (uint8_t)rules->store_release[step] };

    switch (step) {
    case ODD:
        to.place = seq;
        to.value = old | 1;
        break;
    case WORD_0:
    case WORD_1:
        to.place = (uint8_t)(PAYLOAD + copy * WORDS + (step - WORD_0));
        to.value = s->update;
        break;
    case EVEN:
        to.place = seq;
        to.value = (uint8_t)(2 * s->update);
        break;
    case INDEX:
    case LIST:
    case STEPS:
        to.place = step == LIST ? LISTED : NEWEST;
        to.value = s->update;
        break;
    }
    return to;
}

static enum step writer_order(const struct rules *rules, uint8_t step)
{
    static const enum step early[STEPS] = { INDEX, LIST, ODD, WORD_0, WORD_1, EVEN };
    static const enum step swapped[STEPS] = { ODD, WORD_0, WORD_1, EVEN, LIST, INDEX };

    if (!rules->index_last)
        return early[step];
    return rules->list_behind ? (enum step)step : swapped[step];
}

static void writer_moves(const struct state *s, const struct rules *rules)
{
    struct state next = *s;
    enum step step = writer_order(rules, s->step);

    if (s->update > UPDATES)
        return;
    if (step == ODD)
        next.issued_odd[copy_of(s->update)] = s->update;
    if (step != ODD || rules->marks_odd) {
        if (s->n_buffer == BUFFER_MAX)
            return;
        next.buffer[next.n_buffer++] = writer_store(s, rules, step);
    }
    if (++next.step == STEPS) {
        next.step = 0;
        next.update++;
    }
    state_add(&next);
}

static void buffer_drain(struct state *s, uint8_t at)
{
    s->memory[s->buffer[at].place] = s->buffer[at].value;
    s->n_buffer--;
    memmove(&s->buffer[at], &s->buffer[at + 1], (size_t)(s->n_buffer - at) * sizeof s->buffer[0]);
    memset(&s->buffer[s->n_buffer], 0, sizeof s->buffer[0]);
}

static void memory_moves(const struct state *s)
{
    for (uint8_t i = 0; i < s->n_buffer; i++) {
        int may = !(s->buffer[i].is_release && i > 0);
        struct state next = *s;

        for (uint8_t before = 0; before < i; before++)
            may = may && s->buffer[before].place != s->buffer[i].place;
        if (!may)
            continue;
        buffer_drain(&next, i);
        state_add(&next);
    }
}

static void writer_dies(const struct state *s)
{
    struct state next = *s;

    if (s->deaths > 0 || s->update > UPDATES)
        return;
    while (next.n_buffer > 0)
        buffer_drain(&next, 0);
    next.deaths = 1;
    next.update = (uint8_t)(next.memory[NEWEST] + 1); /* repeats a number that was never the newest */
    next.buffer[next.n_buffer++] = (struct store){ LISTED, next.memory[NEWEST], 1 };
    next.step = 0;
    state_add(&next);
}

/* --- the reader ------------------------------------------------------------------------------------------------------
 */

static uint8_t load_place(const struct state *s, const struct rules *rules, enum load load)
{
    uint8_t copy = copy_of(s->guess);

    if (load == LOAD_NEWEST)
        return rules->is_listed ? LISTED : NEWEST;
    if (load == LOAD_0 || load == LOAD_1)
        return (uint8_t)(PAYLOAD + copy * WORDS + (load - LOAD_0));
    return (uint8_t)(SEQ + copy);
}

static int load_may(const struct state *s, const struct rules *rules, enum load load)
{
    if ((s->loaded & (1u << load)) != 0)
        return 0;
    for (enum load before = 0; before < load; before++) {
        int is_done = (s->loaded & (1u << before)) != 0;

        if (!is_done && (rules->load_acquire[before] || load_place(s, rules, before) == load_place(s, rules, load)))
            return 0;
    }
    return 1;
}

static void reader_moves(const struct state *s, const struct rules *rules)
{
    for (enum load load = 0; load < LOADS; load++) {
        struct state next = *s;

        if (!load_may(s, rules, load))
            continue;
        next.value[load] = s->memory[load_place(s, rules, load)];
        next.loaded |= (uint8_t)(1u << load);
        if (load == LOAD_NEWEST && (rules->is_tape ? next.value[load] < s->guess : next.value[load] != s->guess))
            continue; /* guessed wrong: this execution does not exist */
        state_add(&next);
    }
}

/* Returns: NULL, or what is broken. */
static const char *state_judge(const struct state *s, const struct rules *rules)
{
    uint8_t wanted = (uint8_t)(2 * s->guess);
    int accepts;

    if (s->loaded != (1u << LOADS) - 1)
        return NULL;
    accepts = s->value[LOAD_SEQ] == wanted && (!rules->looks_again || s->value[LOAD_SEQ_AGAIN] == wanted);
    n_accepted += accepts;
    if (accepts && (s->value[LOAD_0] != s->guess || s->value[LOAD_1] != s->guess))
        return "a torn copy was accepted";
    if (!accepts && s->issued_odd[copy_of(s->guess)] <= s->guess)
        return "a reader was turned away without having been lapped";
    return NULL;
}

/* Returns: NULL, or what is broken in some reachable state. */
static const char *explore(const struct rules *rules)
{
    memset(table, 0, 2 * (size_t)STATES_MAX * sizeof *table);
    n_states = 0;
    n_accepted = 0;
    for (uint8_t guess = 1; guess <= UPDATES; guess++) {
        struct state start = { .update = 1, .guess = guess };

        if (!rules->looks_first) { /* as if it had been, and well */
            start.loaded = 1u << LOAD_SEQ;
            start.value[LOAD_SEQ] = (uint8_t)(2 * guess);
        }
        state_add(&start);
    }
    for (uint32_t i = 0; i < n_states; i++) {
        struct state s = states[i];
        const char *broken = state_judge(&s, rules);

        if (broken != NULL)
            return broken;
        writer_moves(&s, rules);
        memory_moves(&s);
        writer_dies(&s);
        reader_moves(&s, rules);
    }
    return NULL;
}

/* As built, and then each mutation. Returns how many went another way than they should. */
static int explore_all(const struct rules *rules, const char *what)
{
    const char *broken = explore(rules);
    int n_failed = broken != NULL || n_accepted == 0;

    (void)printf("%s as built: %s (%u states, %u reads)\n", what, broken != NULL ? broken : "holds", n_states,
                 n_accepted);
    for (size_t i = 0; i < sizeof mutations / sizeof mutations[0]; i++) {
        struct rules weaker = *rules;

        if (mutations[i].index == (rules->is_listed ? FIRST : SECOND))
            continue;
        *(int *)(void *)((char *)&weaker + mutations[i].zeroed) = 0;
        broken = explore(&weaker);
        (void)printf("%s, %s: %s (%u states)\n", what, mutations[i].name, broken != NULL ? broken : "NOT FOUND",
                     n_states);
        n_failed += broken == NULL;
    }
    return n_failed;
}

int main(void)
{
    struct rules books = real, books_listed, tape = real;
    int n_failed;

    books.looks_first = 0;
    books_listed = books;
    books_listed.is_listed = 1;
    tape.is_tape = 1;
    states = malloc(STATES_MAX * sizeof *states);
    table = malloc(2 * (size_t)STATES_MAX * sizeof *table);
    if (states == NULL || table == NULL)
        return 2;
    n_failed = explore_all(&real, "rows") + explore_all(&books, "books by their rings") +
               explore_all(&books_listed, "books") + explore_all(&tape, "trades");
    free(table);
    free(states);
    return n_failed == 0 ? 0 : 1;
}
