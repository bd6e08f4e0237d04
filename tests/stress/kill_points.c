/* SPDX-License-Identifier: MIT
 * kill_points.c - a daemon that dies after its n-th shared store or step of a file's making, for every n: through
 * creation, adoption, replacement, slots, publishing and closing. shm/ is compiled again for this program, portable and
 * with a hook behind each of those steps. After each death every reader must be served at the first try (a stopped
 * writer is a dead one, to a reader), the next daemon must adopt or replace, and no id may ever name two instruments.
 */
#include "books.h"

#include "shm/catalogue.h"
#include "trades.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOKS_MAX     3u
#define NAMES_MAX     65536u
#define TRADES_A_LIFE 5u /* the ring comes round every few lives */

void kill_step(void);

static uint64_t n_steps_left; /* 0: lives */

void kill_step(void)
{
    if (n_steps_left > 0 && --n_steps_left == 0)
        (void)kill(getpid(), SIGKILL);
}

static int n_failed;

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)printf("line %d: %s: ", __LINE__, #condition);                                                       \
            (void)printf(__VA_ARGS__);                                                                                 \
            (void)printf("\n");                                                                                        \
            n_failed++;                                                                                                \
        }                                                                                                              \
    } while (0)

/* --- ids seen so far
 * --------------------------------------------------------------------------------------------------- */

struct seen {
    uint32_t slot, generation;
    char symbol[HOGA_SYMBOL_SIZE];
};
static struct seen seen[NAMES_MAX];
static size_t n_seen;

static void id_see(uint32_t slot, const struct hoga_abi_directory_entry *entry, uint64_t step)
{
    for (size_t i = n_seen; i-- > 0;) {
        if (seen[i].slot != slot || seen[i].generation != entry->generation)
            continue;
        CHECK(strcmp(seen[i].symbol, entry->symbol) == 0, "step %llu: id %u.%u was %s, is %s", (unsigned long long)step,
              slot, entry->generation, seen[i].symbol, entry->symbol);
        return;
    }
    CHECK(n_seen < NAMES_MAX, "more names than expected");
    if (n_seen == NAMES_MAX)
        return;
    seen[n_seen].slot = slot;
    seen[n_seen].generation = entry->generation;
    memcpy(seen[n_seen++].symbol, entry->symbol, sizeof entry->symbol);
}

/* A row of the catalogue is one instrument's, whole, or none's. */
static void catalogue_is_served(const struct segment_map *map, uint64_t step)
{
    for (uint32_t row = 0; row < reader_catalogue_rows(map); row++) {
        struct hoga_abi_catalogue_entry entry;
        int r = reader_catalogue(map, row, &entry);

        CHECK(r == 0 || r == -ENODATA, "step %llu: row %u: %d", (unsigned long long)step, row, r);
        CHECK(r < 0 || strcmp(entry.base, entry.quote) == 0, "step %llu: row %u is torn", (unsigned long long)step,
              row);
    }
}

/* Every trade but one is whole: the oldest, over which the next was being written. What a book's owner may see of the
 * ring is of nobody else. */
static void trades_are_served(const struct segment_map *map, uint64_t step)
{
    for (uint32_t slot = 0; slot < BOOKS_MAX; slot++) {
        struct hoga_abi_directory_entry entry;
        struct hoga_abi_trade trades[TRADES_KEPT];
        struct hoga_abi_book_head head;
        struct hoga_abi_day day;
        uint64_t next = TRADE_FROM_OLDEST, newest = reader_trade_newest(map, slot), kept;
        int n, r = reader_day(map, slot, &day);

        CHECK(r == 0 || r == -ENODATA, "step %llu: day %u: %d", (unsigned long long)step, slot, r);
        CHECK(r < 0 || days_is_whole(&day), "step %llu: day %u is torn", (unsigned long long)step, slot);
        if (reader_directory(map, slot, &entry) < 0 || !entry.used)
            continue;
        n = reader_trades(map, slot, entry.generation, &next, trades, TRADES_KEPT, NULL);
        if (n == -ESTALE && reader_book_head(map, slot, &head) == 0 && head.reason == HOGA_RE_DROPPED)
            continue; /* on its way out, and its name still stands */
        CHECK(n >= 0, "step %llu: trades of %u: %d", (unsigned long long)step, slot, n);
        CHECK(next == newest + 1, "step %llu: slot %u: up to %llu of %llu", (unsigned long long)step, slot,
              (unsigned long long)next, (unsigned long long)newest);
        for (int i = 0; i < n; i++)
            CHECK(trades_is_whole(&trades[i]) && trades[i].generation == entry.generation &&
                      trades[i].seq == 2 * (newest - (uint64_t)(n - 1 - i)),
                  "step %llu: slot %u: trade %d is torn or another's", (unsigned long long)step, slot, i);
        kept = newest < TRADES_KEPT ? newest : TRADES_KEPT;
        if (strcmp(entry.symbol, "KEPT") == 0) /* it has had its slot since the file was made */
            CHECK((uint64_t)n + 1 >= kept, "step %llu: %d of %llu", (unsigned long long)step, n,
                  (unsigned long long)kept);
    }
}

