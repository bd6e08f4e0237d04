/* SPDX-License-Identifier: MIT */
#include "core/log.h"

#include "core/clock.h"
#include "core/text.h"

#include <string.h>
#include <unistd.h>

#define LOG_LINE_SIZE_MAX 2048
#define LOG_LINES_KEPT    64 /* different lines whose repeats are counted at once */
#define LOG_EVENTS_MAX    96 /* different events; there are some forty */
#define LOG_FLUSH_NS      INT64_C(1000000000)

/* One line that was printed lately, by the hash of its text: what counts as "the same event with the same fields". */
struct log_kept {
    const char *event; /* event names are literals; NULL: free */
    uint64_t hash;
    int64_t printed_ns;
    uint64_t n_repeated;
    enum log_level level;
};

/* How often an event was printed lately, whatever its fields: a thousand books that flicker are no thousand lines. */
struct log_window {
    const char *event;
    int64_t begun_ns;
    unsigned n_lines;
    uint64_t n_held;
    enum log_level level;
};

static struct log_kept kept[LOG_LINES_KEPT];
static struct log_window windows[LOG_EVENTS_MAX];
static enum log_level level_max = LOG_LEVEL_INFO;
static log_sink_fn sink; /* NULL: standard error */

void log_set_sink(log_sink_fn fn)
{
    sink = fn;
}

void log_set_level(enum log_level level)
{
    level_max = level;
}

int log_is_enabled(enum log_level level)
{
    return level <= level_max;
}

/* A control byte would break the line or drive a terminal; U+0080 to U+009F (C2 80 to C2 9F) do so too. */
static int is_printable(const char *at, size_t size)
{
    unsigned char c = (unsigned char)at[0];

    if (size == 0 || (size == 1 && (c < 0x20 || c == 0x7f)))
        return 0;
    return !(size == 2 && c == 0xc2 && (unsigned char)at[1] < 0xa0);
}

static int needs_quotes(const char *value)
{
    if (value[0] == '\0' || strpbrk(value, " \"\\="))
        return 1;
    for (size_t n = strlen(value), size; n > 0; value += size, n -= size) {
        size = text_utf8_size(value, n);
        if (!is_printable(value, size))
            return 1;
    }
    return 0;
}

static void add_value(struct text *line, const char *value)
{
    if (!needs_quotes(value)) {
        text_add_string(line, value);
        return;
    }
    text_add_string(line, "\"");
    for (size_t n = strlen(value), size; n > 0; value += size, n -= size) {
        size = text_utf8_size(value, n);
        if (!is_printable(value, size)) {
            size = size == 0 ? 1 : size;
            for (size_t i = 0; i < size; i++)
                text_addf(line, "\\x%02x", (unsigned char)value[i]);
        } else {
            if (*value == '"' || *value == '\\')
                text_add_string(line, "\\");
            text_add(line, value, size);
        }
    }
    text_add_string(line, "\"");
}

static void add_field(struct text *line, const struct log_field *field)
{
    text_add_string(line, " ");
    text_add_string(line, field->key);
    text_add_string(line, "=");
    if (field->string)
        add_value(line, field->string);
    else if (field->is_unsigned)
        text_add_u64(line, (uint64_t)field->number);
    else
        text_add_i64(line, field->number);
}

/* FNV-1a. Two lines of one hash within ten seconds would cost one line, not the truth: the count still grows. */
static uint64_t hash_of(const char *bytes, size_t n)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    return hash;
}

/* One write(2) a line, so that lines of several processes never mix. Nothing can be done if it fails. */
static void write_stderr(enum log_level level, const char *body)
{
    char memory[LOG_LINE_SIZE_MAX + 128];
    struct text line;

    text_init(&line, memory, sizeof(memory));
    if (!isatty(STDERR_FILENO))
        text_addf(&line, "<%d>", (int)level);
    text_add_string(&line, body);
    text_add_string(&line, "\n");
    if (write(STDERR_FILENO, line.at, line.used) < 0)
        return;
}

static void write_line(struct log_line *io_line, uint64_t n_repeated)
{
    char memory[LOG_LINE_SIZE_MAX + 64];
    struct text line;

    text_init(&line, memory, sizeof(memory));
    text_add_string(&line, io_line->text);
    if (n_repeated > 0) {
        text_add_string(&line, " repeated=");
        text_add_u64(&line, n_repeated);
    }
    io_line->text = line.at;
    if (!sink || sink(io_line) < 0)
        write_stderr(io_line->level, line.at);
}

