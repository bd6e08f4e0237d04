/* SPDX-License-Identifier: MIT
 * kill_random.c - a writer flat out, killed with SIGKILL at random moments and started again, under eight reader
 * processes that check every copy. They map once and never again. Then the same with SIGSTOP: while the writer stands
 * still, wherever that is, every reader goes on. `kill_random [kills]`, or --long for 1000. */
#include "books.h"

#include "shm/seqlock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READERS        8
#define BOOKS_MAX      8u
#define KEPT           3u /* books that are published flat out; the other slots change hands */
#define STOPS          60
#define PATIENCE_NS    20000000000ll /* the machine may be busy; a reader that hangs hangs for ever */
#define PROGRESS_LEAST 20u

struct slate { /* shared by the processes of the test, anonymous */
    uint64_t done;
    uint64_t n_lives;
    struct {
        uint64_t n_read, n_torn, n_again, n_other, is_ready, is_current;
        uint64_t pad[2];
    } reader[READERS];
};

static struct slate *slate;

static void count(uint64_t *word)
{
    seqlock_poke(word, seqlock_peek(word) + 1);
}

static void pause_ns(int64_t ns)
{
    struct timespec t = { .tv_sec = 0, .tv_nsec = ns };

    (void)ppoll(NULL, 0, &t, NULL);
}

/* --- the processes
 * ------------------------------------------------------------------------------------------------------ */

static void writer_life(const char *path, uint64_t life)
{
    struct writer_options options = books_options(path, BOOKS_MAX);
    struct writer *w;
    uint32_t slot;

    if (writer_open(&options, &w, NULL) < 0)
        _exit(3);
    if (life > 0 && !writer_was_adopted(w))
        _exit(4);
    for (uint32_t i = 0; i < KEPT; i++) {
        char symbol[] = { (char)('A' + i), '\0' };

        if (writer_slot_get(w, "sim", symbol, 1, &slot) < 0 || slot != i)
            _exit(5);
    }
    writer_ready(w, books_now_ns());
    count(&slate->n_lives);
    for (uint64_t i = 1;; i++) {
        char symbol[HOGA_SYMBOL_SIZE];

        books_publish(w, (uint32_t)(i % KEPT), life * 100000000 + i);
        if (i % 4 == 0)
            (void)writer_wake(w);
        if (i % 16 != 0)
            continue;
        writer_heartbeat(w, books_now_ns());
        (void)snprintf(symbol, sizeof symbol, "X%u", (unsigned)(i / 16 % 7));
        if (writer_slot_get(w, "sim", symbol, 1, &slot) == 0)
            books_publish(w, slot, i);
        else
            for (slot = KEPT; slot < BOOKS_MAX; slot++)
                writer_slot_free(w, slot, 1);
    }
}

static void reader_life(const char *path, int index)
{
    struct hoga_abi_wake *wake = MAP_FAILED;
    struct segment_map map;
    char wake_path[SEGMENT_PATH_SIZE + 8];
    int fd;

    if (books_reader_open(path, &map) < 0)
        _exit(3);
    (void)snprintf(wake_path, sizeof wake_path, "%s.wake", path);
    fd = open(wake_path, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        wake = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    seqlock_poke(&slate->reader[index].is_ready, 1);
    for (uint32_t i = 0; seqlock_load(&slate->done) == 0; i++) {
        struct hoga_abi_book_head head;
        struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];
        uint32_t word = reader_wake_word(&map);
        int r = reader_book(&map, i % BOOKS_MAX, &head, bids, asks, BOOKS_DEPTH);

        if (r == 0 && !books_is_whole(&head, bids, asks))
            count(&slate->reader[index].n_torn);
        if (r == -EAGAIN)
            count(&slate->reader[index].n_again);
        if (r < 0 && r != -EAGAIN && r != -ENODATA)
            count(&slate->reader[index].n_other);
        count(&slate->reader[index].n_read);
        /* Half of them spin; the others sleep now and then, announced, and some are asleep when the writer dies. */
        if (index % 2 == 1 && i % 64 == 63)
            (void)reader_sleep(&map, wake != MAP_FAILED ? wake : NULL, word, 0, 2000000);
    }
    seqlock_poke(&slate->reader[index].is_current, (uint64_t)segment_is_current(&map, path));
    _exit(0);
}

static pid_t start(void (*life)(const char *, int), const char *path, int index)
{
    pid_t pid = fork();

    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        life(path, index);
        _exit(1);
    }
    if (pid < 0)
        exit(2);
    return pid;
}

static void writer_start(const char *path, int index)
{
    writer_life(path, (uint64_t)index);
}

/* --- the parent
 * --------------------------------------------------------------------------------------------------------- */