/* Every row must be had at once, whole, and books agree with the directory. */
static void readers_are_served(const struct segment_map *map, uint64_t step)
{
    catalogue_is_served(map, step);
    trades_are_served(map, step);
    for (uint32_t slot = 0; slot < BOOKS_MAX; slot++) {
        struct hoga_abi_directory_entry entry;
        struct hoga_abi_book_head head;
        struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];
        int r = reader_book(map, slot, &head, bids, asks, BOOKS_DEPTH);
        int r_entry = reader_directory(map, slot, &entry);

        CHECK(r == 0 || r == -ENODATA, "step %llu: book %u: %d", (unsigned long long)step, slot, r);
        CHECK(r_entry == 0 || r_entry == -ENODATA, "step %llu: entry %u: %d", (unsigned long long)step, slot, r_entry);
        if (r == 0)
            CHECK(books_is_whole(&head, bids, asks), "step %llu: book %u is torn", (unsigned long long)step, slot);
        if (r_entry < 0 || !entry.used)
            continue;
        id_see(slot, &entry, step);
        CHECK(r == 0, "step %llu: slot %u has a name and no book", (unsigned long long)step, slot);
        /* A slot under way to its next instrument: the book is ahead, the old id meets another generation. */
        CHECK(head.generation == entry.generation, "step %llu: slot %u: generations", (unsigned long long)step, slot);
    }
}

static void catalogue_publish(struct writer *w, uint32_t number)
{
    struct hoga_abi_catalogue_entry entry = { .venue = "sim" };
    uint32_t row;

    for (uint32_t i = 0; i < 3; i++) {
        (void)snprintf(entry.base, sizeof entry.base, "B%u", number + i);
        (void)snprintf(entry.quote, sizeof entry.quote, "B%u", number + i);
        if (i == 0 && writer_catalogue_take(w, &row) < 0)
            exit(2);
        writer_catalogue_publish(w, row, &entry);
    }
    writer_catalogue_settle(w);
    if (number % 2 == 0)
        writer_catalogue_free(w, row);
}

/* --- a daemon's life
 * --------------------------------------------------------------------------------------------------- */

static int life(const char *path, uint32_t number)
{
    struct writer_options options = books_options(path, BOOKS_MAX);
    struct hoga_abi_connection_entry row = { .used = 1, .venue = "sim", .state = HOGA_ST_LIVE };
    const struct hoga_abi_book_head verdict = { .state = HOGA_ST_GAP };
    struct writer *w;
    char name[HOGA_SYMBOL_SIZE];
    uint32_t slot;

    if (writer_open(&options, &w, NULL) < 0)
        return 1;
    writer_histogram_name(w, 0, "sim", "recv_to_publish");
    writer_ready(w, books_now_ns());
    for (uint32_t i = 0; i < 2; i++) { /* KEPT stays in its slot; the other is another one in every life */
        (void)snprintf(name, sizeof name, i == 0 ? "KEPT" : "LIFE-%u", number);
        if (writer_slot_get(w, "sim", name, 1, &slot) < 0)
            return 1;
        books_publish(w, slot, number + 1);
        books_publish(w, slot, number + 2);
        writer_verdict_publish(w, slot, &verdict);
        for (uint32_t k = 0; k < TRADES_A_LIFE; k++)
            trades_publish(w, slot, number + k + 1);
        days_publish(w, slot, number + 1);
    }
    writer_connection_publish(w, 0, &row);
    writer_connection_valid_from(w, 0, 7);
    writer_connection_heard(w, 0, 8);
    catalogue_publish(w, number);
    writer_counter_add(w, 0, 1);
    writer_histogram_record(w, 0, 100);
    writer_slot_free(w, slot, 2);
    (void)snprintf(name, sizeof name, "NEXT-%u", number);
    if (writer_slot_get(w, "sim", name, 3, &slot) < 0)
        return 1;
    books_publish(w, slot, number + 3);
    writer_slot_free(w, slot, 4);
    (void)writer_wake(w);
    w = writer_close(w);
    return 0;
}

