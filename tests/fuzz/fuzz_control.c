/* SPDX-License-Identifier: MIT
 * fuzz_control.c - the control protocol from both ends. Each line of an input is a request, on the socket that the
 * first byte chooses: whatever it is, its answer must be one line of strict JSON (oracle.h) with `ok`, or with `errno`
 * and printable `error`, and bear the request's id. What libhoga reads out of answers, and out of requests taken as
 * such, is compared with the strict reader. Behind the verbs are real leases, whose books are counted. */
#include "client/lib/control.h"
#include "feed/leases.h"
#include "loop/control.h"
#include "oracle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BOOKS_MAX   20
#define CLIENTS_MAX 4

static const struct venue venues[] = { { .name = "one" }, { .name = "two" } };

static int each_name(struct leases *l, struct control_call *call, int is_take)
{
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(call->request, "names"), *name;

    cJSON_ArrayForEach(name, names)
    {
        const char *text = cJSON_IsString(name) ? name->valuestring : NULL;
        const struct venue *venue = &venues[text && text[0] == '2'];
        int r = !text               ? -EINVAL
                : strlen(text) > 47 ? -ENAMETOOLONG
                : is_take           ? leases_take(l, venue, text, call->client)
                                    : leases_give(l, venue, text, call->client, 5);

        if (r < 0)
            return control_refuse(call, r, text ? text : "names", "cannot be", "say another");
        call->is_holding = 1;
    }
    return 0;
}

static int on_subscribe(void *context, struct control_call *call)
{
    return each_name(context, call, 1);
}

static int on_unsubscribe(void *context, struct control_call *call)
{
    return each_name(context, call, 0);
}

/* Says the client's own words again, as refusals do. */
static int on_refuse(void *context, struct control_call *call)
{
    const char *text = control_string(call, "text");

    (void)context;
    return control_refuse(call, -ENOENT, text ? text : "", text ? text : "nothing", text ? text : "");
}

static int on_order(void *context, struct control_call *call)
{
    (void)context;
    FUZZ_CHECK(call->socket == CONTROL_ADMIN);
    (void)cJSON_AddNumberToObject(call->answer, "n", 1);
    return 0;
}

static const struct control_verb verbs[] = { { "subscribe", 0, on_subscribe },
                                             { "unsubscribe", 0, on_unsubscribe },
                                             { "refuse", 0, on_refuse },
                                             { "order", 1, on_order } };

static const struct oracle_node *first_of(const struct oracle_node *object, const char *key)
{
    const struct oracle_node *child = object->child;

    while (child && (child->key_size != strlen(key) || memcmp(child->key, key, child->key_size) != 0))
        child = child->next;
    return child;
}

static void text_is_printable(const struct oracle_node *text)
{
    FUZZ_CHECK(text && text->kind == ORACLE_STRING && text->string_size > 0);
    for (size_t i = 0; i < text->string_size; i++)
        FUZZ_CHECK((unsigned char)text->string[i] >= ' ' && text->string[i] != '\x7f');
}

/* Where a key is written without an escape, both readers find the same value first. */
static void library_agrees(const char *line, const struct oracle_node *object)
{
    static const char *const names[] = { "ok", "error", "errno", "id", "verb", "names" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = lib_json_member(line, names[i]);
        const struct oracle_node *truth = first_of(object, names[i]);
        char text[ORACLE_SIZE_MAX];

        if (!truth || memchr(line, '\\', strlen(line)))
            continue;
        FUZZ_CHECK(value);
        if (truth->kind != ORACLE_STRING)
            continue;
        FUZZ_CHECK(lib_json_string(value, text, sizeof text) == 0);
        FUZZ_CHECK(strlen(text) <= truth->string_size && memcmp(text, truth->string, strlen(text)) == 0);
    }
}

