/* SPDX-License-Identifier: MIT
 * hoga trades: the last trades of one instrument, oldest first; with -f each further one as it comes. What was
 * overwritten before it could be read is counted and said. */
#include "doc.h"
#include "live.h"
#include "names.h"
#include "text.h"

#include <errno.h>
#include <string.h>

#define TRADES_DEFAULT 20u
#define TRADES_TURN    256u

struct tail {
    struct hoga_info info;
    hoga_id id;
    uint64_t next;
    uint64_t n_lines;
    uint8_t source;
    size_t price_width, size_width;
};

static int fail_trades(struct cli *c, const char *name, int r)
{
    if (r == -ENOTSUP)
        return cli_fail(name, _("this hogad keeps no trades"), _("set `trades' in its hoga.conf and restart it"));
    if (r == -ESTALE)
        return names_fail(c, name, "");
    return cli_fail(name, strerror(-r), NULL);
}

/* Prices and sizes lean right at a width that only grows, so that a list does not sway. */
static void print_number(int64_t mantissa, unsigned decimals, size_t *io_width)
{
    char plain[HOGA_DECIMAL_SIZE] = "?", text[TEXT_NUMBER_SIZE] = "?";

    if (hoga_format(mantissa, decimals, plain) > 0)
        text_number(plain, 0, text);
    *io_width = text_width(text) > *io_width ? text_width(text) : *io_width;
    text_print_cell(text, *io_width, true);
}

static void print_line(const struct cli *c, struct tail *t, const struct hoga_trade *trade)
{
    const char *side = trade->side == HOGA_SIDE_BUY ? _("BUY") : trade->side == HOGA_SIDE_SELL ? _("SELL") : "-";
    char when[TEXT_TIME_SIZE];

    if (trade->is_after_gap)
        printf("%s-- %s%s\n", cli_paint(c, PAINT_DIM), _("trades before this one may be missing"),
               cli_paint(c, PAINT_OFF));
    text_time_of_day(trade->venue_ns ? trade->venue_ns : trade->recv_ns, c->is_utc, when);
    printf("%s%s%s  %s", cli_paint(c, PAINT_DIM), when, cli_paint(c, PAINT_OFF),
           cli_paint(c, trade->side == HOGA_SIDE_SELL ? PAINT_ASK : PAINT_BID));
    text_print_cell(side, 4, false);
    fputs("  ", stdout);
    print_number(trade->price, trade->price_decimals, &t->price_width);
    printf("%s  ", cli_paint(c, PAINT_OFF));
    print_number(trade->size, trade->size_decimals, &t->size_width);
    printf("  %s#%llu%s\n", cli_paint(c, PAINT_DIM), (unsigned long long)trade->id, cli_paint(c, PAINT_OFF));
}

static cJSON *trade_doc(const struct hoga_trade *trade)
{
    cJSON *object = cJSON_CreateObject();

    doc_add_number_text(object, "number", trade->number);
    doc_add_number_text(object, "id", trade->id);
    (void)cJSON_AddStringToObject(object, "side", hoga_side_word(trade->side));
    doc_add_decimal(object, "price", true, trade->price, trade->price_decimals);
    doc_add_decimal(object, "size", true, trade->size, trade->size_decimals);
    doc_add_wall(object, "venue_ns", trade->venue_ns);
    doc_add_wall(object, "recv_ns", trade->recv_ns);
    doc_add_number_text(object, "update", trade->update);
    (void)cJSON_AddBoolToObject(object, "after_gap", trade->is_after_gap);
    return object;
}

/* One flat line a trade: what it is of, then the trade. */
static int print_json_line(const struct tail *t, const struct hoga_trade *trade, uint64_t missed)
{
    cJSON *line = cJSON_CreateObject(), *object = trade_doc(trade);

    doc_add_count(line, "schema", 1);
    (void)cJSON_AddStringToObject(line, "name", t->info.name);
    (void)cJSON_AddStringToObject(line, "source", hoga_source_word(t->source));
    doc_add_count(line, "missed", missed);
    while (object && object->child) {
        cJSON *item = cJSON_DetachItemViaPointer(object, object->child);

        (void)cJSON_AddItemToObject(line, item->string, item);
    }
    cJSON_Delete(object);
    return doc_print(line);
}

/* Returns 0 go on, 1 enough lines or nobody reads, -1 failed. */
static int show(struct cli *c, struct tail *t, const struct hoga_trade *trades, int n, uint64_t missed)
{
    char number[TEXT_NUMBER_SIZE];
    int r = 0;

    if (missed > 0 && !c->is_json) {
        text_count(missed, number);
        printf("%s", cli_paint(c, PAINT_WAIT));
        printf(_("missed %s"), number);
        printf("%s\n", cli_paint(c, PAINT_OFF));
    }
    for (int i = 0; i < n && r == 0; i++) {
        if (c->is_json)
            r = print_json_line(t, &trades[i], i == 0 ? missed : 0);
        else
            print_line(c, t, &trades[i]);
        if (++t->n_lines == c->count)
            return 1;
    }
    return r ? r : cli_flush();
}