static struct log_window *window_of(const char *event)
{
    for (size_t i = 0; i < LOG_EVENTS_MAX; i++) {
        if (!windows[i].event)
            windows[i].event = event;
        if (strcmp(windows[i].event, event) == 0)
            return &windows[i];
    }
    return &windows[LOG_EVENTS_MAX - 1]; /* more events than there are: the last ones share a limit */
}

/* The repeats of every line of this event, which are said now and so are counted from zero again. */
static uint64_t repeats_take(struct log_window *window)
{
    uint64_t n = window->n_held;

    window->n_held = 0;
    for (size_t i = 0; i < LOG_LINES_KEPT; i++)
        if (kept[i].event && strcmp(kept[i].event, window->event) == 0) {
            n += kept[i].n_repeated;
            kept[i].n_repeated = 0;
        }
    return n;
}

static struct log_kept *kept_find(uint64_t hash)
{
    for (size_t i = 0; i < LOG_LINES_KEPT; i++)
        if (kept[i].event && kept[i].hash == hash)
            return &kept[i];
    return NULL;
}

/* A free place, else the longest printed one; what it had counted is printed rather than lost. */
static struct log_kept *kept_place(void)
{
    struct log_kept *oldest = &kept[0];

    for (size_t i = 0; i < LOG_LINES_KEPT; i++) {
        if (!kept[i].event)
            return &kept[i];
        if (kept[i].printed_ns < oldest->printed_ns)
            oldest = &kept[i];
    }
    if (oldest->n_repeated > 0) {
        struct log_line line = { oldest->level, oldest->event, NULL, 0, oldest->event };

        write_line(&line, oldest->n_repeated);
    }
    return oldest;
}

/* Does one more line of this event fit? What does not is counted. */
static int window_admits(struct log_window *window, enum log_level level, int64_t now_ns)
{
    if (now_ns - window->begun_ns >= LOG_REPEAT_NS) {
        window->begun_ns = now_ns;
        window->n_lines = 0;
    }
    window->level = level;
    if (window->n_lines >= LOG_EVENT_LINES_MAX) {
        window->n_held++;
        return 0;
    }
    window->n_lines++;
    return 1;
}

void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t n_fields)
{
    char memory[LOG_LINE_SIZE_MAX];
    struct log_window *window;
    struct text line;
    struct log_kept *k;
    uint64_t hash;
    int64_t now_ns;

    if (!log_is_enabled(level))
        return;
    text_init(&line, memory, sizeof(memory));
    text_add_string(&line, event);
    for (size_t i = 0; i < n_fields; i++)
        add_field(&line, &fields[i]);
    hash = hash_of(line.at, line.used);
    now_ns = clock_boot_ns();
    k = kept_find(hash);
    if (k && now_ns - k->printed_ns < LOG_REPEAT_NS) {
        k->n_repeated++;
        return;
    }
    window = window_of(event);
    if (!window_admits(window, level, now_ns))
        return;
    if (!k)
        k = kept_place();
    write_line(&(struct log_line){ level, event, fields, n_fields, line.at }, repeats_take(window));
    *k = (struct log_kept){ event, hash, now_ns, 0, level };
}

/* Since when the counts of this event wait to be said; 0: there are none. */
static int64_t waiting_since_ns(const struct log_window *window)
{
    int64_t since_ns = window->n_held > 0 ? window->begun_ns : 0;

    for (size_t i = 0; i < LOG_LINES_KEPT; i++)
        if (kept[i].event && kept[i].n_repeated > 0 && strcmp(kept[i].event, window->event) == 0 &&
            (since_ns == 0 || kept[i].printed_ns < since_ns))
            since_ns = kept[i].printed_ns;
    return since_ns;
}

void log_flush(int is_all)
{
    static int64_t looked_ns; /* every tick asks; a look at all events is for once a second */
    int64_t now_ns = clock_boot_ns();

    if (!is_all && now_ns - looked_ns < LOG_FLUSH_NS)
        return;
    looked_ns = now_ns;
    for (size_t i = 0; i < LOG_EVENTS_MAX && windows[i].event; i++) {
        struct log_line line = { windows[i].level, windows[i].event, NULL, 0, windows[i].event };
        int64_t since_ns = waiting_since_ns(&windows[i]);

        if (since_ns != 0 && (is_all || now_ns - since_ns >= LOG_REPEAT_NS))
            write_line(&line, repeats_take(&windows[i]));
    }
}
