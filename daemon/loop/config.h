/* SPDX-License-Identifier: MIT
 * config.h - the configuration: found, read whole, checked, and only then handed out. Read with libinih, whose lines
 * are short (CONFIG_LINE_SIZE_MAX); a longer line is refused with its place before anything is applied. Knows the names
 * of the venues because the caller says them, and nothing else of a venue. */
#ifndef HOGA_CONFIG_H
#define HOGA_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONFIG_LINE_SIZE_MAX 188 /* bytes without the newline; libinih takes 197 and cuts the rest silently */
#define CONFIG_PATH_SIZE     256
#define CONFIG_URL_SIZE      512
#define CONFIG_VENUES_MAX    16
#define CONFIG_NAME_SIZE     16
#define CONFIG_SYMBOL_SIZE   48
#define CONFIG_SYMBOLS_MAX   65536 /* of one venue, counted before repetitions are dropped */
#define CONFIG_PROBLEM_SIZE  1024

struct config_venue {
    char name[CONFIG_NAME_SIZE];
    char (*symbols)[CONFIG_SYMBOL_SIZE];
    uint32_t n_symbols;
    uint32_t depth;                 /* levels a side asked of the venue, 0 its default */
    uint32_t levels_max;            /* levels a side kept privately */
    uint32_t lag_ms_max;            /* a book whose messages are later is `lagging`; 0: never */
    uint32_t age_s;                 /* a connection is replaced before it is this old; 0: the venue's own limit */
    uint32_t trades, day;           /* 1: asked for where the venue has them */
    char url[CONFIG_URL_SIZE];      /* "": the venue's own */
    char rest_url[CONFIG_URL_SIZE]; /* "": the venue's own, or where `url` points */
    char ca_file[CONFIG_PATH_SIZE]; /* "": the system's */
};

struct config {
    char file[CONFIG_PATH_SIZE]; /* "": there is none, these are the defaults */
    uint32_t segment_mode;
    uint32_t books_max, depth;
    uint32_t trades;        /* kept of each book, a power of two; 0: none */
    uint32_t catalogue_max; /* instruments in the segment, of all venues; 0: none */
    uint32_t catalogue_s;   /* between two fetches of a venue's list; 0: never */
    uint32_t linger_s;      /* a book that nobody holds any more stays so long */
    uint32_t log_level;     /* enum log_level */
    char resolv_conf[CONFIG_PATH_SIZE];
    char proxy[CONFIG_URL_SIZE];
    uint32_t n_venues;
    struct config_venue venues[CONFIG_VENUES_MAX];
};

/* What a person is told: "FILE:LINE: word: why: what to do". */
struct config_problem {
    char text[CONFIG_PROBLEM_SIZE];
};

struct config_search {
    const char *file;          /* of -c; NULL: the search of hogad.8 */
    const char *const *venues; /* names that may be sections */
    size_t n_venues;
};

/* Find and read. Nothing found where nothing was named: the defaults, Upbit with three markets.
 * Owns:    *ret; give back with config_free.
 * Returns: 0, -ENOENT the named file is not there, -EACCES, -EINVAL something in it is wrong, -ENOMEM. */
int config_load(const struct config_search *search, struct config **ret, struct config_problem *ret_problem);
struct config *config_free(struct config *c);
/* As a file that would load to the same. */
void config_print(const struct config *c, FILE *to);
/* The words of log_level and their enum log_level. Returns: 0, -EINVAL; the word, NULL for other numbers. */
int config_log_level(const char *word, uint32_t *ret_level);
const char *config_log_level_word(uint32_t level);
const struct config_venue *config_venue_find(const struct config *c, const char *name);

#endif
