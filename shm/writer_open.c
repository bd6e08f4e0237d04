/* SPDX-License-Identifier: MIT
 * writer_open.c - a writer's beginning and end: lock, adopt or create, repair; and STOPPED on the way out. */
#include "writer_private.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- adoption --------------------------------------------------------------------------------------------------------
 */

/* Copies that a dead writer left odd hold parts of two updates. Nobody accepts them; emptied, they cannot be mistaken
 * for anything, and the count of levels in them is true again. Killed in here, the copy is odd still. */
static void ring_repair(uint8_t *item, uint32_t item_size, uint32_t copies)
{
    for (uint32_t i = 0; i < copies; i++) {
        uint8_t *copy = item + seqlock_copy_offset(i, copies, item_size);

        if ((seqlock_peek(copy) & 1) == 0)
            continue;
        seqlock_zero(copy + 8, item_size - 8);
        seqlock_store(copy, 0);
    }
}

static void rings_repair(struct writer *w)
{
    for (uint32_t kind = HOGA_REGION_DIRECTORY; kind <= SEGMENT_KIND_LAST; kind++) {
        for (uint32_t i = 0; w->region[kind].item_size != 0 && i < w->region[kind].count; i++)
            ring_repair(writer_item(w, kind, i), w->region[kind].item_size, segment_copies(&w->region[kind]));
    }
}

/* A writer killed between the two indices of a book left the second one update behind. */
static void listed_repair(struct writer *w)
{
    for (uint32_t slot = 0; slot < w->books_max; slot++) {
        uint64_t number = seqlock_peek(&writer_ring(w, HOGA_REGION_BOOK, slot)->newest);

        if (seqlock_peek(&writer_listed(w, slot)->newest) != number)
            seqlock_write_listed(writer_listed(w, slot), number);
    }
}

/* Rows of the life before are nobody's. Message numbers of connections begin anew, so valid_from must too; books of
 * the life before are `down` by their epoch, which was raised before this. */
static void connections_reset(struct writer *w)
{
    for (uint32_t i = 0; i < w->region[HOGA_REGION_CONNECTION].count; i++) {
        const struct hoga_abi_connection_entry *old = writer_newest(w, HOGA_REGION_CONNECTION, i);
        const struct hoga_abi_connection_entry unused = { 0 };

        if (old != NULL && old->used)
            writer_connection_publish(w, i, &unused);
        writer_connection_valid_from(w, i, 0);
        writer_connection_heard(w, i, 0);
    }
}

/* Private memory of the slots, from what is published. A generation that was begun and never named (killed between the
 * empty copy and the directory entry) counts as used. */
static void slots_load(struct writer *w)
{
    for (uint32_t slot = 0; slot < w->books_max; slot++) {
        const struct hoga_abi_directory_entry *entry = writer_newest(w, HOGA_REGION_DIRECTORY, slot);
        const struct hoga_abi_book_head *head = writer_newest(w, HOGA_REGION_BOOK, slot);
        struct writer_slot *s = &w->slots[slot];

        s->generation = (uint32_t)w->header->generation_base;
        if (head != NULL && head->generation > s->generation)
            s->generation = head->generation;
        if (entry == NULL)
            continue;
        if (entry->generation > s->generation)
            s->generation = entry->generation;
        s->used = entry->used == 1 && entry->venue[HOGA_VENUE_SIZE - 1] == '\0' &&
                  entry->symbol[HOGA_SYMBOL_SIZE - 1] == '\0';
        if (s->used)
            s->name_hash = writer_name_hash(entry->venue, entry->symbol);
    }
}

/* A used slot whose book is of another generation: killed in slot_get of a slot that had been freed in an older life,
 * or a file that was damaged in a way that fits. Its name is taken back; it will be asked for again. */
static void slots_settle(struct writer *w)
{
    for (uint32_t slot = 0; slot < w->books_max; slot++) {
        const struct hoga_abi_directory_entry *entry = writer_newest(w, HOGA_REGION_DIRECTORY, slot);

        if (w->slots[slot].used && entry->generation != w->slots[slot].generation)
            writer_slot_free(w, slot, (int64_t)entry->since_ns);
    }
}

/* Design 3.5: raise the epoch, repair, and no heartbeat until writer_ready. Killed anywhere in here, the next daemon
 * does it again, one epoch higher. */
