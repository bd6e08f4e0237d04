/* SPDX-License-Identifier: MIT
 * The verbs that ask hogad itself: reload, log-level, reconnect. They need no segment. */
#include "doc.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define RELOAD_NS 60000000000ll /* a long configuration on a busy host */

/* Ask on the operators' socket. What hogad refuses is the caller's to say: *ret is NULL then, and *ret_problem says
 * why. Owns: *ret, cJSON_Delete. Returns: CLI_FINE, CLI_PROBLEM (reported). */
static int admin_try(const struct cli *c, const char *request, int64_t timeout_ns, cJSON **ret,
                     struct hoga_problem *ret_problem)
{
    char *line = NULL;
    int fd, r;

    *ret = NULL;
    if (cli_control(c, 1, &fd) != CLI_FINE)
        return CLI_PROBLEM;
    r = hoga_control_ask(fd, request, timeout_ns, &line, ret_problem);
    (void)close(fd);
    if (r == -ENOENT)
        return CLI_FINE;
    if (r < 0)
        return cli_fail_problem(ret_problem);
    *ret = cJSON_Parse(line);
    free(line);
    return *ret ? CLI_FINE : cli_fail("hogad", _("its answer is no JSON"), "");
}

/* The same, where that is a failure like any other. Owns: *ret, cJSON_Delete. */
static int admin_ask(const struct cli *c, const char *request, int64_t timeout_ns, cJSON **ret)
{
    struct hoga_problem problem = { 0 };

    if (admin_try(c, request, timeout_ns, ret, &problem) != CLI_FINE)
        return CLI_PROBLEM;
    return *ret ? CLI_FINE : cli_fail_problem(&problem);
}

/* {"schema":1,"answer":{...}}. Takes the answer. */
static int answer_print(cJSON *answer)
{
    cJSON *document = cJSON_CreateObject();

    cJSON_DeleteItemFromObject(answer, "id");
    (void)cJSON_AddNumberToObject(document, "schema", 1);
    (void)cJSON_AddItemToObject(document, "answer", answer);
    return doc_print(document) < 0 ? CLI_PROBLEM : CLI_FINE;
}

static const char *word_of(const cJSON *answer, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(answer, name);

    if (!cJSON_IsString(member))
        return "";
    text_clean(member->valuestring);
    return member->valuestring;
}

static unsigned count_of(const cJSON *answer, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(answer, name);

    return cJSON_IsNumber(member) && member->valueint > 0 ? (unsigned)member->valueint : 0;
}

static void print_names(const struct cli *c, const cJSON *names, const char *sign, enum paint paint)
{
    const cJSON *name;

    cJSON_ArrayForEach(name, names)
    {
        if (!cJSON_IsString(name))
            continue;
        text_clean(name->valuestring);
        printf("%s%s %s%s\n", cli_paint(c, paint), sign, name->valuestring, cli_paint(c, PAINT_OFF));
    }
}

int verb_reload(struct cli *c, int n_arguments, char **arguments)
{
    unsigned n_added, n_removed;
    const char *file;
    cJSON *answer;

    (void)n_arguments;
    (void)arguments;
    if (admin_ask(c, "{\"verb\":\"reload\"}", RELOAD_NS, &answer) != CLI_FINE)
        return CLI_PROBLEM;
    if (c->is_json)
        return answer_print(answer);
    n_added = count_of(answer, "n_added");
    n_removed = count_of(answer, "n_removed");
    print_names(c, cJSON_GetObjectItemCaseSensitive(answer, "added"), "+", PAINT_GOOD);
    print_names(c, cJSON_GetObjectItemCaseSensitive(answer, "removed"), "-", PAINT_BAD);
    file = word_of(answer, "file");
    printf(_("%s: %u books added, %u removed, %u in all; log level %s"), file[0] ? file : _("no file, the defaults"),
           n_added, n_removed, count_of(answer, "books"), word_of(answer, "log_level"));
    putchar('\n');
    cJSON_Delete(answer);
    return CLI_FINE;
}

int verb_log_level(struct cli *c, int n_arguments, char **arguments)
{
    cJSON *request = cJSON_CreateObject(), *answer;
    char *line;
    int code;

    (void)cJSON_AddStringToObject(request, "verb", "log-level");
    if (n_arguments > 0)
        (void)cJSON_AddStringToObject(request, "level", arguments[0]);
    line = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    if (!line)
        return cli_fail("", _("out of memory"), "");
    code = admin_ask(c, line, CLI_CONTROL_NS, &answer);
    free(line);
    if (code != CLI_FINE)
        return code;
    if (c->is_json)
        return answer_print(answer);
    puts(word_of(answer, "log_level"));
    cJSON_Delete(answer);
    return CLI_FINE;
}

/* One connection, by its number. *ret is whether it is being replaced; if not, *ret_problem says why.
 * Returns: CLI_FINE, CLI_PROBLEM (reported). */
static int reconnect_one(struct cli *c, unsigned connection, const char *venue, int *ret,
                         struct hoga_problem *ret_problem)
{
    char request[64];
    cJSON *answer;

    (void)snprintf(request, sizeof request, "{\"verb\":\"reconnect\",\"connection\":%u}", connection);
    if (admin_try(c, request, CLI_CONTROL_NS, &answer, ret_problem) != CLI_FINE)
        return CLI_PROBLEM;
    *ret = answer != NULL;
    if (!answer)
        return CLI_FINE;
    if (c->is_json)
        return answer_print(answer);
    printf("%s %u: %s\n", venue, connection,
           cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "make_before_break"))
               ? _("goes as soon as another one is in sync")
               : _("closed, and dialed anew"));
    cJSON_Delete(answer);
    return CLI_FINE;
}

/* Of a venue, the connections that can be replaced: one that is down, or is going already, takes nothing from the rest.
 */
int verb_reconnect(struct cli *c, int n_arguments, char **arguments)
{
    const char *which = arguments[0];
    int n_named = 0, n_replaced = 0, code = CLI_FINE;
    struct hoga_problem problem = { 0 };
    const cJSON *row;
    cJSON *status;

    (void)n_arguments;
    if (admin_ask(c, "{\"verb\":\"status\"}", CLI_CONTROL_NS, &status) != CLI_FINE)
        return CLI_PROBLEM;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(status, "connections"))
    {
        const char *venue = word_of(row, "venue");
        unsigned number = count_of(row, "connection");
        int is_replaced = 0;
        char text[16];

        (void)snprintf(text, sizeof text, "%u", number);
        if (strcmp(which, text) != 0 && strcasecmp(which, venue) != 0)
            continue;
        n_named++;
        code = reconnect_one(c, number, venue, &is_replaced, &problem);
        if (code != CLI_FINE)
            break;
        n_replaced += is_replaced;
    }
    cJSON_Delete(status);
    if (code != CLI_FINE || n_replaced > 0)
        return code;
    return n_named > 0 ? cli_fail_problem(&problem)
                       : cli_fail(which, _("no venue or number of a connection"), _("`hoga stat' has them"));
}
