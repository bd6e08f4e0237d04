/* SPDX-License-Identifier: MIT
 * config.c - see config.h: finding and reading the files. */
#include "loop/config.h"

#include "core/text.h"
#include "loop/config_words.h"

#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_SYSTEM_FILE "/etc/hoga/hoga.conf"
#define CONFIG_FILE_SIZE   (8u << 20) /* of one file: 65,536 markets need less than a tenth */

/* One file being read. */
struct reading {
    struct config *config;
    const struct config_search *search;
    struct config_problem *problem;
    const char *path;
    const char *at; /* the next line of the file's text */
    unsigned line;  /* the one libinih has now */
    int has_problem;
    unsigned problem_line;
    uint8_t seen[CONFIG_VENUES_MAX + 1][CONFIG_WORDS_MAX]; /* in this file; row 0 is [daemon] */
};

/* These words also go into the log, so they are never translated, errors of the system included. */
__attribute__((format(printf, 2, 3))) static int refuse(struct config_problem *problem, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(problem->text, sizeof problem->text, format, list);
    va_end(list);
    return -EINVAL;
}

/* libinih gets one line a call; it is told nothing that it could cut. */
static char *next_line(char *to, int size, void *stream)
{
    struct reading *rd = stream;
    size_t n = strcspn(rd->at, "\n");

    if (*rd->at == '\0' || size < CONFIG_LINE_SIZE_MAX + 2)
        return NULL;
    memcpy(to, rd->at, n);
    to[n] = '\n';
    to[n + 1] = '\0';
    rd->at += rd->at[n] == '\n' ? n + 1 : n;
    rd->line++;
    return to;
}

static struct config_venue *venue_section(struct reading *rd, const char *section)
{
    struct config *c = rd->config;

    for (uint32_t i = 0; i < c->n_venues; i++) {
        if (strcmp(c->venues[i].name, section) == 0)
            return &c->venues[i];
    }
    for (size_t i = 0; i < rd->search->n_venues && c->n_venues < CONFIG_VENUES_MAX; i++) {
        if (strcmp(rd->search->venues[i], section) == 0) {
            struct config_venue *v = &c->venues[c->n_venues++];

            config_venue_defaults(v, section);
            return v;
        }
    }
    return NULL;
}

static int refuse_section(struct reading *rd, const char *section)
{
    char known[256];
    struct text names;

    text_init(&names, known, sizeof known);
    for (size_t i = 0; i < rd->search->n_venues; i++)
        text_addf(&names, ", [%s]", rd->search->venues[i]);
    if (section[0] == '\0')
        return refuse(rd->problem, "%s:%u: a word before any section: write [%s] or a venue above it", rd->path,
                      rd->line, CONFIG_SECTION_DAEMON);
    return refuse(rd->problem, "%s:%u: [%s]: unknown section: known are [%s]%s", rd->path, rd->line, section,
                  CONFIG_SECTION_DAEMON, known);
}

static int directive(struct reading *rd, const char *section, const char *name, const char *value)
{
    int is_daemon = strcmp(section, CONFIG_SECTION_DAEMON) == 0;
    struct config_venue *v = is_daemon ? NULL : venue_section(rd, section);
    const struct config_word *word;
    const char *why = "";
    uint8_t *seen;
    int r;

    if (!is_daemon && !v)
        return refuse_section(rd, section);
    word = config_word_find(is_daemon, name);
    if (!word)
        return refuse(rd->problem, "%s:%u: %s: unknown word in [%s]: hoga.conf(5) has the list", rd->path, rd->line,
                      name, section);
    seen = &rd->seen[is_daemon ? 0 : 1 + (v - rd->config->venues)][config_word_index(word)];
    if (*seen && !word->may_repeat)
        return refuse(rd->problem, "%s:%u: %s: given twice: keep one", rd->path, rd->line, name);
    *seen = 1;
    r = word->take(is_daemon ? (void *)rd->config : (void *)v, value, &why);
    if (r == -ENOMEM)
        why = strerrordesc_np(ENOMEM);
    return r < 0 ? refuse(rd->problem, "%s:%u: %s: \"%s\": %s", rd->path, rd->line, name, value, why) : 0;
}

