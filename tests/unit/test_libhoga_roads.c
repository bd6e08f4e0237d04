/* SPDX-License-Identifier: MIT
 * hoga_read answers the usual case by a road of its own and all else by a general one (client/lib/read.c). Both must
 * say the same of every state of book, connection and daemon: the first is taken when the caller passes the time, the
 * second when it does not. The first exists once for each form of copying; all that this machine has are tried in turn.
 */
#include <hoga/hoga.h>

#include "client/lib/handle.h"

#include "hoga_rig.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>

#define N_STATES 30000
#define DEPTH    40 /* more than any form moves in one turn */

static uint32_t depth; /* of the segment: this, or the default, whose whole books are copied in a way of their own */
static uint64_t dice_state = 7; /* the same throws in every run */

static uint32_t dice(uint32_t n)
{
    dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice_state >> 33) % n;
}

static void throw_connections(struct writer *w)
{
    struct hoga_abi_connection_entry row = { .venue = "sim",
                                             .used = dice(8) != 0,
                                             .state = (uint8_t)(dice(3) ? HOGA_ST_LIVE : dice(12)),
                                             .reason = (uint8_t)dice(20),
                                             .since_ns = dice(1000) };

    if (dice(3) == 0)
        writer_connection_publish(w, dice(2), &row);
    if (dice(4) == 0)
        writer_connection_valid_from(w, dice(2), dice(10));
    if (dice(4) == 0)
        writer_connection_heard(w, dice(2), dice(5) == 0 ? -(int64_t)dice(2) : rig_boot_ns() - dice(1000000));
}

static void throw_book(struct writer *w, uint32_t slot)
{
    static const uint16_t connections[] = { 0, 1, 0, 1, 2, 63, 64, 100, HOGA_CONNECTION_NONE };
    struct hoga_abi_level bids[DEPTH], asks[DEPTH];
    uint32_t n = dice(2) ? depth : dice(depth + 1);

    for (uint32_t i = 0; i < n; i++) {
        bids[i] = (struct hoga_abi_level){ dice(1000), 1 + dice(1000) };
        asks[i] = (struct hoga_abi_level){ 1000 + dice(1000), 1 + dice(1000) };
    }
    const struct hoga_abi_book_head head = { .state = (uint8_t)(dice(2) ? HOGA_ST_LIVE : dice(12)),
                                             .reason = (uint8_t)dice(30),
                                             .proof = (uint8_t)dice(4),
                                             .source = (uint8_t)dice(4),
                                             .price_decimals = (uint8_t)(dice(50) ? dice(19) : 19 + dice(200)),
                                             .size_decimals = (uint8_t)(dice(50) ? dice(19) : 19 + dice(200)),
                                             .connection = connections[dice(9)],
                                             .n_bids = n,
                                             .n_asks = dice(2) ? n : dice(n + 1),
                                             .since_ns = dice(1000),
                                             .venue_ns = dice(1000),
                                             .recv_ns = dice(1000),
                                             .publish_ns = dice(1000),
                                             .changed_boot_ns = dice(9) == 0 ? -(int64_t)dice(2) : 1 + dice(1000),
                                             .connection_update = dice(12),
                                             .n_applied = dice(1000) };

    writer_book_publish(w, slot, &head, bids, asks);
}

static void throw_heartbeat(struct writer *w)
{
    static const int64_t off_ns[] = { 0, 0, 0, 0, 0, 0, -5000000000, 5000000000 };

    writer_heartbeat(w, dice(20) ? rig_boot_ns() + off_ns[dice(8)] : dice(2) ? 0 : INT64_MIN);
}

/* The words that a daemon's life and death leave; mostly those of a living one, whose first epoch this is. */
static void throw_daemon(struct hoga_abi_header *header)
{
    static const uint64_t epochs[] = { 2, 0, 1ull << 32 | 1, UINT64_MAX };

    header->state = dice(20) ? HOGA_SEGMENT_READY : dice(4);
    header->daemon_state = dice(20) ? HOGA_DAEMON_RUNNING : dice(4);
    header->epoch = dice(20) ? 1 : epochs[dice(4)];
}

