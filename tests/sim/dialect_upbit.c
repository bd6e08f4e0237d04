/* SPDX-License-Identifier: MIT */
#include "book_upbit.h"
#include "list_upbit.h"
#include "dialect.h"
#include "tape_upbit.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/upbit.md. */

static const char *const upbit_forms[] = { "DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST" };

/* Types we know; candles are taken and listed, and not fed. */
enum { TYPE_BOOK, TYPE_TICKER, TYPE_TRADE, TYPE_CANDLE };
static const char *const upbit_types[] = { "orderbook", "ticker", "trade", "candle." };

static const struct upbit_error {
    const char *name;
    const char *message;
    bool message_first; /* the order of the keys varies on the wire */
} upbit_errors[] = {
    { "INVALID_AUTH", "인증 정보가 올바르지 않습니다.", false },
    { "WRONG_FORMAT", "Format 이 맞지 않습니다.", true },
    { "NO_TICKET", "티켓이 존재하지 않거나, 유효하지 않습니다.", false },
    { "NO_TYPE", "타입이 존재하지 않습니다.", false },
    { "NO_CODES", "코드가 존재하지 않습니다.", false },
    { "INVALID_PARAM", "nope 은 지원하지 않는 타입입니다.", true },
};

static void upbit_error(const char *name, struct pen *io_text)
{
    const struct upbit_error *error = &(struct upbit_error){ name, name, false };

    for (size_t i = 0; i < sizeof(upbit_errors) / sizeof(upbit_errors[0]); i++) {
        if (strcmp(upbit_errors[i].name, name) == 0)
            error = &upbit_errors[i];
    }
    pen_string(io_text, error->message_first ? "{\"error\":{\"message\":\"" : "{\"error\":{\"name\":\"");
    pen_string(io_text, error->message_first ? error->message : error->name);
    pen_string(io_text, error->message_first ? "\",\"name\":\"" : "\",\"message\":\"");
    pen_string(io_text, error->message_first ? error->name : error->message);
    pen_string(io_text, "\"}}");
}

/* "CODE" or "CODE.N" with N in 1, 5, 15, 30; another N is 30. Unknown codes are no error: NULL. */
static struct market *upbit_code(const struct market_set *markets, const char *code, uint8_t *ret_depth)
{
    const char *point = strchr(code, '.');
    size_t n = point == NULL ? strlen(code) : (size_t)(point - code);
    long depth = 30;

    if (point != NULL) {
        char *end = NULL;
        depth = strtol(point + 1, &end, 10);
        if (end == point + 1 || *end != '\0')
            return NULL;
    }
    *ret_depth = depth == 1 || depth == 5 || depth == 15 ? (uint8_t)depth : 30;
    return market_by_symbol(markets, code, n);
}

/* A price step Upbit groups by: KRW markets only, 10 and 100 ticks here. The subscription that a level is of; NULL:
 * another level, which is answered with silence. */
static struct subscription *upbit_level(const struct session *s, const struct market_set *markets,
                                        const struct market *m, const cJSON *level, int64_t *ret_group)
{
    double step = cJSON_IsNumber(level) ? level->valuedouble : 0;

    *ret_group = 0;
    for (unsigned i = 0; i < m->profile.price_decimals; i++)
        step *= 10;
    if (step == 0)
        return session_at(s, markets, m, CHANNEL_BOOK);
    *ret_group = (int64_t)(step + 0.5);
    if (strncmp(m->symbol, "KRW-", 4) != 0)
        return NULL;
    if (*ret_group == m->profile.tick * 10)
        return session_at(s, markets, m, CHANNEL_GROUPED);
    return *ret_group == m->profile.tick * 100 ? session_at(s, markets, m, CHANNEL_GROUPED_MORE) : NULL;
}

static bool upbit_flag(const cJSON *object, const char *name, const char *old_name)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name)) ||
           cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, old_name));
}

static int upbit_type(const char *type)
{
    for (size_t i = 0; i < sizeof(upbit_types) / sizeof(upbit_types[0]); i++) {
        bool is_family = upbit_types[i][strlen(upbit_types[i]) - 1] == '.';
        if (is_family ? strncmp(upbit_types[i], type, strlen(upbit_types[i])) == 0 : strcmp(upbit_types[i], type) == 0)
            return (int)i;
    }
    return -1;
}

/* NULL, or the name of the error that this object of the request makes. */
static const char *upbit_check_type(const cJSON *object)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(object, "type"), *code;
    const cJSON *codes = cJSON_GetObjectItemCaseSensitive(object, "codes");

    if (!cJSON_IsString(type))
        return "NO_TYPE";
    if (strncmp(type->valuestring, "my", 2) == 0)
        return "INVALID_AUTH";
    if (upbit_type(type->valuestring) < 0)
        return "INVALID_PARAM";
    if (codes == NULL)
        return "NO_CODES";
    if (!cJSON_IsArray(codes) || cJSON_GetArraySize(codes) == 0)
        return "INVALID_PARAM";
    cJSON_ArrayForEach(code, codes)
    {
        if (!cJSON_IsString(code))
            return "INVALID_PARAM";
    }
    return NULL;
}