/* libinih: 1 is good, 0 an error. It goes on after one; the first is what we tell. */
static int on_directive(void *user, const char *section, const char *name, const char *value)
{
    struct reading *rd = user;

    if (!rd->has_problem && directive(rd, section, name, value) < 0) {
        rd->has_problem = 1;
        rd->problem_line = rd->line;
    }
    return !rd->has_problem;
}

/* Before anything is applied: every line must be one that libinih takes whole. */
static int check_lines(const char *path, const char *text, size_t size, struct config_problem *problem)
{
    unsigned line = 1;

    if (strlen(text) != size)
        return refuse(problem, "%s: holds a NUL byte: it is no text file", path);
    for (; *text; line++) {
        size_t n = strcspn(text, "\n");

        if (n > CONFIG_LINE_SIZE_MAX)
            return refuse(problem,
                          "%s:%u: line of %zu bytes: at most %d: break it, a list may go on in another "
                          "`symbols =` line",
                          path, line, n, CONFIG_LINE_SIZE_MAX);
        text += n;
        text += *text == '\n';
    }
    return 0;
}

static int file_text(const char *path, char **ret, size_t *ret_size, struct config_problem *problem)
{
    FILE *f = fopen(path, "re");
    char *text;
    size_t n;
    int r;

    if (!f) {
        r = -errno;
        (void)refuse(problem, "%s: %s", path, strerrordesc_np(-r));
        return r;
    }
    text = malloc(CONFIG_FILE_SIZE + 1);
    errno = 0;
    n = text ? fread(text, 1, CONFIG_FILE_SIZE, f) : 0;
    r = !text ? -ENOMEM : ferror(f) ? (errno ? -errno : -EIO) : n == CONFIG_FILE_SIZE ? -EFBIG : 0;
    (void)fclose(f);
    if (r < 0) {
        (void)refuse(problem, "%s: %s", path, strerrordesc_np(-r));
        free(text);
        return r;
    }
    text[n] = '\0';
    *ret = text;
    *ret_size = n;
    return 0;
}

static int read_file(struct config *c, const struct config_search *search, const char *path,
                     struct config_problem *problem)
{
    struct reading rd = { .config = c, .search = search, .problem = problem, .path = path };
    char *text = NULL;
    size_t size = 0;
    int r = file_text(path, &text, &size, problem);

    if (r < 0)
        return r;
    r = check_lines(path, text, size, problem);
    if (r == 0) {
        int wrong_line;

        rd.at = text;
        wrong_line = ini_parse_stream(next_line, &rd, on_directive, &rd);
        /* A section that cannot be read makes the words under it wrong as well: the first place is the one to say. */
        if (rd.has_problem && (unsigned)wrong_line >= rd.problem_line)
            r = -EINVAL;
        else if (wrong_line != 0)
            r = refuse(problem, "%s:%d: not understood: a line is `[section]`, `word = value` or a comment", path,
                       wrong_line);
    }
    free(text);
    return r;
}

static int is_drop_in(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return n > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 5, ".conf") == 0;
}

/* hoga.conf.d beside hoga.conf, in the order of the names' bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_drop_ins(struct config *c, const struct config_search *search, const char *file,
                         struct config_problem *problem)
{
    char folder[CONFIG_PATH_SIZE + 8], path[2 * CONFIG_PATH_SIZE + 16];
    struct dirent **entries = NULL;
    int n, r = 0;

    (void)snprintf(folder, sizeof folder, "%s.d", file);
    n = scandir(folder, &entries, is_drop_in, by_name);
    if (n < 0 && errno != ENOENT && errno != ENOTDIR)
        return refuse(problem, "%s: %s", folder, strerrordesc_np(errno));
    for (int i = 0; i < n; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (r == 0)
            r = read_file(c, search, path, problem);
        free(entries[i]);
    }
    free(entries);
    return r;
}

/* The first of the usual places that is there. */
static int find_file(char ret[CONFIG_PATH_SIZE])
{
    const char *home = getenv("HOME"), *config_home = getenv("XDG_CONFIG_HOME");
    char path[CONFIG_PATH_SIZE] = "";
    int n = 0;

    if (geteuid() != 0 && config_home && config_home[0] == '/')
        n = snprintf(path, sizeof path, "%s/hoga/hoga.conf", config_home);
    else if (geteuid() != 0 && home && home[0] == '/')
        n = snprintf(path, sizeof path, "%s/.config/hoga/hoga.conf", home);
    /* One that is there but may not be read is an error later on, not passed over. */
    if (n > 0 && n < (int)sizeof path && access(path, F_OK) == 0)
        return text_copy(ret, CONFIG_PATH_SIZE, path);
    return access(CONFIG_SYSTEM_FILE, F_OK) == 0 ? text_copy(ret, CONFIG_PATH_SIZE, CONFIG_SYSTEM_FILE) : -ENOENT;
}