static void adopt(struct writer *w, const struct writer_options *options)
{
    char version[sizeof w->header->daemon_version] = "";

    w->epoch = seqlock_peek(&w->header->epoch) + 1;
    seqlock_store(&w->header->epoch, w->epoch);
    seqlock_store(&w->header->heartbeat_boot_ns, 0);
    seqlock_store(&w->header->daemon_state, HOGA_DAEMON_STARTING);
    seqlock_store(&w->header->pid, (uint64_t)getpid());
    seqlock_store(&w->header->source, options->source);
    seqlock_store(&w->header->blind_ms_max, 0);
    (void)snprintf(version, sizeof version, "%s", options->daemon_version);
    seqlock_put_portable(w->header->daemon_version, version, sizeof version);
    rings_repair(w);
    listed_repair(w);
    connections_reset(w);
    writer_catalogue_reset(w);
    slots_load(w);
    slots_settle(w);
    for (uint32_t slot = 0; slot < w->books_max; slot++)
        writer_trade_adopt(w, slot);
    /* A daemon killed between an entry and this word left readers with an old directory. */
    seqlock_store(&w->header->directory_version, seqlock_peek(&w->header->directory_version) + 1);
}

/* --- open and close
 * --------------------------------------------------------------------------------------------------- */

/* Adopt what is there, or make a new file and retire the old one. Needs the lock. */
static int writer_map(struct writer *w, const struct writer_options *options, const struct writer_plan *plan,
                      struct segment_problem *ret_problem)
{
    struct writer_old old;
    int r;

    writer_old_open(options, plan, &old);
    if (old.fits) {
        w->base = old.base;
        w->is_adopted = 1;
    } else {
        r = writer_file_create(options, plan, old.generation_max, &w->base, ret_problem);
        writer_old_close(&old, r == 0);
        if (r < 0)
            return r;
    }
    w->size = plan->header.size;
    w->header = (struct hoga_abi_header *)(void *)w->base;
    return 0;
}

static struct writer *writer_free(struct writer *w)
{
    writer_wake_close(&w->wake);
    if (w->base != NULL)
        (void)munmap(w->base, w->size);
    if (w->lock_fd >= 0)
        (void)close(w->lock_fd); /* last: the lock goes with it */
    free(w->catalogue_taken);
    free(w->recall);
    free(w->slots);
    free(w);
    return NULL;
}

static int writer_start(struct writer *w, const struct writer_options *options, const struct writer_plan *plan,
                        struct segment_problem *ret_problem)
{
    int r = writer_lock_open(options->path, &w->lock_fd, ret_problem);

    if (r < 0)
        return r;
    r = writer_wake_open(options->path, &w->wake, ret_problem);
    if (r < 0)
        return r;
    r = writer_map(w, options, plan, ret_problem);
    if (r < 0)
        return r;
    adopt(w, options);
    return 0;
}

/* Renaming over it would take a device, a folder or a socket away from whoever uses it: `--segment /dev/null`, as root.
 * A file or a link is replaced, whatever is in it: a daemon must come up again after anything. */
static int is_in_the_way(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode);
}

int writer_open(const struct writer_options *options, struct writer **ret, struct segment_problem *ret_problem)
{
    struct writer_plan plan;
    struct writer *w;
    int r;

    if (is_in_the_way(options->path))
        return segment_problem_set(ret_problem, -EEXIST, options->path, "name another path", "it is no file");
    r = segment_layout_fill(&options->layout, &plan.header, plan.regions);

    if (r < 0)
        return segment_problem_set(ret_problem, r, options->path, "lower it",
                                   "books_max %u or depth %u is beyond the limits %u and %u", options->layout.books_max,
                                   options->layout.depth, HOGA_BOOKS_MAX_LIMIT, HOGA_DEPTH_LIMIT);
    w = calloc(1, sizeof *w);
    if (w == NULL)
        return segment_problem_errno(ret_problem, -ENOMEM, options->path, "writer");
    w->lock_fd = -1;
    w->books_max = options->layout.books_max;
    w->depth = options->layout.depth;
    w->source = options->source;
    for (uint32_t i = 0; i < plan.header.region_count; i++)
        w->region[plan.regions[i].kind] = plan.regions[i];
    w->slots = calloc(w->books_max, sizeof *w->slots);
    r = w->slots != NULL && writer_catalogue_init(w) == 0 && writer_trade_init(w) == 0
            ? writer_start(w, options, &plan, ret_problem)
            : segment_problem_errno(ret_problem, -ENOMEM, options->path, "slots");
    if (r < 0) {
        (void)writer_free(w);
        return r;
    }
    *ret = w;
    return 0;
}

struct writer *writer_close(struct writer *w)
{
    if (w == NULL)
        return NULL;
    seqlock_store(&w->header->daemon_state, HOGA_DAEMON_STOPPED);
    w->wake.changed_bits = UINT32_MAX;
    (void)writer_wake(w); /* so that nobody sleeps out its slice before it hears of it */
    return writer_free(w);
}
