/* SPDX-License-Identifier: MIT
 * Lines of a capture: read, written, damaged. */
#include "capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

Test(capture, a_line_becomes_an_event)
{
    static const struct {
        const char *line;
        enum feed_input_kind kind;
        int64_t recv_ns; /* -1: null */
        uint32_t conn;
        const char *url, *bytes;
        size_t bytes_size;
    } rows[] = {
        { "{\"t\":1790134742106123456,\"ev\":\"rx\",\"url\":\"wss://a\",\"text\":\"{\\\"a\\\":1}\"}", FEED_INPUT_RX,
          1790134742106123456, 0, "wss://a", "{\"a\":1}", 7 },
        { "{\"t\":null,\"ev\":\"open\",\"url\":null}", FEED_INPUT_OPEN, -1, 0, NULL, NULL, 0 },
        { " { \"ev\" : \"close\" , \"text\" : null , \"t\" : -5 } ", FEED_INPUT_CLOSE, -5, 0, NULL, NULL, 0 },
        { "{\"ev\":\"rx\",\"text\":\"\",\"conn\":3}", FEED_INPUT_RX, -1, 3, NULL, "", 0 },
        { "{\"frags\":[\"a\\u0062\",\"\",\"c\\n\"],\"ev\":\"rx\"}", FEED_INPUT_RX, -1, 0, NULL, "abc\n", 4 },
        { "{\"frags\":[ ],\"ev\":\"rx\",\"text\":\"whole\"}", FEED_INPUT_RX, -1, 0, NULL, "whole", 5 },
        { "{\"ev\":\"rx\",\"b64\":\"/w==\"}", FEED_INPUT_RX, -1, 0, NULL, "\xff", 1 },
        { "{\"ev\":\"rx\",\"b64\":\"AAECAw\"}", FEED_INPUT_RX, -1, 0, NULL, "\0\1\2\3", 4 },
        { "{\"ev\":\"rx\",\"b64\":\"!!\",\"text\":\"said\"}", FEED_INPUT_RX, -1, 0, NULL, "said", 4 },
        { "{\"ev\":\"http\",\"url\":\"https:\\/\\/x\\/y?z\",\"text\":\"\\ud83d\\ude00\"}", FEED_INPUT_HTTP, -1, 0,
          "https://x/y?z", "\xf0\x9f\x98\x80", 4 },
        { "{\"ev\":\"rx\",\"text\":\"\\ud83dx\\u0000\\u00e9\\u20ac\"}", FEED_INPUT_RX, -1, 0, NULL,
          "\xed\xa0\xbdx\0\xc3\xa9\xe2\x82\xac", 10 },
        { "{\"made\":1,\"deep\":{\"a\":[1,{\"}\":\"]\"},null]},\"ev\":\"tx\",\"w\":true,\"text\":\"\\b\\f\\r\\t\"}",
          FEED_INPUT_TX, -1, 0, NULL, "\b\f\r\t", 4 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[512], problem[CAPTURE_PROBLEM_SIZE] = "";
        struct capture_event event;

        (void)snprintf(line, sizeof(line), "%s", rows[i].line);
        cr_assert_eq(capture_line_parse(line, strlen(line), &event, problem), 0, "%s: %s", rows[i].line, problem);
        cr_expect_eq(event.kind, rows[i].kind, "%s", rows[i].line);
        cr_expect_eq(event.has_time ? event.recv_ns : -1, rows[i].recv_ns, "%s", rows[i].line);
        cr_expect_eq(event.conn, rows[i].conn);
        cr_expect_eq(event.url == NULL, rows[i].url == NULL);
        if (event.url && rows[i].url)
            cr_expect_str_eq(event.url, rows[i].url);
        cr_expect_eq(event.bytes == NULL, rows[i].bytes == NULL, "%s", rows[i].line);
        cr_expect_eq(event.bytes_size, rows[i].bytes_size, "%s", rows[i].line);
        if (event.bytes && rows[i].bytes && event.bytes_size == rows[i].bytes_size)
            cr_expect_eq(memcmp(event.bytes, rows[i].bytes, event.bytes_size), 0, "%s", rows[i].line);
    }
}

Test(capture, a_damaged_line_is_refused_in_words)
{
    static const char *const rows[] = {
        "x",
        "[1]",
        "{",
        "{\"ev\"",
        "{\"ev\":\"rx\"",
        "{\"ev\":\"rx\"} x",
        "{\"ev\":\"rx\",}",
        "{\"ev\":\"fly\"}",
        "{}",
        "{\"ev\":null}",
        "{\"ev\":1}",
        "{\"t\":1.5,\"ev\":\"rx\"}",
        "{\"t\":1e9,\"ev\":\"rx\"}",
        "{\"t\":,\"ev\":\"rx\"}",
        "{\"t\":99999999999999999999,\"ev\":\"rx\"}",
        "{\"ev\":\"rx\",\"text\":\"\\x\"}",
        "{\"ev\":\"rx\",\"text\":\"\\u12\"}",
        "{\"ev\":\"rx\",\"text\":\"\\u12g4\"}",
        "{\"ev\":\"rx\",\"text\":\"\\",
        "{\"ev\":\"rx\",\"text\":\"abc",
        "{\"ev\":\"rx\",\"b64\":\"*\"}",
        "{\"ev\":\"rx\",\"frags\":1}",
        "{\"ev\":\"rx\",\"frags\":[1]}",
        "{\"ev\":\"rx\",\"frags\":[\"a\"",
        "{\"ev\":\"rx\",\"conn\":-1}",
        "{\"ev\":\"rx\",\"conn\":70000}",
        "{\"ev\":\"rx\",\"conn\":\"a\"}",
        "{\"ev\":\"rx\",\"made\":}",
        "{\"ev\":\"rx\",\"made\":,\"a\":1}",
        "{\"ev\":\"rx\",\"made\":[\"a}",
        "{\"ev\":\"rx\",\"made\":[[[[",
        "{\"ev\":\"rx\" \"made\":1}",
        "{1:2}",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *line = strdup(rows[i]), problem[CAPTURE_PROBLEM_SIZE] = "";
        struct capture_event event = { .conn = 77 };

        cr_expect_eq(capture_line_parse(line, strlen(line), &event, problem), -EBADMSG, "%s", rows[i]);
        cr_expect_neq(problem[0], '\0', "%s", rows[i]);
        cr_expect_eq(event.conn, 77, "nothing is returned by a failure");
        free(line);
    }
}

Test(capture, every_prefix_and_every_changed_byte_of_a_line_is_read_or_refused)
{
    static const char line[] =
        "{\"t\":17,\"ev\":\"rx\",\"url\":\"u\\u00e9\",\"frags\":[\"a\",\"\\\"b\"],\"b64\":\"AA==\","
        "\"conn\":1,\"z\":[{\"q\":\"]\"}]}";
    struct capture_event event;
    char problem[CAPTURE_PROBLEM_SIZE];

    for (size_t n = 0; n < sizeof(line) - 1; n++) {
        char *copy = malloc(n + 1);

        memcpy(copy, line, n);
        cr_assert_eq(capture_line_parse(copy, n, &event, problem), -EBADMSG, "prefix of %zu", n);
        free(copy);
    }
    for (size_t at = 0; at < sizeof(line) - 1; at++)
        for (int byte = 0; byte < 256; byte++) {
            char *copy = malloc(sizeof(line) - 1);
            int r;

            memcpy(copy, line, sizeof(line) - 1);
            copy[at] = (char)byte;
            r = capture_line_parse(copy, sizeof(line) - 1, &event, problem);
            cr_assert(r == 0 || r == -EBADMSG);
            free(copy);
        }
}

Test(capture, what_is_written_reads_back_the_same)
{
    static const struct {
        const char *bytes;
        size_t size;
    } payloads[] = {
        { NULL, 0 },
        { "", 0 },
        { "{\"a\":\"\\n\"}", 10 },
        { "\0\1\x1f\x7f\"\\/", 7 },
        { "\xf0\x9f\x98\x80\xed\x95\x9c", 7 },
        { "\xff\xfe", 2 },
        { "\xed\xa0\xbd", 3 },
        { "\xc0\x80", 2 },
        { "\xe2\x82", 2 },
        { "\xf4\x90\x80\x80", 4 },
        { "abc\xff", 4 },
        { "ab\xff", 3 },
        { "\xf0\x80\x80\x80", 4 },
        { "\xe0\x80\x80", 3 },
    };

    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
        for (int kind = FEED_INPUT_OPEN; kind <= FEED_INPUT_HTTP; kind++) {
            struct capture_event event = { .kind = (enum feed_input_kind)kind,
                                           .has_time = kind != FEED_INPUT_TX,
                                           .recv_ns = 1790134742106123456,
                                           .conn = 12,
                                           .url = i % 2 ? "wss://h/\"p\"" : NULL,
                                           .bytes = payloads[i].bytes,
                                           .bytes_size = payloads[i].size };
            size_t size = capture_line_size_max(&event);
            char *line = malloc(size), problem[CAPTURE_PROBLEM_SIZE] = "";
            struct capture_event back;
            struct text text;

            text_init(&text, line, size);
            capture_line_write(&text, &event);
            cr_assert_not(text.cut);
            cr_assert_eq(capture_line_parse(line, text.used - 1, &back, problem), 0, "payload %zu: %s", i, problem);
            cr_expect_eq(back.kind, event.kind);
            cr_expect_eq(back.has_time, event.has_time);
            cr_expect_eq(back.has_time ? back.recv_ns : event.recv_ns, event.recv_ns);
            cr_expect_eq(back.conn, 12);
            cr_expect_eq(back.bytes == NULL, event.bytes == NULL);
            cr_assert_eq(back.bytes_size, event.bytes_size, "payload %zu", i);
            cr_expect(event.bytes_size == 0 || memcmp(back.bytes, event.bytes, event.bytes_size) == 0, "payload %zu",
                      i);
            cr_expect(event.url ? strcmp(back.url, event.url) == 0 : back.url == NULL);
            free(line);
        }
}

Test(capture, a_payload_of_control_characters_stays_within_a_line)
{
    struct capture_event event = { .kind = FEED_INPUT_RX, .bytes_size = 16u << 20 }, back;
    char *bytes = calloc(1, event.bytes_size), problem[CAPTURE_PROBLEM_SIZE];
    size_t size = capture_line_size_max(&event);
    char *line = malloc(size);
    struct text text;

    event.bytes = bytes;
    text_init(&text, line, size);
    capture_line_write(&text, &event);
    cr_expect_lt(text.used, CAPTURE_LINE_SIZE_MAX);
    cr_expect_eq(capture_line_parse(line, text.used - 1, &back, problem), 0);
    cr_expect_eq(back.bytes_size, event.bytes_size);
    free(line);
    free(bytes);
}

/* A file of these bytes, gone from its folder; read it by /proc. */
static FILE *file_of(const void *bytes, size_t size, char *ret_path, size_t path_size)
{
    FILE *file = tmpfile();

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    cr_assert_eq(fflush(file), 0);
    (void)snprintf(ret_path, path_size, "/proc/self/fd/%d", fileno(file));
    return file;
}

static void read_all(const char *path, int *ret_events, int *ret_damaged, uint64_t *ret_lines)
{
    struct capture_reader *reader;
    struct capture_event event;
    int r;

    *ret_events = *ret_damaged = 0;
    cr_assert_eq(capture_open(path, NULL, NULL, &reader), 0);
    while ((r = capture_next(reader, &event)) != 0) {
        cr_assert(r == 1 || r == -EBADMSG, "%d", r);
        (*(r == 1 ? ret_events : ret_damaged))++;
    }
    cr_assert_eq(capture_next(reader, &event), 0, "the end stays the end");
    *ret_lines = capture_line(reader);
    reader = capture_close(reader);
}

#define LINES 20000

Test(capture, files_are_streamed_plain_or_compressed_whole_or_cut)
{
    char *plain = malloc(LINES * 64), *packed, path[64];
    size_t size = 0, packed_size, half;
    int events, damaged;
    uint64_t lines;
    FILE *file;

    for (int i = 0; i < LINES; i++)
        size += (size_t)sprintf(plain + size,
                                i % 1000 == 7 ? "damaged %d\n" : "{\"t\":%d,\"ev\":\"rx\",\"text\":\"x\"}\r\n", i);
    size += (size_t)sprintf(plain + size, "\n \n{\"ev\":\"open\"}"); /* blank lines; no newline at the end */
    packed = malloc(2 * ZSTD_compressBound(size));
    half = ZSTD_compress(packed, ZSTD_compressBound(size), plain, size / 2, 3);
    packed_size = half + ZSTD_compress(packed + half, ZSTD_compressBound(size), plain + size / 2, size - size / 2, 3);

    file = file_of(plain, size, path, sizeof(path));
    read_all(path, &events, &damaged, &lines);
    cr_expect_eq(events, LINES - LINES / 1000 + 1);
    cr_expect_eq(damaged, LINES / 1000);
    cr_expect_eq(lines, LINES + 3);
    (void)fclose(file);

    file = file_of(packed, packed_size, path, sizeof(path));
    read_all(path, &events, &damaged, &lines);
    cr_expect_eq(events, LINES - LINES / 1000 + 1);
    cr_expect_eq(lines, LINES + 3);
    (void)fclose(file);

    file = file_of(packed, packed_size - 9, path, sizeof(path));
    read_all(path, &events, &damaged, &lines);
    cr_expect_geq(events, LINES / 2 - LINES / 1000 - 1, "what was whole is read: %d", events);
    cr_expect_geq(damaged, LINES / 2000 + 1);
    (void)fclose(file);

    packed[half + packed_size / 8] ^= 0x55;
    file = file_of(packed, packed_size, path, sizeof(path));
    read_all(path, &events, &damaged, &lines);
    (void)fclose(file);

    file = file_of("", 0, path, sizeof(path));
    read_all(path, &events, &damaged, &lines);
    cr_expect_eq(events + damaged, 0);
    (void)fclose(file);
    free(plain);
    free(packed);
}

Test(capture, a_line_beyond_the_limit_is_passed_over)
{
    size_t size = CAPTURE_LINE_SIZE_MAX + 100;
    char *bytes = malloc(size + 32), path[64];
    int events, damaged;
    uint64_t lines;
    FILE *file;

    memset(bytes, ' ', size);
    memcpy(bytes + size, "\n{\"ev\":\"open\"}\n", 16);
    file = file_of(bytes, size + 15, path, sizeof(path));

    read_all(path, &events, &damaged, &lines);

    cr_expect_eq(damaged, 1);
    cr_expect_eq(events, 1);
    cr_expect_eq(lines, 2);
    (void)fclose(file);
    free(bytes);
}

static int refuse(void *context, int fd)
{
    (void)context;
    (void)fd;
    return -ECANCELED;
}

Test(capture, what_cannot_be_opened_or_is_cancelled_is_an_error)
{
    struct capture_reader *reader;
    struct capture_event event;

    cr_expect_eq(capture_open("/nowhere/at/all", NULL, NULL, &reader), -ENOENT);
    cr_assert_eq(capture_open("/", NULL, NULL, &reader), 0);
    cr_expect_eq(capture_next(reader, &event), -EISDIR);
    reader = capture_close(reader);
    cr_assert_eq(capture_open("/dev/null", refuse, NULL, &reader), 0);
    cr_expect_eq(capture_next(reader, &event), -ECANCELED);
    reader = capture_close(reader);
    cr_expect_null(capture_close(NULL));
}