static int upbit_form_read(const cJSON *format)
{
    for (int i = 0; i < 4 && cJSON_IsString(format); i++) {
        if (strcmp(format->valuestring, upbit_forms[i]) == 0)
            return i;
    }
    return -1;
}

/* The whole request is judged before any of it is applied. */
static const char *upbit_check(const cJSON *request, uint32_t *ret_form, const char **ret_ticket, bool *ret_is_list)
{
    const cJSON *object;
    const char *error = NULL;
    unsigned n_types = 0;

    if (!cJSON_IsArray(request))
        return "WRONG_FORMAT";
    cJSON_ArrayForEach(object, request)
    {
        const cJSON *ticket = cJSON_GetObjectItemCaseSensitive(object, "ticket");
        const cJSON *format = cJSON_GetObjectItemCaseSensitive(object, "format");
        const cJSON *method = cJSON_GetObjectItemCaseSensitive(object, "method");
        if (!cJSON_IsObject(object) || (format != NULL && upbit_form_read(format) < 0))
            return "WRONG_FORMAT";
        if (format != NULL)
            *ret_form = (uint32_t)upbit_form_read(format);
        if (method != NULL)
            *ret_is_list = cJSON_IsString(method) && strcmp(method->valuestring, "LIST_SUBSCRIPTIONS") == 0;
        if (cJSON_IsString(ticket) && ticket->valuestring[0] != '\0')
            *ret_ticket = ticket->valuestring;
        if (format != NULL || method != NULL || ticket != NULL)
            continue;
        n_types++;
        if (error == NULL)
            error = upbit_check_type(object);
    }
    if (*ret_ticket == NULL)
        return "NO_TICKET";
    if (error == NULL && n_types == 0 && !*ret_is_list)
        return "NO_TYPE";
    return error;
}

/* Trades and tickers are fed; candles are taken and listed. */
static void upbit_subscribe_extra(struct subscription *io, int kind, bool only_snapshot, bool only_realtime)
{
    if (kind != TYPE_TRADE && kind != TYPE_TICKER)
        return;
    session_want(io, true, 0, 0, true);
    io->wants_snapshot = !only_realtime;
    io->wants_realtime = !only_snapshot;
}

/* type[i].codes: which type wants which market is kept in the order of upbit_types; books, trades and tickers are fed.
 * A market may be wanted at several levels at once, each by a type object of its own. */
static void upbit_subscribe_type(struct session *io, const struct market_set *markets, const cJSON *object)
{
    const cJSON *code, *type = cJSON_GetObjectItemCaseSensitive(object, "type");
    bool only_snapshot = upbit_flag(object, "is_only_snapshot", "isOnlySnapshot");
    bool only_realtime = upbit_flag(object, "is_only_realtime", "isOnlyRealtime");
    int kind = type == NULL ? -1 : upbit_type(type->valuestring);

    if (kind < 0)
        return;
    cJSON_ArrayForEach(code, cJSON_GetObjectItemCaseSensitive(object, "codes"))
    {
        uint8_t depth = 0;
        int64_t group = 0;
        struct market *m = upbit_code(markets, code->valuestring, &depth);
        struct subscription *s;
        if (m == NULL)
            continue;
        if (kind != 0) {
            session_at(io, markets, m, CHANNEL_BOOK)->other_types |= 1u << kind;
            upbit_subscribe_extra(session_at(io, markets, m, kind == TYPE_TRADE ? CHANNEL_TRADES : CHANNEL_DAY), kind,
                                  only_snapshot, only_realtime);
            continue;
        }
        s = upbit_level(io, markets, m, cJSON_GetObjectItemCaseSensitive(object, "level"), &group);
        if (s == NULL)
            continue;
        s->is_wanted = true;
        s->is_new = true;
        s->is_whole = true;
        s->old_frames = 0;
        s->depth = depth;
        s->wants_snapshot = !only_realtime;
        s->wants_realtime = !only_snapshot;
        s->group = group;
    }
}

static void upbit_subscribe(struct session *io, const struct market_set *markets, const cJSON *request)
{
    const cJSON *object;

    for (size_t i = 0; i < markets->n * DIALECT_CHANNELS; i++) {
        struct subscription *s = &io->subscriptions[i];
        s->old_frames = s->is_wanted ? 2 : 0;
        s->is_wanted = false;
        s->is_pending = false;
        s->other_types = 0;
    }
    cJSON_ArrayForEach(object, request) upbit_subscribe_type(io, markets, object);
}

