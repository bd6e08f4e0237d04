/* SPDX-License-Identifier: MIT
 * config_words.c - see config_words.h. */
#include "loop/config_words.h"

#include "core/log.h"
#include "core/text.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BOOKS_MAX_DEFAULT  1024
#define BOOKS_MAX_LIMIT    65536 /* as in shm/hoga_abi.h, which loop/ may not see; hogad.c asserts it */
#define DEPTH_DEFAULT      30
#define DEPTH_LIMIT        1000
#define VENUE_DEPTH_LIMIT  5000 /* Binance gives so many by REST */
#define LEVELS_MAX_DEFAULT 500
#define LEVELS_MAX_LIMIT   16384
#define AGE_S_LIMIT        604800
#define LAG_MS_LIMIT       3600000
#define LAG_MS_DEFAULT     5000
#define MODE_DEFAULT       0640
#define CATALOGUE_DEFAULT  8192
#define CATALOGUE_LIMIT    65536
#define TRADES_DEFAULT     128
#define TRADES_LEAST       16
#define TRADES_LIMIT       4096
#define CATALOGUE_S        3600
#define CATALOGUE_S_MAX    604800
#define LINGER_S           60
#define LINGER_S_MAX       86400
#define RESOLV_CONF        "/etc/resolv.conf"

static const struct {
    const char *word;
    enum log_level level;
} levels[] = {
    { "err", LOG_LEVEL_ERR },   { "warn", LOG_LEVEL_WARN },   { "notice", LOG_LEVEL_NOTICE },
    { "info", LOG_LEVEL_INFO }, { "debug", LOG_LEVEL_DEBUG },
};

static int take_number(const char *value, uint32_t least, uint32_t most, uint32_t *ret)
{
    char *end;
    unsigned long number;

    if (*value < '0' || *value > '9')
        return -EINVAL;
    errno = 0;
    number = strtoul(value, &end, 10);
    if (errno != 0 || *end != '\0' || number < least || number > most)
        return -EINVAL;
    *ret = (uint32_t)number;
    return 0;
}

static int take_path(const char *value, char *to, size_t size, const char **ret_why)
{
    *ret_why = "must be an absolute path of fewer than 256 bytes";
    if (value[0] != '/')
        return -EINVAL;
    return text_copy(to, size, value) < 0 ? -EINVAL : 0;
}

static int take_resolv_conf(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;

    return take_path(value, c->resolv_conf, sizeof c->resolv_conf, ret_why);
}

static int take_ca_file(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    return take_path(value, v->ca_file, sizeof v->ca_file, ret_why);
}

static int take_segment_mode(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;
    uint32_t mode = 0;

    *ret_why = "must be 3 or 4 octal digits that let the daemon read and write and others at most read, such as 0640";
    if (strlen(value) < 3 || strlen(value) > 4)
        return -EINVAL;
    for (; *value; value++) {
        if (*value < '0' || *value > '7')
            return -EINVAL;
        mode = mode * 8 + (uint32_t)(*value - '0');
    }
    /* A mapping for writing is what the segment's mode must never allow anybody else. */
    if ((mode & 0600) != 0600 || (mode & ~0644u) != 0)
        return -EINVAL;
    c->segment_mode = mode;
    return 0;
}

static int take_books_max(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;

    *ret_why = "must be a number from 1 to 65536";
    return take_number(value, 1, BOOKS_MAX_LIMIT, &c->books_max);
}

static int take_daemon_depth(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;

    *ret_why = "must be a number from 1 to 1000";
    return take_number(value, 1, DEPTH_LIMIT, &c->depth);
}

static int take_catalogue_max(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;

    *ret_why = "must be a number from 0 (none) to 65536";
    return take_number(value, 0, CATALOGUE_LIMIT, &c->catalogue_max);
}

static int take_trades(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;
    uint32_t n;

    *ret_why = "must be 0 (none) or a power of two from 16 to 4096";
    if (take_number(value, 0, TRADES_LIMIT, &n) < 0 || (n & (n - 1)) != 0 || (n > 0 && n < TRADES_LEAST))
        return -EINVAL;
    c->trades = n;
    return 0;
}

static int take_catalogue_s(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;

    *ret_why = "must be a number of seconds from 0 (never) to 604800";
    return take_number(value, 0, CATALOGUE_S_MAX, &c->catalogue_s);
}

static int take_linger_s(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;

    *ret_why = "must be a number of seconds from 0 to 86400";
    return take_number(value, 0, LINGER_S_MAX, &c->linger_s);
}

int config_log_level(const char *word, uint32_t *ret_level)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(word, levels[i].word) == 0) {
            *ret_level = levels[i].level;
            return 0;
        }
    }
    return -EINVAL;
}

