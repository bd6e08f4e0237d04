/* SPDX-License-Identifier: MIT
 * ledger.c - see ledger.h. */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEDGER_MAGIC     0x31746e6570736721ull
#define LEDGER_PATH_SIZE 512
#define CLOSED_NS_MAX    3600000000000ll /* no refusal holds for longer (net/backoff.h) */

struct dials_row {
    uint64_t key; /* 0: free */
    struct budget budget;
};

struct rest_row {
    uint64_t key;
    struct feed_spent spent;
};

struct page {
    uint64_t magic;
    uint64_t size;
    struct dials_row dials[LEDGER_ROWS];
    struct rest_row rest[LEDGER_ROWS];
};

struct ledger {
    struct page *page;
    int is_mapped;
    uint8_t is_taken[2][LEDGER_ROWS]; /* in this life */
};

/* FNV-1a; never 0. */
static uint64_t key_of(const char *text)
{
    uint64_t key = 0xcbf29ce484222325u;

    for (; *text; text++)
        key = (key ^ (uint8_t)*text) * 0x100000001b3u;
    return key ? key : 1;
}

/* A ring of moments, none of them behind `latest_ns`. */
static int ring_makes_sense(const int64_t *ring, size_t n, int64_t latest_ns)
{
    for (size_t i = 0; i < n; i++)
        if (ring[i] < 0 || ring[i] > latest_ns)
            return 0;
    return 1;
}

static void page_judge(struct page *page, int64_t now_boot_ns)
{
    int64_t latest_ns = now_boot_ns + CLOSED_NS_MAX, seen_ns = now_boot_ns + BUDGET_ROAD_MS * 1000000ll;

    if (page->magic != LEDGER_MAGIC || page->size != sizeof(*page))
        memset(page, 0, sizeof(*page));
    for (int i = 0; i < LEDGER_ROWS; i++) {
        struct dials_row *dials = &page->dials[i];
        struct rest_row *rest = &page->rest[i];

        if (!ring_makes_sense(dials->budget.at_ns, BUDGET_RING, seen_ns) || dials->budget.closed_until_ns > latest_ns)
            memset(dials, 0, sizeof(*dials));
        if (!ring_makes_sense(rest->spent.boot_ns, FEED_SPENT_RING, now_boot_ns) ||
            rest->spent.closed_until_boot_ns > latest_ns)
            memset(rest, 0, sizeof(*rest));
    }
    page->size = sizeof(*page);
    page->magic = LEDGER_MAGIC;
}

/* Returns: 0 and the page, negative errno. */
static int page_map(const char *segment_path, struct page **ret)
{
    char path[LEDGER_PATH_SIZE];
    struct stat st;
    int n = snprintf(path, sizeof(path), "%s.spent", segment_path), fd, r;

    if (n < 0 || (size_t)n >= sizeof(path))
        return -ENAMETOOLONG;
    fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
        return -errno;
    r = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) && st.st_uid == geteuid() ? 0 : -EPERM;
    if (r == 0 && st.st_size != (off_t)sizeof(**ret) && ftruncate(fd, 0) < 0)
        r = -errno;
    if (r == 0)
        r = -posix_fallocate(fd, 0, (off_t)sizeof(**ret)); /* a full disk is to be heard of here */
    if (r == 0) {
        *ret = mmap(NULL, sizeof(**ret), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        r = *ret == MAP_FAILED ? -errno : 0;
    }
    (void)close(fd);
    return r;
}

int ledger_open(const char *segment_path, int64_t now_boot_ns, struct ledger **ret)
{
    struct ledger *l = calloc(1, sizeof(*l));
    int r;

    if (!l)
        return -ENOMEM;
    r = page_map(segment_path, &l->page);
    l->is_mapped = r == 0;
    if (r < 0)
        l->page = calloc(1, sizeof(*l->page));
    if (!l->page) {
        free(l);
        return -ENOMEM;
    }
    page_judge(l->page, now_boot_ns);
    *ret = l;
    return r == -ENOMEM ? -EIO : r;
}

struct ledger *ledger_free(struct ledger *l)
{
    if (!l)
        return NULL;
    if (l->is_mapped)
        (void)munmap(l->page, sizeof(*l->page));
    else
        free(l->page);
    free(l);
    return NULL;
}

/* The key's own row, else one that nobody has taken in this life. A row is `size` bytes and begins with its key.
 * Returns: its index, -1 none. */
static int row_take(void *rows, size_t size, uint8_t *is_taken, uint64_t key)
{
    int found = -1;

    for (int i = 0; i < LEDGER_ROWS; i++) {
        const uint64_t *its = (const uint64_t *)(const void *)((const char *)rows + (size_t)i * size);

        if (*its == key)
            found = i;
        else if (found < 0 && *its == 0 && !is_taken[i])
            found = i;
        if (*its == key)
            break;
    }
    for (int i = 0; found < 0 && i < LEDGER_ROWS; i++)
        found = is_taken[i] ? -1 : i;
    if (found < 0)
        return -1;
    uint64_t *its = (uint64_t *)(void *)((char *)rows + (size_t)found * size);

    if (*its != key)
        memset(its, 0, size);
    *its = key;
    is_taken[found] = 1;
    return found;
}

struct budget *ledger_dials(struct ledger *l, const char *key)
{
    int i = row_take(l->page->dials, sizeof(l->page->dials[0]), l->is_taken[0], key_of(key));

    return i < 0 ? NULL : &l->page->dials[i].budget;
}

struct feed_spent *ledger_rest(struct ledger *l, const char *key)
{
    int i = row_take(l->page->rest, sizeof(l->page->rest[0]), l->is_taken[1], key_of(key));

    return i < 0 ? NULL : &l->page->rest[i].spent;
}
