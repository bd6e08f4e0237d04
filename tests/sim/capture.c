/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define READ_SIZE  (1u << 20)
#define ZSTD_MAGIC 0xfd2fb528u

struct bytes {
    char *at;
    size_t n, size;
};

static int bytes_room(struct bytes *b, size_t n)
{
    size_t size = b->size == 0 ? READ_SIZE : b->size;
    char *at;

    if (b->n + n > CAPTURE_SIZE_MAX)
        return -EFBIG;
    while (size < b->n + n)
        size *= 2;
    at = realloc(b->at, size);
    if (at == NULL)
        return -ENOMEM;
    b->at = at;
    b->size = size;
    return 0;
}

static int bytes_read(FILE *file, struct bytes *ret)
{
    for (;;) {
        size_t n;
        int r = bytes_room(ret, READ_SIZE);
        if (r < 0)
            return r;
        n = fread(ret->at + ret->n, 1, READ_SIZE, file);
        ret->n += n;
        if (n == 0)
            return ferror(file) ? -EIO : 0;
    }
}

static int bytes_unpack(const struct bytes *packed, struct bytes *ret)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = { packed->at, packed->n, 0 };
    size_t left = 1;
    int r = stream == NULL ? -ENOMEM : 0;

    while (r == 0 && (in.pos < in.size || left != 0)) {
        size_t before = in.pos;
        r = bytes_room(ret, READ_SIZE);
        if (r < 0)
            break;
        ZSTD_outBuffer out = { ret->at + ret->n, READ_SIZE, 0 };
        left = ZSTD_decompressStream(stream, &out, &in);
        ret->n += out.pos;
        if (ZSTD_isError(left) || (in.pos == before && out.pos == 0 && left != 0))
            r = -EBADMSG;
    }
    (void)ZSTD_freeDStream(stream);
    return r;
}

/* cJSON ends a string at NUL; a payload may hold one. While a line is read, an escaped NUL is this escape instead
 * (U+F8FF, private use), and becomes a NUL byte again afterwards. */
static bool line_hide_nul(char *line)
{
    bool has_one = false;

    for (char *at = line; *at != '\0'; at++) {
        if (*at != '\\')
            continue;
        at++;
        if (strncmp(at, "u0000", 5) == 0) {
            memcpy(at, "uf8ff", 5);
            has_one = true;
        }
        if (*at == '\0')
            break;
    }
    return has_one;
}

static size_t text_show_nul(char *text, size_t n)
{
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        if (n - i >= 3 && memcmp(text + i, "\xef\xa3\xbf", 3) == 0) {
            text[out++] = '\0';
            i += 2;
        } else {
            text[out++] = text[i];
        }
    }
    return out;
}

static int event_pieces(struct capture_event *e, const cJSON *frags, bool has_nul)
{
    const cJSON *piece;
    size_t n = (size_t)cJSON_GetArraySize(frags), size = 0;

    if (n == 0 || n > CAPTURE_PIECES_MAX)
        return -EBADMSG;
    cJSON_ArrayForEach(piece, frags)
    {
        if (!cJSON_IsString(piece))
            return -EBADMSG;
        size += strlen(piece->valuestring);
    }
    e->bytes = malloc(size + 1);
    e->pieces = calloc(n, sizeof(*e->pieces));
    e->sizes = calloc(n, sizeof(*e->sizes));
    if (e->bytes == NULL || e->pieces == NULL || e->sizes == NULL)
        return -ENOMEM;
    cJSON_ArrayForEach(piece, frags)
    {
        size_t piece_size = strlen(piece->valuestring);
        e->pieces[e->n_pieces] = e->bytes + e->size;
        memcpy(e->bytes + e->size, piece->valuestring, piece_size);
        if (has_nul)
            piece_size = text_show_nul(e->bytes + e->size, piece_size);
        e->sizes[e->n_pieces++] = piece_size;
        e->size += piece_size;
    }
    return 0;
}

static void event_done(struct capture_event *e)
{
    free(e->url);
    free(e->bytes);
    free(e->pieces);
    free(e->sizes);
    *e = (struct capture_event){ 0 };
}

static int event_payload(struct capture_event *e, const cJSON *line, bool has_nul)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(line, "text");
    const cJSON *b64 = cJSON_GetObjectItemCaseSensitive(line, "b64");
    const cJSON *frags = cJSON_GetObjectItemCaseSensitive(line, "frags");
    const char *from = cJSON_IsString(b64) ? b64->valuestring : cJSON_IsString(text) ? text->valuestring : NULL;
    int n;

    if (cJSON_IsArray(frags))
        return event_pieces(e, frags, has_nul);
    if (from == NULL)
        return -EBADMSG;
    e->bytes = malloc(strlen(from) + 4);
    if (e->bytes == NULL)
        return -ENOMEM;
    e->size = strlen(from);
    if (!cJSON_IsString(b64)) {
        memcpy(e->bytes, from, e->size);
        e->size = has_nul ? text_show_nul(e->bytes, e->size) : e->size;
        return 0;
    }
    n = lws_b64_decode_string_len(from, (int)e->size, e->bytes, (int)e->size + 4);
    e->size = n < 0 ? 0 : (size_t)n;
    return n < 0 ? -EBADMSG : 0;
}