const char *config_log_level_word(uint32_t level)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if ((uint32_t)levels[i].level == level)
            return levels[i].word;
    }
    return NULL;
}

static int take_log_level(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;

    if (config_log_level(value, &c->log_level) == 0)
        return 0;
    *ret_why = "must be err, warn, notice, info or debug";
    return -EINVAL;
}

/* A numeric address: libwebsockets would look a name up with a call that blocks. */
static int take_proxy(void *target, const char *value, const char **ret_why)
{
    struct config *c = target;
    const char *colon = strrchr(value, ':');
    char host[INET6_ADDRSTRLEN + 2];
    struct in6_addr address;
    uint32_t port;
    size_t n = colon ? (size_t)(colon - value) : 0;

    *ret_why = "must be ADDRESS:PORT with a numeric address, such as 192.0.2.1:3128 or [2001:db8::1]:3128";
    if (n == 0 || n >= sizeof host || take_number(colon + 1, 1, UINT16_MAX, &port) < 0)
        return -EINVAL;
    memcpy(host, value, n);
    host[n] = '\0';
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        if (inet_pton(AF_INET6, host + 1, &address) != 1)
            return -EINVAL;
    } else if (inet_pton(AF_INET, host, &address) != 1) {
        return -EINVAL;
    }
    return text_copy(c->proxy, sizeof c->proxy, value) < 0 ? -EINVAL : 0;
}

static int symbol_add(struct config_venue *v, const char *symbol, size_t size)
{
    if (v->n_symbols == CONFIG_SYMBOLS_MAX)
        return -E2BIG;
    if ((v->n_symbols & (v->n_symbols - 1)) == 0) { /* room doubles at each power of two */
        size_t room = v->n_symbols == 0 ? 1 : 2 * (size_t)v->n_symbols;
        void *symbols = reallocarray(v->symbols, room, sizeof v->symbols[0]);

        if (!symbols)
            return -ENOMEM;
        v->symbols = symbols;
    }
    memcpy(v->symbols[v->n_symbols], symbol, size);
    v->symbols[v->n_symbols][size] = '\0';
    v->n_symbols++;
    return 0;
}

static int take_symbols(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    *ret_why = "must be names or patterns separated by spaces or commas, each of fewer than 48 printable characters";
    while (*value) {
        size_t n = strcspn(value, " ,\t");
        int r;

        if (n >= CONFIG_SYMBOL_SIZE)
            return -EINVAL;
        for (size_t i = 0; i < n; i++) {
            if (value[i] <= ' ' || value[i] > '~' || value[i] == '"' || value[i] == '\\' || value[i] == '#' ||
                value[i] == ';')
                return -EINVAL;
        }
        r = n > 0 ? symbol_add(v, value, n) : 0;
        if (r == -E2BIG)
            *ret_why = "names more than 65536 markets";
        if (r < 0)
            return r;
        value += n;
        value += strspn(value, " ,\t");
    }
    return 0;
}

static int take_venue_depth(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    *ret_why = "must be a number from 0 (the venue's default) to 5000";
    return take_number(value, 0, VENUE_DEPTH_LIMIT, &v->depth);
}

static int take_levels_max(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    *ret_why = "must be a number from 1 to 16384";
    return take_number(value, 1, LEVELS_MAX_LIMIT, &v->levels_max);
}

static int take_lag_ms_max(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    *ret_why = "must be a number from 0 (never) to 3600000";
    return take_number(value, 0, LAG_MS_LIMIT, &v->lag_ms_max);
}

static int take_age_s(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    *ret_why = "must be a number from 0 (the venue's own limit) to 604800";
    return take_number(value, 0, AGE_S_LIMIT, &v->age_s);
}

static int take_yes(const char *value, uint32_t *ret, const char **ret_why)
{
    *ret_why = "must be yes or no";
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        return -EINVAL;
    *ret = value[0] == 'y';
    return 0;
}

static int take_venue_trades(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    return take_yes(value, &v->trades, ret_why);
}

static int take_venue_day(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    return take_yes(value, &v->day, ret_why);
}

static int take_url(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    *ret_why = "must begin with ws:// or wss:// and be of fewer than 512 bytes";
    if (strncmp(value, "ws://", 5) != 0 && strncmp(value, "wss://", 6) != 0)
        return -EINVAL;
    return text_copy(v->url, sizeof v->url, value) < 0 ? -EINVAL : 0;
}

static int take_rest_url(void *target, const char *value, const char **ret_why)
{
    struct config_venue *v = target;

    *ret_why = "must begin with http:// or https://, name a host and no path, and be of fewer than 512 bytes";
    if ((strncmp(value, "http://", 7) != 0 && strncmp(value, "https://", 8) != 0) ||
        strchr(strstr(value, "//") + 2, '/'))
        return -EINVAL;
    return text_copy(v->rest_url, sizeof v->rest_url, value) < 0 ? -EINVAL : 0;
}

