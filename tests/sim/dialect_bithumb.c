/* SPDX-License-Identifier: MIT */
#include "list_sheets.h"
#include "spell.h"
#include "tape_day.h"
#include "tape_sheets.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/bithumb.md, API 2.x; tickers: tape_day.c. Sizes have four decimals,
 * so that a small one is shown as 0 at a live price; a thin side is padded with 0 and 0. */

#define DEPTH 15
#define DUST  4 /* of the eight decimals of the market */

enum bithumb_form { BITHUMB_DEFAULT, BITHUMB_SIMPLE };

static const struct spell_market bithumb_markets[] = {
    { "KRW-BTC", { 116204000, 1000, 5000000, 0, false, DEPTH, DUST } },
    { "KRW-SHIB", { 1652, 1, 2500000000000000, 5, false, DEPTH, DUST } },
    { "BTC-ETH", { 3614200, 100, 200000000, 8, true, DEPTH, DUST } },
};

static int bithumb_profile(const char *symbol, struct market_profile *ret)
{
    int r = spell_profile(bithumb_markets, sizeof(bithumb_markets) / sizeof(bithumb_markets[0]),
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", symbol, ret);

    ret->levels = DEPTH;
    ret->dust = DUST;
    return strchr(symbol, '-') == NULL ? -1 : r;
}

static void bithumb_error(const char *name, struct pen *io_text)
{
    pen_string(io_text, "{\"error\":{\"name\":\"");
    pen_string(io_text, name);
    pen_string(io_text, "\",\"message\":\"요청이 올바르지 않습니다.\"}}");
}

/* "CODE" or "CODE.N"; never more than 15. Unknown and lower-case codes are silence. */
static void bithumb_code(struct session *io, const struct market_set *markets, const char *code)
{
    const char *point = strchr(code, '.');
    unsigned long depth = point == NULL ? DEPTH : strtoul(point + 1, NULL, 10);
    struct market *m = market_by_symbol(markets, code, point == NULL ? strlen(code) : (size_t)(point - code));

    if (m != NULL)
        session_want(session_at(io, markets, m, CHANNEL_BOOK), true,
                     depth == 0 || depth > DEPTH ? DEPTH : (uint16_t)depth, 0, true);
}

/* NULL, or the name of the error. A missing type comes back as WRONG_FORMAT. */
static const char *bithumb_check(const cJSON *request)
{
    const cJSON *object, *codes;
    bool has_ticket = false, has_type = false;

    if (!cJSON_IsArray(request))
        return "WRONG_FORMAT";
    cJSON_ArrayForEach(object, request)
    {
        has_ticket |= spell_text(object, "ticket")[0] != '\0';
        if (spell_text(object, "type")[0] == '\0')
            continue;
        has_type = true;
        codes = cJSON_GetObjectItemCaseSensitive(object, "codes");
        if (!cJSON_IsArray(codes) || cJSON_GetArraySize(codes) == 0)
            return "NO_CODES";
    }
    return !has_ticket ? "NO_TICKET" : has_type ? NULL : "WRONG_FORMAT";
}

static void bithumb_extra(struct session *io, const struct market_set *markets, const char *code,
                          enum dialect_channel channel)
{
    struct market *m = market_by_symbol(markets, code, strlen(code));

    if (m != NULL)
        session_want(session_at(io, markets, m, channel), true, 0, 0, true);
}

static void bithumb_subscribe(struct session *io, const struct market_set *markets, const cJSON *request)
{
    const cJSON *object, *code;

    for (size_t i = 0; i < markets->n * DIALECT_CHANNELS; i++) {
        struct subscription *s = &io->subscriptions[i];
        s->old_frames = s->is_wanted ? 2 : 0;
        s->is_wanted = false;
    }
    io->form = BITHUMB_DEFAULT;
    cJSON_ArrayForEach(object, request)
    {
        if (strcmp(spell_text(object, "format"), "SIMPLE") == 0)
            io->form = BITHUMB_SIMPLE;
        cJSON_ArrayForEach(code, cJSON_GetObjectItemCaseSensitive(object, "codes"))
        {
            if (!cJSON_IsString(code))
                continue;
            if (strcmp(spell_text(object, "type"), "orderbook") == 0)
                bithumb_code(io, markets, code->valuestring);
            else if (strcmp(spell_text(object, "type"), "trade") == 0)
                bithumb_extra(io, markets, code->valuestring, CHANNEL_TRADES);
            else if (strcmp(spell_text(object, "type"), "ticker") == 0)
                bithumb_extra(io, markets, code->valuestring, CHANNEL_DAY);
        }
    }
}

static void bithumb_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                            struct reply *io_reply)
{
    const char *error;
    cJSON *request;

    if (n == 4 && memcmp(bytes, "PING", 4) == 0) {
        io_session->is_status_wanted = true;
        return;
    }
    io_reply->is_request = true;
    request = dialect_parse(bytes, n);
    error = bithumb_check(request);
    if (error != NULL) {
        bithumb_error(error, &io_reply->text);
        io_reply->kind = REPLY_ERROR;
    } else {
        bithumb_subscribe(io_session, markets, request);
        io_reply->kind = REPLY_SUBSCRIBED;
    }
    cJSON_Delete(request);
}