/* A REST answer says what it is an answer to; one whose body was withheld is none. */
static int event_answer(struct capture_event *e, const cJSON *line, bool has_nul)
{
    const char *url = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, "url"));

    if (url == NULL || event_payload(e, line, has_nul) < 0)
        return 0;
    e->kind = CAPTURE_HTTP;
    e->url = strdup(url);
    return e->url == NULL ? -ENOMEM : 1;
}

/* Returns: 1 an event, 0 a line of no interest here, negative errno. */
static int event_read(char *text, struct capture_event *ret)
{
    bool has_nul = line_hide_nul(text);
    cJSON *line = cJSON_Parse(text);
    const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, "ev"));
    struct capture_event e = { 0 };
    const cJSON *time = cJSON_GetObjectItemCaseSensitive(line, "t");
    int r = kind == NULL ? -EBADMSG : 1;

    if (cJSON_IsNumber(time))
        e.t_ns = (int64_t)time->valuedouble; /* 19 digits, of which a double keeps a quarter of a microsecond */
    if (r == 1 && strcmp(kind, "rx") == 0) {
        e.kind = CAPTURE_RX;
        r = event_payload(&e, line, has_nul);
        r = r < 0 ? r : 1;
    } else if (r == 1 && strcmp(kind, "open") == 0) {
        e.kind = CAPTURE_OPEN;
    } else if (r == 1 && strcmp(kind, "close") == 0) {
        e.kind = CAPTURE_CLOSE;
    } else if (r == 1 && strcmp(kind, "http") == 0) {
        r = event_answer(&e, line, has_nul);
    } else if (r == 1) {
        r = 0;
    }
    cJSON_Delete(line);
    *ret = e;
    return r;
}

static int capture_lines(struct capture *c, char *text, size_t *ret_line)
{
    size_t n_lines = 1;

    for (const char *at = text; *at != '\0'; at++)
        n_lines += *at == '\n';
    c->at = calloc(n_lines, sizeof(*c->at));
    if (c->at == NULL)
        return -ENOMEM;
    for (char *line = text, *next; line != NULL; line = next) {
        int r = 0;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        (*ret_line)++;
        if (line[strspn(line, " \t\r")] != '\0') {
            r = event_read(line, &c->at[c->n]);
            if (r == 0)
                event_done(&c->at[c->n]);
            c->n += r != 0; /* also a broken one: what it holds is freed with the rest */
        }
        if (r < 0)
            return r;
        c->n_rx += r == 1 && c->at[c->n - 1].kind == CAPTURE_RX;
    }
    return 0;
}

static int capture_load(FILE *file, struct bytes *ret)
{
    struct bytes packed = { 0 };
    uint32_t magic = 0;
    int r = bytes_read(file, &packed);

    if (r == 0 && packed.n >= sizeof(magic))
        memcpy(&magic, packed.at, sizeof(magic));
    if (r == 0 && magic == ZSTD_MAGIC) {
        r = bytes_unpack(&packed, ret);
        free(packed.at);
    } else {
        *ret = packed;
    }
    if (r == 0)
        r = bytes_room(ret, 1);
    if (r == 0)
        ret->at[ret->n] = '\0';
    return r;
}

int capture_read(struct capture *ret, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    struct bytes text = { 0 };
    size_t line = 0;
    int r;

    *ret = (struct capture){ 0 };
    if (file == NULL) {
        (void)fprintf(stderr, "hoga-sim: %s: %s: name a capture, or - for standard input\n", path, strerror(errno));
        return -1;
    }
    r = capture_load(file, &text);
    if (!is_stdin)
        (void)fclose(file);
    if (r < 0)
        (void)fprintf(stderr, "hoga-sim: %s: cannot be read: %s\n", path, strerror(-r));
    if (r == 0) {
        r = capture_lines(ret, text.at, &line);
        if (r < 0)
            (void)fprintf(stderr, "hoga-sim: %s:%zu: %s: see the format in captures/README.md\n", path, line,
                          r == -ENOMEM ? "out of memory" : "not a line of a capture");
    }
    free(text.at);
    if (r < 0)
        capture_done(ret);
    return r < 0 ? -1 : 0;
}

void capture_done(struct capture *c)
{
    for (size_t i = 0; i < c->n; i++)
        event_done(&c->at[i]);
    free(c->at);
    *c = (struct capture){ 0 };
}