/* Returns: 1 it lived to its end, 0 it was killed. */
static int life_until(const char *path, uint32_t number, uint64_t n_steps)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        n_steps_left = n_steps;
        _exit(life(path, number));
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        exit(2);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL),
          "step %llu: status %x", (unsigned long long)n_steps, (unsigned)status);
    return WIFEXITED(status);
}

/* The daemon after the dead one. Returns: 1 it adopted the file. */
static int next_daemon(const char *path, uint64_t step)
{
    struct writer_options options = books_options(path, BOOKS_MAX);
    struct segment_problem problem = { 0 };
    struct segment_map map;
    struct writer *w;
    int is_adopted, r = writer_open(&options, &w, &problem);

    CHECK(r == 0, "step %llu: %s: %s", (unsigned long long)step, problem.what, problem.why);
    if (r < 0)
        return 0;
    is_adopted = writer_was_adopted(w);
    for (uint32_t slot = 0; slot < BOOKS_MAX; slot++) {
        char venue[HOGA_VENUE_SIZE], symbol[HOGA_SYMBOL_SIZE];

        if (writer_slot_name(w, slot, venue, symbol) && strcmp(symbol, "KEPT") != 0)
            writer_slot_free(w, slot, 5);
    }
    writer_ready(w, books_now_ns());
    CHECK(books_reader_open(path, &map) == 0, "step %llu", (unsigned long long)step);
    readers_are_served(&map, step);
    segment_unmap(&map);
    w = writer_close(w);
    return is_adopted;
}

/* --- the three situations
 * ---------------------------------------------------------------------------------------------- */

static uint64_t from_nothing(const char *folder, const char *path)
{
    uint64_t step = 1;

    for (;; step++) {
        int lived = life_until(path, (uint32_t)step, step);
        struct segment_map map;

        if (books_reader_open(path, &map) == 0) { /* it has a name: then it must be good */
            readers_are_served(&map, step);
            segment_unmap(&map);
        }
        n_seen = 0; /* the next file is a new one, and nobody has the old one any more */
        (void)next_daemon(path, step);
        CHECK(access(path, F_OK) == 0, "step %llu", (unsigned long long)step);
        n_seen = 0;
        books_folder_done(folder);
        (void)mkdir(folder, 0700);
        if (lived)
            return step;
    }
}

/* One reader that never maps again, over all lives. */
static uint64_t adopting(const char *path)
{
    struct segment_map map;
    uint64_t step = 1;

    n_seen = 0;
    CHECK(life(path, 0) == 0, "first life");
    CHECK(books_reader_open(path, &map) == 0, "reader");
    for (;; step++) {
        int lived = life_until(path, (uint32_t)step, step);

        readers_are_served(&map, step);
        CHECK(next_daemon(path, step), "step %llu: not adopted", (unsigned long long)step);
        CHECK(segment_is_current(&map, path), "step %llu: replaced", (unsigned long long)step);
        readers_are_served(&map, step);
        if (lived)
            break;
    }
    segment_unmap(&map);
    return step;
}

/* A file of another layout is in the way. Its readers are told, unless the daemon died between the two steps; then the
 * name is gone from under them. */
static uint64_t replacing(const char *path)
{
    uint64_t step = 1;

    for (;; step++) {
        struct writer_options other = books_options(path, BOOKS_MAX + 1);
        struct reader_live live;
        struct segment_map map;
        struct writer *w;
        int lived;

        n_seen = 0;
        if (writer_open(&other, &w, NULL) < 0)
            return 0;
        writer_ready(w, 1);
        w = writer_close(w);
        CHECK(books_reader_open(path, &map) == 0, "step %llu", (unsigned long long)step);
        lived = life_until(path, (uint32_t)step, step);
        readers_are_served(&map, step);
        (void)next_daemon(path, step);
        reader_live(&map, &live);
        CHECK(!segment_is_current(&map, path), "step %llu: still there", (unsigned long long)step);
        segment_unmap(&map);
        if (lived) {
            CHECK(live.state == HOGA_SEGMENT_RETIRED, "state %llu", (unsigned long long)live.state);
            return step;
        }
    }
}

int main(void)
{
    char folder[64], path[SEGMENT_PATH_SIZE];
    uint64_t n_created, n_adopted, n_replaced;

    books_folder_init(folder, path);
    n_created = from_nothing(folder, path);
    n_adopted = adopting(path);
    books_folder_done(folder);
    (void)mkdir(folder, 0700);
    n_replaced = replacing(path);
    books_folder_done(folder);
    (void)printf("killed after each of %llu steps from nothing, %llu adopting, %llu replacing; %d failures\n",
                 (unsigned long long)n_created, (unsigned long long)n_adopted, (unsigned long long)n_replaced,
                 n_failed);
    return n_failed == 0 && n_replaced > 1 ? 0 : 1;
}