static const struct bithumb_keys {
    const char *head, *ask_total, *bid_total, *units, *ask_price, *bid_price, *ask_size, *bid_size, *tail, *stream;
} bithumb_keys[] = {
    { "{\"type\":\"orderbook\",\"code\":\"", "\",\"total_ask_size\":", ",\"total_bid_size\":", ",\"orderbook_units\":[",
      "{\"ask_price\":", ",\"bid_price\":", ",\"ask_size\":", ",\"bid_size\":", "],\"level\":1,\"timestamp\":",
      ",\"stream_type\":\"" },
    { "{\"ty\":\"orderbook\",\"cd\":\"", "\",\"tas\":", ",\"tbs\":", ",\"obu\":[",
      "{\"ap\":", ",\"bp\":", ",\"as\":", ",\"bs\":", "],\"lv\":1,\"tms\":", ",\"st\":\"" },
};

static void bithumb_value(struct pen *p, const struct level *side, unsigned n, unsigned i, bool is_size,
                          uint8_t decimals)
{
    if (i >= n)
        pen_string(p, "0");
    else
        pen_plain(p, (struct number){ is_size ? side[i].size : side[i].price, decimals });
}

static int64_t bithumb_total(const struct level *side, unsigned n)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < n; i++)
        sum = sum > INT64_MAX - side[i].size ? INT64_MAX : sum + side[i].size;
    return sum;
}

static void bithumb_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                           const struct frame *f, struct pen *io_text)
{
    const struct bithumb_keys *k = &bithumb_keys[io_session->form];
    const struct book *b = f->book;
    unsigned depth = io_subscription->depth;
    unsigned n_bids = b->n_bids < depth ? b->n_bids : depth, n_asks = b->n_asks < depth ? b->n_asks : depth;
    struct pen *p = io_text;

    pen_string(p, k->head);
    pen_string(p, m->symbol);
    pen_string(p, k->ask_total);
    pen_plain(p, (struct number){ bithumb_total(b->asks, n_asks), b->size_decimals });
    pen_string(p, k->bid_total);
    pen_plain(p, (struct number){ bithumb_total(b->bids, n_bids), b->size_decimals });
    pen_string(p, k->units);
    for (unsigned i = 0; i < depth; i++) {
        pen_string(p, i > 0 ? "," : "");
        pen_string(p, k->ask_price);
        bithumb_value(p, b->asks, n_asks, i, false, b->price_decimals);
        pen_string(p, k->bid_price);
        bithumb_value(p, b->bids, n_bids, i, false, b->price_decimals);
        pen_string(p, k->ask_size);
        bithumb_value(p, b->asks, n_asks, i, true, b->size_decimals);
        pen_string(p, k->bid_size);
        bithumb_value(p, b->bids, n_bids, i, true, b->size_decimals);
        pen_string(p, "}");
    }
    spell_u64(p, k->tail, (uint64_t)b->timestamp_ms * 1000);
    pen_string(p, k->stream);
    pen_string(p, f->is_first ? "SNAPSHOT\"" : "REALTIME\"");
    pen_padding(p, f->padding);
    pen_string(p, "}");
}

static void bithumb_status(struct session *io_session, const struct market_set *markets, int64_t now_ms,
                           struct pen *io_text)
{
    (void)io_session, (void)markets, (void)now_ms;
    pen_string(io_text, "{\"status\":\"UP\"}");
}

const struct dialect dialect_bithumb = {
    .name = "bithumb",
    .path = "/websocket/v1",
    .symbols_default = "KRW-BTC,KRW-SHIB,BTC-ETH",
    .upgrade_headers = "",
    .opcode = 2,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 10,
                .request_per_second = 10,
                .rest_per_second = 150,
                .idle_ms = 60000,
                .error_close_ms = 150,
                .status_ms = 10000 },
    .market_profile = bithumb_profile,
    .request = bithumb_request,
    .error = bithumb_error,
    .encode = bithumb_encode,
    .trades = tape_bithumb,
    .n_trades_past = 1,
    .n_trades_most = 1,
    .day = tape_bithumb_day,
    .status = bithumb_status,
    .rest = list_bithumb,
};
