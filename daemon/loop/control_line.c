/* SPDX-License-Identifier: MIT
 * control_line.c - one line of a client: read, judged, handed to its verb, answered. Knows no socket. */
#include "core/text.h"
#include "loop/control_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Texts of the outside go back to it, and into a log: what is no printable UTF-8 becomes a question mark. */
static void text_print(const char *from, char *to, size_t size)
{
    size_t used = 0, n = strlen(from);

    while (n > 0) {
        size_t step = text_utf8_size(from, n);
        int is_good = step > 0 && (unsigned char)*from >= ' ' && *from != '\x7f';

        step = step > 0 ? step : 1;
        if (used + (is_good ? step : 1) >= size)
            break;
        if (is_good)
            memcpy(to + used, from, step);
        else
            to[used] = '?';
        used += is_good ? step : 1;
        from += step;
        n -= step;
    }
    to[used] = '\0';
}

int control_refuse(struct control_call *call, int error, const char *what, const char *why, const char *remedy)
{
    char text[CONTROL_ERROR_SIZE];

    (void)snprintf(text, sizeof text, "%s%s%s%s%s", what, what[0] ? ": " : "", why, remedy[0] ? ": " : "", remedy);
    text_print(text, call->error, sizeof call->error);
    return error;
}

const char *control_string(const struct control_call *call, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(call->request, name);

    return cJSON_IsString(member) && member->valuestring[0] ? member->valuestring : NULL;
}

static int verb_run(const struct control_options *options, struct control_call *call)
{
    const char *name = control_string(call, "verb");

    if (!name)
        return control_refuse(call, -EINVAL, "request", "names no verb", "hogad(8) has the list");
    for (size_t i = 0; i < options->n_verbs; i++) {
        const struct control_verb *verb = &options->verbs[i];

        if (strcmp(verb->name, name) != 0)
            continue;
        if (verb->is_admin && call->socket != CONTROL_ADMIN)
            return control_refuse(call, -EPERM, name, "not on this socket", "use the admin socket");
        return verb->run(options->context, call);
    }
    return control_refuse(call, -ENOSYS, name, "no such verb", "hogad(8) has the list");
}

/* What a client marks its request with comes back in the answer. */
static int id_check(struct control_call *call, const cJSON **ret)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(call->request, "id");

    *ret = NULL;
    if (!id)
        return 0;
    if (!cJSON_IsString(id) || strlen(id->valuestring) > CONTROL_ID_SIZE_MAX)
        return control_refuse(call, -EINVAL, "id", "must be a string of at most 64 bytes", "");
    for (const char *at = id->valuestring; *at; at++) {
        if (*at < ' ' || *at > '~')
            return control_refuse(call, -EINVAL, "id", "must be of printable ASCII", "");
    }
    *ret = id;
    return 0;
}

static cJSON *refusal_make(const struct control_call *call, int error)
{
    const char *word = strerrorname_np(-error);
    cJSON *answer = cJSON_CreateObject();

    (void)cJSON_AddFalseToObject(answer, "ok");
    (void)cJSON_AddStringToObject(answer, "errno", word ? word : "EIO");
    (void)cJSON_AddStringToObject(answer, "error", call->error);
    return answer;
}

static char *answer_print(cJSON *answer, const cJSON *id)
{
    char *line;

    if (id)
        (void)cJSON_AddStringToObject(answer, "id", id->valuestring);
    line = cJSON_PrintUnformatted(answer);
    cJSON_Delete(answer);
    return line;
}

char *control_line(const struct control_options *options, const char *line, size_t size, struct control_call *io_call)
{
    const char *end = NULL;
    cJSON *request = cJSON_ParseWithLengthOpts(line, size, &end, 0);
    const cJSON *id = NULL;
    char *text;
    int r = 0;

    io_call->request = request;
    io_call->answer = cJSON_CreateObject();
    io_call->fd = -1;
    io_call->error[0] = '\0';
    (void)cJSON_AddTrueToObject(io_call->answer, "ok");
    while (end && end < line + size && (*end == ' ' || *end == '\t' || *end == '\r' || *end == '\0'))
        end++;
    if (!cJSON_IsObject(request) || end != line + size)
        r = control_refuse(io_call, -EBADMSG, "request", "is no JSON object in one line", "hogad(8) has the protocol");
    if (r == 0)
        r = id_check(io_call, &id);
    if (r == 0)
        r = verb_run(options, io_call);
    if (r < 0) {
        cJSON_Delete(io_call->answer);
        io_call->answer = refusal_make(io_call, r);
    }
    text = answer_print(io_call->answer, id);
    cJSON_Delete(request);
    io_call->answer = NULL;
    io_call->request = NULL;
    return text;
}