static void answer_is_good(const char *answer, const char *id)
{
    const struct oracle_node *node = oracle_json(answer, strlen(answer)), *ok;

    FUZZ_CHECK(node && node->kind == ORACLE_OBJECT && !strchr(answer, '\n'));
    ok = first_of(node, "ok");
    FUZZ_CHECK(ok && ok->kind == ORACLE_WORD);
    if (ok->at[0] == 'f') {
        text_is_printable(first_of(node, "error"));
        text_is_printable(first_of(node, "errno"));
    }
    if (id[0]) {
        const struct oracle_node *back = first_of(node, "id");

        FUZZ_CHECK(back && strcmp(back->string, id) == 0);
    }
    library_agrees(answer, node);
}

/* Half of a surrogate pair is JSON by its grammar and no text: cJSON refuses it, and with it the line. */
static int has_surrogate(const char *line, size_t size)
{
    return memmem(line, size, "\\ud", 3) != NULL || memmem(line, size, "\\uD", 3) != NULL;
}

/* The id that must come back, "" none: of a request that is JSON, an object, and has one of the allowed form. */
static void id_of(const char *line, size_t size, char ret[CONTROL_ID_SIZE_MAX + 1])
{
    const struct oracle_node *node = oracle_json(line, size), *id;

    ret[0] = '\0';
    if (!node || node->kind != ORACLE_OBJECT || has_surrogate(line, size))
        return;
    library_agrees(line, node);
    id = first_of(node, "id");
    if (!id || id->kind != ORACLE_STRING || id->string_size > CONTROL_ID_SIZE_MAX)
        return;
    for (size_t i = 0; i < id->string_size; i++) {
        if (id->string[i] < ' ' || id->string[i] > '~')
            return;
    }
    memcpy(ret, id->string, id->string_size);
    ret[id->string_size] = '\0';
}

static void leases_are_whole(const struct leases *l)
{
    FUZZ_CHECK(leases_n(l) <= BOOKS_MAX);
    for (uint32_t i = 0; i < leases_n(l); i++) {
        const struct lease *lease = leases_at(l, i);

        FUZZ_CHECK(leases_find(l, lease->venue, lease->symbol) == lease);
        FUZZ_CHECK(lease->n_holders <= CLIENTS_MAX);
        for (uint32_t k = 0; k < lease->n_holders; k++)
            FUZZ_CHECK(lease->holders[k] >= 1 && lease->holders[k] <= CLIENTS_MAX);
    }
}

static void line_try(const struct control_options *options, const uint8_t *data, size_t size, unsigned n, int socket)
{
    struct control_call call = { .client = 1 + n % CLIENTS_MAX, .fd = -1 };
    char *line = calloc(1, size + 1), *answer, id[CONTROL_ID_SIZE_MAX + 1];

    FUZZ_CHECK(line);
    memcpy(line, data, size);
    call.socket = socket ? CONTROL_ADMIN : CONTROL_ASK;
    id_of(line, size, id);
    answer = control_line(options, line, size, &call);
    FUZZ_CHECK(answer);
    answer_is_good(answer, id);
    free(answer);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control_options options = { .verbs = verbs, .n_verbs = sizeof verbs / sizeof verbs[0] };
    struct leases *l;
    struct lease gone;
    unsigned n = 0;

    if (size < 1 || size > ORACLE_SIZE_MAX / 2 || leases_new(BOOKS_MAX, &l) < 0)
        return 0;
    options.context = l;
    for (size_t at = 1; at < size; n++) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t length = end ? (size_t)(end - data) - at : size - at;

        line_try(&options, data + at, length < CONTROL_LINE_SIZE_MAX ? length : CONTROL_LINE_SIZE_MAX - 1, n,
                 data[0] & 1);
        leases_are_whole(l);
        at += length + 1;
    }
    for (uint64_t client = 1; client <= CLIENTS_MAX; client++)
        (void)leases_end(l, client, 5);
    while (leases_next_due(l, 5, &gone))
        FUZZ_CHECK(gone.n_holders == 0);
    FUZZ_CHECK(leases_n(l) == 0);
    l = leases_free(l);
    return 0;
}
