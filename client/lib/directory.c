/* SPDX-License-Identifier: MIT
 * The directory as last seen, with a hash table over the names folded to lower case. Its memory is taken when a file is
 * mapped; a look-up costs one comparison of versions and one probe while nothing has moved. */
#include "handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int lib_directory_init(struct lib_directory *d, uint32_t n_slots)
{
    uint32_t n_buckets = 16;
    while (n_buckets < n_slots * 2) /* at most half full: n_slots <= HOGA_BOOKS_MAX_LIMIT */
        n_buckets *= 2;
    *d = (struct lib_directory){ .n_slots = n_slots, .bucket_mask = n_buckets - 1 };
    d->slots = calloc(n_slots > 0 ? n_slots : 1, sizeof(*d->slots));
    d->buckets = calloc(n_buckets, sizeof(*d->buckets));
    if (d->slots != NULL && d->buckets != NULL)
        return 0;
    lib_directory_done(d);
    return -ENOMEM;
}

void lib_directory_done(struct lib_directory *d)
{
    free(d->slots);
    free(d->buckets);
    *d = (struct lib_directory){ 0 };
}

/* ASCII only: the venues' symbols are, and the caller's locale must not change what is found. */
static unsigned char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : (unsigned char)c;
}

static uint32_t fold_hash(uint32_t hash, const char *text, size_t size)
{
    for (size_t i = 0; i < size && text[i] != '\0'; i++)
        hash = (hash ^ fold(text[i])) * 16777619u; /* FNV-1a */
    return hash;
}

static uint32_t name_hash(const char *venue, size_t venue_size, const char *symbol)
{
    uint32_t hash = fold_hash(2166136261u, venue, venue_size);
    return fold_hash((hash ^ ':') * 16777619u, symbol, HOGA_SYMBOL_SIZE);
}

static int fold_equal(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (fold(a[i]) != fold(b[i]))
            return 0;
        if (a[i] == '\0')
            return 1;
    }
    return 1;
}

/* Names go to terminals and into files: a byte of the segment is never taken for a control character. */
static void text_take(char *ret, const char *text, size_t size)
{
    size_t n = 0;
    for (; n < size - 1 && text[n] != '\0'; n++)
        ret[n] = (unsigned char)text[n] < 0x20 || text[n] == 0x7f ? '?' : text[n];
    memset(ret + n, 0, size - n);
}

static void directory_insert(struct lib_directory *d, uint32_t slot)
{
    const struct lib_slot *s = &d->slots[slot];
    uint32_t i = name_hash(s->venue, sizeof(s->venue), s->symbol) & d->bucket_mask;
    while (d->buckets[i] != 0)
        i = (i + 1) & d->bucket_mask;
    d->buckets[i] = slot + 1;
    d->n_used++;
}

static int directory_load(struct hoga *h, uint32_t slot)
{
    struct lib_slot *s = &h->directory.slots[slot];
    struct hoga_abi_directory_entry entry;
    int r = reader_directory(&h->map, slot, &entry);
    memset(s, 0, sizeof(*s));
    if (r == -EAGAIN)
        return r;
    if (r < 0 || !entry.used) /* nothing was ever written there, or it was freed */
        return 0;
    text_take(s->venue, entry.venue, sizeof(s->venue));
    text_take(s->symbol, entry.symbol, sizeof(s->symbol));
    s->generation = entry.generation;
    s->since_ns = (int64_t)entry.since_ns;
    s->is_used = 1;
    directory_insert(&h->directory, slot);
    return 0;
}

int lib_directory_refresh(struct hoga *h, const struct reader_live *live)
{
    struct lib_directory *d = &h->directory;
    if (d->is_whole && d->version == live->directory_version)
        return 0;
    /* The version was loaded before the entries: whatever moves while we read moves it again. */
    d->version = live->directory_version;
    d->is_whole = 1;
    d->n_used = 0;
    memset(d->buckets, 0, ((size_t)d->bucket_mask + 1) * sizeof(*d->buckets));
    for (uint32_t slot = 0; slot < d->n_slots; slot++) {
        if (directory_load(h, slot) < 0)
            d->is_whole = 0;
    }
    return d->is_whole ? 0 : -EAGAIN;
}

const struct lib_slot *lib_directory_entry(const struct hoga *h, hoga_id id)
{
    if (lib_id_tag(id) != h->tag || lib_id_slot(id) >= h->directory.n_slots)
        return NULL;
    const struct lib_slot *s = &h->directory.slots[lib_id_slot(id)];
    return s->is_used && s->generation == lib_id_generation(id) ? s : NULL;
}

static int directory_now(struct hoga *h)
{
    struct reader_live live;
    (void)lib_handle_refresh(h, lib_boot_ns(), &live);
    return lib_directory_refresh(h, &live);
}

int hoga_find(struct hoga *h, const char *name, hoga_id *ret_id)
{
    const char *colon = strchr(name, ':');
    if (colon == NULL)
        return -EINVAL;
    size_t venue_size = (size_t)(colon - name);
    const char *symbol = colon + 1;
    int r = directory_now(h);
    if (venue_size >= HOGA_VENUE_SIZE || strlen(symbol) >= HOGA_SYMBOL_SIZE)
        return -ENOENT;
    const struct lib_directory *d = &h->directory;
    const struct lib_slot *found = NULL;
    uint32_t i = name_hash(name, venue_size, symbol) & d->bucket_mask;
    for (; d->buckets[i] != 0; i = (i + 1) & d->bucket_mask) {
        const struct lib_slot *s = &d->slots[d->buckets[i] - 1];
        if (s->venue[venue_size] != '\0' || !fold_equal(s->venue, name, venue_size) ||
            !fold_equal(s->symbol, symbol, HOGA_SYMBOL_SIZE))
            continue;
        int is_exact = strcmp(s->symbol, symbol) == 0;
        if (found == NULL || is_exact)
            found = s;
        if (is_exact)
            break;
    }
    if (found == NULL)
        return r < 0 ? r : -ENOENT;
    *ret_id = lib_id_make(h->tag, found->generation, (uint32_t)(found - d->slots));
    return 0;
}

int hoga_list(struct hoga *h, hoga_id *ret_ids, size_t n_max)
{
    int r = directory_now(h);
    if (r < 0)
        return r;
    const struct lib_directory *d = &h->directory;
    size_t n = 0;
    for (uint32_t slot = 0; slot < d->n_slots && n < n_max; slot++) {
        if (d->slots[slot].is_used)
            ret_ids[n++] = lib_id_make(h->tag, d->slots[slot].generation, slot);
    }
    return (int)d->n_used;
}

int hoga_info(struct hoga *h, hoga_id id, struct hoga_info *ret)
{
    int r = directory_now(h);
    const struct lib_slot *s = lib_directory_entry(h, id);
    if (s == NULL)
        return r < 0 ? r : -ESTALE;
    struct hoga_info info = { .id = id, .since_ns = s->since_ns, .depth = h->map.depth };
    memcpy(info.venue, s->venue, sizeof(info.venue));
    memcpy(info.symbol, s->symbol, sizeof(info.symbol));
    (void)snprintf(info.name, sizeof(info.name), "%s:%s", s->venue, s->symbol);
    *ret = info;
    return 0;
}
