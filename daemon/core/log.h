/* SPDX-License-Identifier: MIT
 * log.h - one line per state change: `event key=value ...` on standard error, with the journal's <N> prefix unless
 * that is a terminal. Event names never change; values with spaces or quotes are quoted. One thread. Not for core/,
 * venue/, book/, shm/, client/: those return what happened. */
#ifndef HOGA_LOG_H
#define HOGA_LOG_H

#include <stddef.h>
#include <stdint.h>

#define LOG_REPEAT_NS       INT64_C(10000000000) /* ten seconds */
#define LOG_EVENT_LINES_MAX 256                  /* of one event in LOG_REPEAT_NS, whatever its fields */

enum log_level { LOG_LEVEL_ERR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_NOTICE = 5, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

struct log_field {
    const char *key;
    const char *string; /* NULL: number */
    int64_t number;
    int is_unsigned;
};

/* A function, because `value ? value : ""` of an array is a warning. */
static inline const char *log_string(const char *value)
{
    return value ? value : "";
}

#define F_STR(key, value) ((struct log_field){ (key), log_string(value), 0, 0 })
#define F_U64(key, value) ((struct log_field){ (key), NULL, (int64_t)(value), 1 })
#define F_I64(key, value) ((struct log_field){ (key), NULL, (int64_t)(value), 0 })

void log_set_level(enum log_level level);

/* A line on its way out; `text` is all of it, without prefix and newline. */
struct log_line {
    enum log_level level;
    const char *event;
    const struct log_field *fields; /* none for a count of repeats that stands alone */
    size_t n_fields;
    const char *text;
};
/* Somewhere else than standard error. It never waits. Returns: 0 taken, or lost for good; negative: standard error. */
typedef int (*log_sink_fn)(const struct log_line *line);
void log_set_sink(log_sink_fn sink);
int log_is_enabled(enum log_level level);
/* The same event with the same fields within LOG_REPEAT_NS is counted, not printed, and so is what goes beyond
 * LOG_EVENT_LINES_MAX; the count follows as `repeated=N` on the next line of that event, or from log_flush. */
void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t n_fields);

/* Says the counts that no further line of their event has said for LOG_REPEAT_NS; `is_all`: all of them, at the end. */
void log_flush(int is_all);

#define LOG_EVENT_(level, event, ...)                                                                                  \
    log_event((level), (event), (const struct log_field[]){ { "", "", 0, 0 }, ##__VA_ARGS__ } + 1,                     \
              sizeof((const struct log_field[]){ { "", "", 0, 0 }, ##__VA_ARGS__ }) / sizeof(struct log_field) - 1)
#define log_err(event, ...)    LOG_EVENT_(LOG_LEVEL_ERR, event, ##__VA_ARGS__)
#define log_warn(event, ...)   LOG_EVENT_(LOG_LEVEL_WARN, event, ##__VA_ARGS__)
#define log_notice(event, ...) LOG_EVENT_(LOG_LEVEL_NOTICE, event, ##__VA_ARGS__)
#define log_info(event, ...)   LOG_EVENT_(LOG_LEVEL_INFO, event, ##__VA_ARGS__)
#define log_debug(event, ...)  LOG_EVENT_(LOG_LEVEL_DEBUG, event, ##__VA_ARGS__)

#endif