static int by_symbol(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    int r = strcmp(*x, *y);

    return r ? r : (*x > *y) - (*x < *y); /* the earlier of two equal ones first */
}

/* Named twice is named once; the first place counts. */
static int symbols_unique(struct config_venue *v)
{
    const char **sorted = calloc(v->n_symbols + 1, sizeof *sorted);
    uint32_t kept = 0;

    if (!sorted)
        return -ENOMEM;
    for (uint32_t i = 0; i < v->n_symbols; i++)
        sorted[i] = v->symbols[i];
    qsort(sorted, v->n_symbols, sizeof *sorted, by_symbol);
    /* From the end, so that what is compared with is still whole. */
    for (uint32_t i = v->n_symbols; i-- > 1;) {
        if (strcmp(sorted[i], sorted[i - 1]) == 0)
            v->symbols[(size_t)(sorted[i] - v->symbols[0]) / sizeof v->symbols[0]][0] = '\0';
    }
    free(sorted);
    for (uint32_t i = 0; i < v->n_symbols; i++) {
        if (v->symbols[i][0] != '\0' && kept++ != i)
            memcpy(v->symbols[kept - 1], v->symbols[i], sizeof v->symbols[0]);
    }
    v->n_symbols = kept;
    return 0;
}

static int check_whole(struct config *c, struct config_problem *problem)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < c->n_venues; i++) {
        if (symbols_unique(&c->venues[i]) < 0)
            return -ENOMEM;
        if (c->venues[i].n_symbols == 0)
            return refuse(problem, "%s: [%s]: no symbols: name at least one, such as `symbols = KRW-BTC`", c->file,
                          c->venues[i].name);
        n += c->venues[i].n_symbols;
    }
    if (c->n_venues == 0)
        return refuse(problem, "%s: no venue: add a section such as [upbit] with `symbols = KRW-BTC`", c->file);
    if (n > c->books_max)
        return refuse(problem, "%s: %llu markets, but books_max is %u: raise books_max", c->file, (unsigned long long)n,
                      c->books_max);
    return 0;
}

static int use_defaults(struct config *c)
{
    const char *why;

    config_venue_defaults(&c->venues[0], "upbit");
    c->n_venues = 1;
    return config_word_find(0, "symbols")->take(&c->venues[0], "KRW-BTC KRW-ETH KRW-XRP", &why);
}

static int load_into(struct config *c, const struct config_search *search, struct config_problem *problem)
{
    int r = search->file ? text_copy(c->file, sizeof c->file, search->file) : find_file(c->file);

    config_defaults(c);
    if (r == -ENOENT)
        return use_defaults(c);
    if (r < 0)
        return refuse(problem, "%s: the path is too long", search->file ? search->file : "hoga.conf");
    r = read_file(c, search, c->file, problem);
    if (r == 0)
        r = read_drop_ins(c, search, c->file, problem);
    return r == 0 ? check_whole(c, problem) : r;
}

int config_load(const struct config_search *search, struct config **ret, struct config_problem *ret_problem)
{
    struct config *c = calloc(1, sizeof *c);
    int r;

    if (!c)
        return -ENOMEM;
    r = load_into(c, search, ret_problem);
    if (r < 0) {
        (void)config_free(c);
        return r;
    }
    *ret = c;
    return 0;
}

struct config *config_free(struct config *c)
{
    for (uint32_t i = 0; c && i < c->n_venues; i++)
        free(c->venues[i].symbols);
    free(c);
    return NULL;
}

const struct config_venue *config_venue_find(const struct config *c, const char *name)
{
    for (uint32_t i = 0; i < c->n_venues; i++) {
        if (strcmp(c->venues[i].name, name) == 0)
            return &c->venues[i];
    }
    return NULL;
}