/* In the copy that is the newest: counts that no daemon writes, and the generation of another instrument. */
static void throw_copy(uint8_t *file, const struct hoga *h, uint32_t slot)
{
    const struct hoga_abi_region *region = &h->map.region[HOGA_REGION_BOOK];
    uint64_t newest = reader_book_newest(&h->map, slot);
    uint8_t *copy =
        file + region->offset + slot * region->stride + seqlock_copy_offset(newest, h->map.copies, region->item_size);
    struct hoga_abi_book_head *head = (struct hoga_abi_book_head *)(void *)copy;

    if (dice(20) == 0)
        head->n_bids = depth + dice(3);
    if (dice(20) == 0)
        head->n_asks = dice(2) ? UINT32_MAX : depth + 1;
    head->generation += dice(20) == 0;
}

static void expect_same(struct hoga *h, hoga_id id, uint64_t *io_n_live)
{
    struct hoga_level levels[2][2 * DEPTH] = { 0 };
    struct hoga_book books[2] = { 0 };
    uint32_t n_max = dice(2) ? depth : dice(depth + 1);
    uint32_t asks_at = dice(2) ? n_max : DEPTH; /* side by side, or apart */
    int64_t now_ns = rig_boot_ns();
    int usual = hoga_read(h, id, now_ns, &books[0], levels[0], levels[0] + asks_at, n_max);
    int general = hoga_read(h, id, 0, &books[1], levels[1], levels[1] + asks_at, n_max);

    if (rig_boot_ns() - now_ns > (int64_t)HOGA_SILENT_NS / 2)
        return; /* this process was off its core: between the two a heartbeat may have aged */
    cr_assert(usual < 0 || (books[0].update == hoga_update(h, id) && books[0].id == id));
    cr_assert(books[0].n_bids <= depth && books[0].n_asks <= depth, "%u %u", books[0].n_bids, books[0].n_asks);
    *io_n_live += usual == 0 && books[0].state == HOGA_LIVE;
    cr_assert_eq(books[0].changed_age_ns < 0, books[1].changed_age_ns < 0);
    cr_assert_eq(books[0].heard_age_ns < 0, books[1].heard_age_ns < 0);
    books[1].changed_age_ns = books[0].changed_age_ns; /* two looks at the clock */
    books[1].heard_age_ns = books[0].heard_age_ns;
    if (books[0].reason == HOGA_RE_DAEMON_SILENT || books[0].reason == HOGA_RE_DAEMON_STOPPED)
        books[1].since_ns = books[0].since_ns;
    cr_assert_eq(usual, general);
    cr_assert_eq(memcmp(&books[0], &books[1], sizeof(books[0])), 0, "state %u reason %u, not %u %u", books[0].state,
                 books[0].reason, books[1].state, books[1].reason);
    cr_assert_eq(memcmp(levels[0], levels[1], sizeof(levels[0])), 0, "nothing beyond n_max, and the same below");
}

/* The segment, for storing where only the daemon may. */
static uint8_t *file_map(const char *path, size_t size)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    (void)close(fd);
    return base == MAP_FAILED ? NULL : base;
}

static void roads_say_the_same(void)
{
    struct rig rig;
    struct hoga *h;
    uint32_t slot;
    hoga_id id;
    uint64_t n_live = 0;
    uint8_t *file;

    cr_assert_eq(rig_open_deep(&rig, depth), 0);
    cr_assert_eq(writer_slot_get(rig.writer, "sim", "A", 1, &slot), 0);
    writer_ready(rig.writer, rig_boot_ns());
    cr_assert_eq(hoga_open(&h, rig.path, NULL), 0);
    cr_assert_eq(hoga_find(h, "sim:A", &id), 0);
    file = file_map(rig.path, h->map.size);
    cr_assert_neq(file, NULL);

    for (int i = 0; i < N_STATES; i++) {
        throw_connections(rig.writer);
        throw_book(rig.writer, slot);
        throw_heartbeat(rig.writer);
        throw_copy(file, h, slot);
        throw_daemon((struct hoga_abi_header *)(void *)file);
        h->roads = lib_roads_of((enum seqlock_form)(i % ((int)seqlock_form() + 1)), lib_is_default(h) && i % 2);
        expect_same(h, id, &n_live);
    }

    cr_expect_gt(n_live, N_STATES / 100, "the usual case was met");
    (void)munmap(file, h->map.size);
    h = hoga_close(h);
    rig_close(&rig);
}

Test(libhoga_roads, say_the_same)
{
    depth = DEPTH;
    roads_say_the_same();
}

Test(libhoga_roads, say_the_same_at_the_default_depth)
{
    depth = HOGA_DEPTH_DEFAULT;
    roads_say_the_same();
}