static const struct config_word words[] = {
    { "segment_mode", 1, 0, take_segment_mode },
    { "books_max", 1, 0, take_books_max },
    { "depth", 1, 0, take_daemon_depth },
    { "log_level", 1, 0, take_log_level },
    { "resolv_conf", 1, 0, take_resolv_conf },
    { "proxy", 1, 0, take_proxy },
    { "symbols", 0, 1, take_symbols },
    { "depth", 0, 0, take_venue_depth },
    { "levels_max", 0, 0, take_levels_max },
    { "url", 0, 0, take_url },
    { "age_s", 0, 0, take_age_s },
    { "lag_ms_max", 0, 0, take_lag_ms_max },
    { "catalogue_max", 1, 0, take_catalogue_max },
    { "catalogue_s", 1, 0, take_catalogue_s },
    { "linger_s", 1, 0, take_linger_s },
    { "ca_file", 0, 0, take_ca_file },
    { "rest_url", 0, 0, take_rest_url },
    { "trades", 1, 0, take_trades },
    { "trades", 0, 0, take_venue_trades },
    { "day", 0, 0, take_venue_day },
};
_Static_assert(sizeof words / sizeof words[0] <= CONFIG_WORDS_MAX, "room for the marks of config.c");

const struct config_word *config_word_find(int is_daemon, const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i].is_daemon == is_daemon && strcmp(words[i].word, word) == 0)
            return &words[i];
    }
    return NULL;
}

unsigned config_word_index(const struct config_word *word)
{
    return (unsigned)(word - words);
}

void config_defaults(struct config *c)
{
    c->segment_mode = MODE_DEFAULT;
    c->books_max = BOOKS_MAX_DEFAULT;
    c->depth = DEPTH_DEFAULT;
    c->trades = TRADES_DEFAULT;
    c->catalogue_max = CATALOGUE_DEFAULT;
    c->catalogue_s = CATALOGUE_S;
    c->linger_s = LINGER_S;
    c->log_level = LOG_LEVEL_NOTICE;
    (void)text_copy(c->resolv_conf, sizeof c->resolv_conf, RESOLV_CONF);
}

void config_venue_defaults(struct config_venue *v, const char *name)
{
    int r = text_copy(v->name, sizeof v->name, name);

    assert(r == 0);
    (void)r;
    v->levels_max = LEVELS_MAX_DEFAULT;
    v->lag_ms_max = LAG_MS_DEFAULT;
    v->trades = v->day = 1;
}

static void print_symbols(const struct config_venue *v, FILE *to)
{
    size_t used = 0;

    for (uint32_t i = 0; i < v->n_symbols; i++) {
        size_t n = strlen(v->symbols[i]) + 1;

        if (used == 0 || used + n > CONFIG_LINE_SIZE_MAX - 16) {
            (void)fprintf(to, "%ssymbols =", used ? "\n" : "");
            used = 9;
        }
        (void)fprintf(to, " %s", v->symbols[i]);
        used += n;
    }
    if (used > 0)
        (void)fputc('\n', to);
}

static void print_text(FILE *to, const char *word, const char *value)
{
    if (value[0])
        (void)fprintf(to, "%s = %s\n", word, value);
}

void config_print(const struct config *c, FILE *to)
{
    (void)fprintf(to, "# %s\n[%s]\n", c->file[0] ? c->file : "no file: the defaults", CONFIG_SECTION_DAEMON);
    (void)fprintf(to, "segment_mode = %04o\nbooks_max = %u\ndepth = %u\ntrades = %u\n", c->segment_mode, c->books_max,
                  c->depth, c->trades);
    (void)fprintf(to, "catalogue_max = %u\ncatalogue_s = %u\nlinger_s = %u\n", c->catalogue_max, c->catalogue_s,
                  c->linger_s);
    print_text(to, "log_level", config_log_level_word(c->log_level));
    print_text(to, "resolv_conf", c->resolv_conf);
    print_text(to, "proxy", c->proxy);
    for (uint32_t i = 0; i < c->n_venues; i++) {
        const struct config_venue *v = &c->venues[i];

        (void)fprintf(to, "\n[%s]\n", v->name);
        print_symbols(v, to);
        (void)fprintf(to, "depth = %u\nlevels_max = %u\n", v->depth, v->levels_max);
        (void)fprintf(to, "age_s = %u\nlag_ms_max = %u\n", v->age_s, v->lag_ms_max);
        (void)fprintf(to, "trades = %s\nday = %s\n", v->trades ? "yes" : "no", v->day ? "yes" : "no");
        print_text(to, "url", v->url);
        print_text(to, "rest_url", v->rest_url);
        print_text(to, "ca_file", v->ca_file);
    }
}