/* One line of LIST_SUBSCRIPTIONS: the markets for which `kind` is subscribed, for books those of one group step. */
static void upbit_list_type(const struct session *s, const struct market_set *markets, bool is_short, unsigned kind,
                            size_t first, struct pen *io_text)
{
    int64_t group = s->subscriptions[first].group;
    const char *comma = "";

    pen_string(io_text, is_short ? "{\"ty\":\"" : "{\"type\":\"");
    pen_string(io_text, upbit_types[kind]);
    pen_string(io_text, is_short ? "\",\"cds\":[" : "\",\"codes\":[");
    for (size_t i = first; i < markets->n * DIALECT_BOOKS; i++) {
        const struct subscription *one = &s->subscriptions[i];
        if (kind == 0 ? !one->is_wanted || one->group != group : (one->other_types >> kind & 1u) == 0)
            continue;
        pen_string(io_text, comma);
        pen_string(io_text, "\"");
        pen_string(io_text, markets->at[i % markets->n].symbol);
        pen_string(io_text, "\"");
        comma = ",";
    }
    pen_string(io_text, "]");
    if (kind == 0) {
        pen_string(io_text, is_short ? ",\"lv\":" : ",\"level\":");
        pen_plain(io_text, (struct number){ group, markets->at[first % markets->n].profile.price_decimals });
    }
    pen_string(io_text, "}");
}

/* Is subscription i the first of its line in the list? */
static bool upbit_is_first(const struct session *s, unsigned kind, size_t i)
{
    const struct subscription *one = &s->subscriptions[i];

    if (kind == 0 ? !one->is_wanted : (one->other_types >> kind & 1u) == 0)
        return false;
    for (size_t k = 0; k < i; k++) {
        const struct subscription *other = &s->subscriptions[k];
        if (kind == 0 ? other->is_wanted && other->group == one->group : (other->other_types >> kind & 1u) != 0)
            return false;
    }
    return true;
}

static void upbit_list(const struct session *s, const struct market_set *markets, const char *ticket,
                       struct pen *io_text)
{
    bool is_short = s->form == UPBIT_SIMPLE || s->form == UPBIT_SIMPLE_LIST;
    const char *comma = "";

    pen_string(io_text, is_short ? "{\"mthd\":\"LIST_SUBSCRIPTIONS\",\"rslt\":["
                                 : "{\"method\":\"LIST_SUBSCRIPTIONS\",\"result\":[");
    for (unsigned kind = 0; kind < sizeof(upbit_types) / sizeof(upbit_types[0]); kind++) {
        for (size_t i = 0; i < markets->n * DIALECT_BOOKS; i++) {
            if (!upbit_is_first(s, kind, i))
                continue;
            pen_string(io_text, comma);
            upbit_list_type(s, markets, is_short, kind, i, io_text);
            comma = ",";
        }
    }
    pen_string(io_text, is_short ? "],\"tckt\":\"" : "],\"ticket\":\"");
    for (; *ticket != '\0'; ticket++)
        pen_bytes(io_text, *ticket == '"' || *ticket == '\\' || (unsigned char)*ticket < ' ' ? "_" : ticket, 1);
    pen_string(io_text, "\"}");
}

static void upbit_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                          struct reply *io_reply)
{
    const char *error, *ticket = NULL;
    uint32_t form = UPBIT_DEFAULT;
    bool is_list = false;
    cJSON *request;

    if (n == 4 && memcmp(bytes, "PING", 4) == 0) {
        io_session->is_status_wanted = true;
        return;
    }
    io_reply->is_request = true;
    request = dialect_parse(bytes, n);
    error = upbit_check(request, &form, &ticket, &is_list);
    if (error != NULL) {
        upbit_error(error, &io_reply->text);
        io_reply->kind = REPLY_ERROR;
    } else if (is_list) {
        io_session->form = form;
        upbit_list(io_session, markets, ticket, &io_reply->text);
        io_reply->kind = REPLY_TEXT;
    } else {
        io_session->form = form;
        upbit_subscribe(io_session, markets, request);
        io_reply->kind = REPLY_SUBSCRIBED;
    }
    cJSON_Delete(request);
}

static void upbit_status(struct session *io_session, const struct market_set *markets, int64_t now_ms,
                         struct pen *io_text)
{
    (void)io_session, (void)markets, (void)now_ms;
    pen_string(io_text, "{\"status\":\"UP\"}");
}

const struct dialect dialect_upbit = {
    .name = "upbit",
    .path = "/websocket/v1",
    .symbols_default = "KRW-BTC,KRW-ETH,KRW-XRP,KRW-SOL,KRW-DOGE,KRW-SHIB,BTC-ETH,BTC-XRP,BTC-ITAM,USDT-BTC",
    .upgrade_headers = "remaining-req: group=websocket; min=300; sec=3\r\nlimit-by-ip: Yes\r\n",
    .opcode = 2,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 5,
                .request_per_second = 5,
                .request_per_minute = 100,
                .rest_per_second = 10,
                .origin_window_ms = 10000,
                .idle_ms = 60000,
                .error_close_ms = 150,
                .status_ms = 10000 },
    .market_profile = profile_upbit,
    .request = upbit_request,
    .error = upbit_error,
    .encode = book_upbit,
    .status = upbit_status,
    .trades = tape_upbit_trades,
    .n_trades_past = 1, /* "the latest past trade" */
    .n_trades_most = 1,
    .day = tape_upbit_day,
    .rest = list_upbit,
};
