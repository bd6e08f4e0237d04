/* SPDX-License-Identifier: MIT
 * The verbs that ask hogad itself: reload, log-level. They need no segment. */
#include "doc.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RELOAD_NS 60000000000ll /* a long configuration on a busy host */

/* Ask on the operators' socket. Owns: *ret, cJSON_Delete. Returns: CLI_FINE, CLI_PROBLEM (reported). */
static int admin_ask(const struct cli *c, const char *request, int64_t timeout_ns, cJSON **ret)
{
    struct hoga_problem problem = { 0 };
    char *line = NULL;
    int fd, r;

    if (cli_control(c, 1, &fd) != CLI_FINE)
        return CLI_PROBLEM;
    r = hoga_control_ask(fd, request, timeout_ns, &line, &problem);
    (void)close(fd);
    if (r < 0)
        return cli_fail_problem(&problem);
    *ret = cJSON_Parse(line);
    free(line);
    return *ret ? CLI_FINE : cli_fail("hogad", _("its answer is no JSON"), "");
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