static void tail_begin(struct cli *c, struct tail *t)
{
    struct hoga_book book;

    if (hoga_read_top(c->h, t->id, 0, &book) == 0)
        t->source = book.source;
    t->price_width = 11;
    t->size_width = 12;
    t->next = HOGA_TRADES_LAST;
}

static void print_head(const struct cli *c, const struct tail *t)
{
    cli_print_silence(c);
    printf("%s%s%s  %s\n", cli_paint(c, PAINT_BOLD), t->info.name, cli_paint(c, PAINT_OFF),
           hoga_source_word(t->source));
    if (!cli_is_pretend(t->source))
        return;
    printf("%s", cli_paint(c, PAINT_PRETEND));
    printf(_("=== source %s: these are not the market's numbers ==="), hoga_source_word(t->source));
    printf("%s\n", cli_paint(c, PAINT_OFF));
}

static int read_trades(struct cli *c, struct tail *t, struct hoga_trade *ret, uint32_t n_max, uint64_t *ret_missed)
{
    int r = -EAGAIN;
    uint64_t missed;

    *ret_missed = 0;
    for (unsigned i = 0; i < CLI_TRIES_MAX && r == -EAGAIN; i++) {
        missed = 0;
        r = hoga_trades(c->h, t->id, &t->next, ret, n_max, &missed);
        *ret_missed += missed;
    }
    return r;
}

static int print_document(struct cli *c, const struct tail *t, const struct hoga_trade *trades, int n)
{
    cJSON *document = doc_new(c), *array;

    (void)cJSON_AddStringToObject(document, "name", t->info.name);
    (void)cJSON_AddStringToObject(document, "source", hoga_source_word(t->source));
    array = cJSON_AddArrayToObject(document, "trades");
    for (int i = 0; i < n; i++)
        (void)cJSON_AddItemToArray(array, trade_doc(&trades[i]));
    return doc_print(document) < 0 ? CLI_PROBLEM : CLI_FINE;
}

/* The last ones that there are. */
static int once(struct cli *c, const char *name, struct tail *t)
{
    static struct hoga_trade trades[4096]; /* as many as hoga.conf lets a book keep */
    uint32_t n_max = sizeof trades / sizeof trades[0];
    uint64_t missed;
    int n;

    n_max = c->count == 0 ? TRADES_DEFAULT : c->count < n_max ? (uint32_t)c->count : n_max;
    n = read_trades(c, t, trades, n_max, &missed);
    if (n < 0)
        return fail_trades(c, name, n);
    if (c->is_json)
        return print_document(c, t, trades, n);
    print_head(c, t);
    if (n == 0)
        puts(_("no trades yet"));
    return show(c, t, trades, n, 0) < 0 ? CLI_PROBLEM : CLI_FINE;
}

/* Until a trade is there. Returns 0 or a negative errno. The slot may have gone to another instrument, or hogad begun a
 * new file: the name may be there again, and its trades begin anew. */
static int rest(struct cli *c, struct tail *t)
{
    int r;

    do {
        live_rest_begin();
        r = hoga_wait_trades(c->h, t->id, t->next, -1);
        live_rest_end();
    } while (r == -EINTR);
    if (r != -ESTALE)
        return r;
    t->next = HOGA_TRADES_OLDEST;
    return hoga_find(c->h, t->info.name, &t->id);
}

static int follow(struct cli *c, const char *name, struct tail *t)
{
    struct hoga_trade trades[TRADES_TURN];
    uint64_t missed;
    int r = 0, n;

    live_begin(false);
    if (!c->is_json)
        print_head(c, t);
    n = read_trades(c, t, trades, c->count > 0 && c->count < TRADES_DEFAULT ? (uint32_t)c->count : TRADES_DEFAULT,
                    &missed);
    while (r == 0 && (n >= 0 || n == -ESTALE)) {
        if (n > 0 || (n == 0 && missed > 0))
            r = show(c, t, trades, n, missed);
        if (r != 0)
            break;
        n = rest(c, t);
        if (n == 0)
            n = read_trades(c, t, trades, TRADES_TURN, &missed);
        else if (n == -ENOENT)
            break;
    }
    live_end();
    if (r != 0)
        return r < 0 ? CLI_PROBLEM : CLI_FINE;
    return n == -ENOENT ? names_fail(c, t->info.name, _(" any more")) : fail_trades(c, name, n);
}

int verb_trades(struct cli *c, int n_arguments, char **arguments)
{
    struct tail t = { .n_lines = 0 };
    int code = cli_open(c);

    (void)n_arguments;
    if (code == CLI_FINE)
        code = names_resolve(c, arguments[0], &t.id);
    if (code != CLI_FINE)
        return code;
    if (names_info(c, t.id, &t.info) < 0)
        return names_fail(c, arguments[0], "");
    tail_begin(c, &t);
    return c->is_follow ? follow(c, arguments[0], &t) : once(c, arguments[0], &t);
}