/* Wait until *word is at least `least`. Returns: 0, -ETIMEDOUT. */
static int wait_for(const uint64_t *word, uint64_t least)
{
    int64_t deadline_ns = books_now_ns() + PATIENCE_NS;

    while (seqlock_load(word) < least) {
        if (books_now_ns() > deadline_ns)
            return -ETIMEDOUT;
        pause_ns(200000);
    }
    return 0;
}

/* Every reader reads on. Returns: how many do not. */
static int readers_hang(void)
{
    int n_hanging = 0;

    for (int i = 0; i < READERS; i++) {
        uint64_t now = seqlock_load(&slate->reader[i].n_read);

        n_hanging += wait_for(&slate->reader[i].n_read, now + PROGRESS_LEAST) < 0;
    }
    return n_hanging;
}

static uint64_t readers_overtaken(void)
{
    uint64_t n = 0;

    for (int i = 0; i < READERS; i++)
        n += seqlock_load(&slate->reader[i].n_again);
    return n;
}

/* Returns: 0, or how many things went wrong. */
static int kill_often(const char *path, long n_kills, pid_t *io_writer)
{
    uint64_t n_lives = 0; /* when the writer of now was started */
    int n_failed = 0;

    for (long i = 1; i <= n_kills; i++) {
        int status;

        if (i % 4 != 0) /* each fourth is killed while it starts */
            n_failed += wait_for(&slate->n_lives, n_lives + 1) < 0;
        pause_ns(rand() % 4000000);
        (void)kill(*io_writer, SIGKILL);
        if (waitpid(*io_writer, &status, 0) < 0 || !WIFSIGNALED(status)) {
            (void)printf("writer %ld ended by itself: %x\n", i, (unsigned)status);
            n_failed++;
        }
        if (i % 10 == 0)
            n_failed += readers_hang();
        n_lives = seqlock_load(&slate->n_lives);
        *io_writer = start(writer_start, path, (int)i);
    }
    return n_failed;
}

static int stop_often(pid_t writer)
{
    int n_failed = 0;

    for (int i = 0; i < STOPS; i++) {
        uint64_t n_overtaken;
        int status;

        pause_ns(rand() % 2000000);
        (void)kill(writer, SIGSTOP);
        if (waitpid(writer, &status, WUNTRACED) < 0 || !WIFSTOPPED(status))
            return n_failed + 1;
        n_failed += readers_hang(); /* those that were in a read when it stopped finish it */
        n_overtaken = readers_overtaken();
        n_failed += readers_hang();
        n_failed += readers_overtaken() != n_overtaken; /* nobody moves: nobody may be turned away */
        (void)kill(writer, SIGCONT);
    }
    return n_failed;
}

static int readers_end(const pid_t *readers)
{
    int n_failed = 0;

    seqlock_store(&slate->done, 1);
    for (int i = 0; i < READERS; i++) {
        int status;

        if (waitpid(readers[i], &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
            n_failed++;
        n_failed += slate->reader[i].n_torn > 0 || slate->reader[i].n_other > 0 || !slate->reader[i].is_current;
        (void)printf("reader %d: %llu reads, %llu torn, %llu overtaken, %llu others, same file %llu\n", i,
                     (unsigned long long)slate->reader[i].n_read, (unsigned long long)slate->reader[i].n_torn,
                     (unsigned long long)slate->reader[i].n_again, (unsigned long long)slate->reader[i].n_other,
                     (unsigned long long)slate->reader[i].is_current);
    }
    return n_failed;
}

int main(int argc, char **argv)
{
    char folder[64], path[SEGMENT_PATH_SIZE];
    pid_t readers[READERS], writer;
    long n_kills = argc > 1 ? (strcmp(argv[1], "--long") == 0 ? 1000 : strtol(argv[1], NULL, 10)) : 100;
    int n_failed = 0;

    slate = mmap(NULL, sizeof *slate, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slate == MAP_FAILED)
        return 2;
    srand((unsigned)getpid());
    books_folder_init(folder, path);
    writer = start(writer_start, path, 0);
    if (wait_for(&slate->n_lives, 1) < 0)
        return 2;
    for (int i = 0; i < READERS; i++)
        readers[i] = start(reader_life, path, i);
    for (int i = 0; i < READERS; i++)
        n_failed += wait_for(&slate->reader[i].is_ready, 1) < 0;
    n_failed += kill_often(path, n_kills, &writer);
    n_failed += stop_often(writer);
    n_failed += readers_end(readers);
    (void)kill(writer, SIGKILL);
    (void)waitpid(writer, NULL, 0);
    (void)printf("%ld kills, %d stops, %llu lives, %d failures\n", n_kills, STOPS, (unsigned long long)slate->n_lives,
                 n_failed);
    books_folder_done(folder);
    return n_failed == 0 ? 0 : 1;
}
