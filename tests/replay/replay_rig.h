/* SPDX-License-Identifier: MIT
 * replay_rig.h - the segment of a daemon in a folder of its own, for the tests of the whole road in one process. One
 * thread. Asserts nothing: a test of allocations has no test framework. */
#ifndef HOGA_TEST_REPLAY_RIG_H
#define HOGA_TEST_REPLAY_RIG_H

#include "pipeline.h"
#include "publish/counter.h"
#include "shm/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct replay_place {
    char folder[64], path[96];
};

/* Returns: 0, negative errno. */
static inline int replay_place_make(struct replay_place *place)
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(place->folder, sizeof place->folder, "%s/hoga-replay-XXXXXX",
                   base && strlen(base) < 32 ? base : "/tmp");
    if (!mkdtemp(place->folder))
        return -errno;
    (void)snprintf(place->path, sizeof place->path, "%s/books", place->folder);
    return 0;
}

/* Returns: 0, negative errno: something else was left in the folder. */
static inline int replay_place_remove(const struct replay_place *place)
{
    static const char *const ends[] = { "", ".wake", ".lock" };
    char path[128];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", place->path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(place->folder) < 0 ? -errno : 0;
}

/* A new one, or the one that is there, as a daemon begins. Returns: as writer_open. */
static inline int replay_writer_open(const struct replay_place *place, uint32_t books_max, uint32_t depth,
                                     uint32_t trades, struct writer **ret)
{
    struct writer_options options = { .path = place->path,
                                      .layout = { .books_max = books_max,
                                                  .depth = depth,
                                                  .connections_max = HOGA_CONNECTIONS_MAX,
                                                  .counters_max = COUNTER_COUNT,
                                                  .histograms_max = PIPELINE_HISTOGRAMS_PER_FEED,
                                                  .trades = trades,
                                                  .has_day = 1 },
                                      .daemon_version = "test",
                                      .source = HOGA_SO_SIMULATOR,
                                      .mode = 0600,
                                      .counter_names = counter_names,
                                      .counter_units = counter_units };
    struct segment_problem problem;

    return writer_open(&options, ret, &problem);
}

/* Returns: as segment_map_reader. */
static inline int replay_map(const struct replay_place *place, struct segment_map *ret)
{
    struct segment_problem problem;
    int fd = open(place->path, O_RDONLY | O_CLOEXEC), r;

    if (fd < 0)
        return -errno;
    r = segment_map_reader(fd, ret, &problem);
    (void)close(fd);
    return r;
}

/* A port's send that says nothing to nobody. */
static inline int replay_send(void *context, uint32_t conn, const char *text, size_t size)
{
    (void)context, (void)conn, (void)text, (void)size;
    return 0;
}

#endif
