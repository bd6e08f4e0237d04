/* SPDX-License-Identifier: MIT
 * Kraken's acknowledgements and errors, and our own requests in a replay; v2 and v1 share the words.
 * Source: ../shared/protocols/kraken.md, "Messages" and "v1 differences"; fixtures captures/kraken. */
#include "venue/kraken_private.h"

#include <errno.h>
#include <string.h>

struct kraken_control {
    struct scan_string method, event, status, error;
    struct scan subject, symbols;
    char symbol[MD_SYMBOL_SIZE];
    uint8_t success;
};
static const struct field control_keys[] = {
    FIELD("method", FIELD_STRING, struct kraken_control, method),
    FIELD("result", FIELD_VALUE, struct kraken_control, subject),
    FIELD("params", FIELD_VALUE, struct kraken_control, subject),
    FIELD("success", FIELD_BOOL, struct kraken_control, success),
    FIELD("symbol", FIELD_SYMBOL, struct kraken_control, symbol),
    FIELD("error", FIELD_STRING, struct kraken_control, error),
    FIELD("Error", FIELD_STRING, struct kraken_control, error),
    FIELD("event", FIELD_STRING, struct kraken_control, event),
    FIELD("status", FIELD_STRING, struct kraken_control, status),
    FIELD("subscription", FIELD_VALUE, struct kraken_control, subject),
    FIELD("errorMessage", FIELD_STRING, struct kraken_control, error),
    FIELD("pair", FIELD_VALUE, struct kraken_control, symbols),
};
enum {
    SAW_METHOD = 1 << 0,
    SAW_SUBJECT = 1 << 1 | 1 << 2 | 1 << 9,
    SAW_SUCCESS = 1 << 3,
    SAW_OF_SYMBOL = 1 << 4,
    SAW_ERROR = 1 << 5 | 1 << 6 | 1 << 10,
    SAW_EVENT = 1 << 7,
    SAW_STATUS = 1 << 8,
    SAW_PAIR = 1 << 11
};

struct kraken_subject {
    struct scan_string channel;
    struct scan symbols;
    uint64_t depth;
};
static const struct field subject_keys[] = {
    FIELD("channel", FIELD_STRING, struct kraken_subject, channel),
    FIELD("name", FIELD_STRING, struct kraken_subject, channel),
    FIELD("depth", FIELD_U64, struct kraken_subject, depth),
    FIELD("symbol", FIELD_VALUE, struct kraken_subject, symbols),
};
enum { SAW_CHANNEL = 1 << 0 | 1 << 1, SAW_DEPTH = 1 << 2, SAW_SYMBOLS = 1 << 3 };

static int subscribed_one(struct scan *s, uint32_t depth, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_SUBSCRIBED);
    struct scan_string symbol;

    if (!event)
        return -E2BIG;
    if (scan_peek(s) != SCAN_STRING || scan_string(s, &symbol) < 0 || field_symbol(&symbol, event->symbol) < 0)
        return -EBADMSG;
    event->depth = depth;
    frame->n_events++;
    return 0;
}

/* One symbol or a list of them. */
static int subscribed_add(struct scan *s, uint32_t depth, struct md_frame *frame)
{
    int r;

    if (scan_peek(s) != SCAN_ARRAY)
        return subscribed_one(s, depth, frame);
    r = scan_array_begin(s);
    while (r == 0 && (r = scan_array_next(s)) > 0)
        r = subscribed_one(s, depth, frame);
    return r;
}

/* What was subscribed, as request and acknowledgement say it; v1's `pair` stands outside of the subject. */
static int subject_read(const struct kraken_control *c, uint32_t seen, struct md_frame *frame)
{
    struct kraken_subject subject = { .depth = KRAKEN_DEPTH_DEFAULT };
    struct scan at = c->subject;
    uint32_t has;

    if (!(seen & SAW_SUBJECT) || fields_read(&at, subject_keys, N_OF(subject_keys), &subject, NULL, &has) < 0)
        return -EBADMSG;
    if (!(has & SAW_CHANNEL) || !field_is(&subject.channel, "book"))
        return kraken_plain_add(MD_OTHER, frame);
    if (subject.depth > UINT32_MAX || !(has & SAW_SYMBOLS || seen & SAW_PAIR))
        return -EBADMSG;
    at = has & SAW_SYMBOLS ? subject.symbols : c->symbols;
    return subscribed_add(&at, (uint32_t)subject.depth, frame);
}

/* "Currency pair not supported XXX/YYY" names the symbol in its text; whether also by a key is not sure (sheet). */
static void error_symbol(const struct kraken_control *c, uint32_t seen, struct md_event *event)
{
    static const char unsupported[] = "Currency pair not supported ";
    struct scan pair = c->symbols;
    struct scan_string text;

    if (seen & SAW_OF_SYMBOL)
        memcpy(event->symbol, c->symbol, sizeof(event->symbol));
    else if (seen & SAW_PAIR && scan_peek(&pair) == SCAN_STRING && scan_string(&pair, &text) == 0)
        (void)field_symbol(&text, event->symbol);
    if (strncmp(event->text, unsupported, sizeof(unsupported) - 1) != 0)
        return;
    event->reason = REASON_SYMBOL_UNKNOWN;
    text = (struct scan_string){ .at = event->text + sizeof(unsupported) - 1 };
    text.size = strlen(text.at);
    if (event->symbol[0] == '\0')
        (void)field_symbol(&text, event->symbol);
}

static int error_add(const struct kraken_control *c, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    int is_request = (seen & SAW_METHOD && field_is(&c->method, "subscribe")) || seen & SAW_STATUS;

    if (!event)
        return -E2BIG;
    field_error(event, is_request ? REASON_REQUEST_REFUSED : REASON_VENUE_ERROR, NULL,
                seen & SAW_ERROR ? &c->error : NULL);
    error_symbol(c, seen, event);
    frame->n_events++;
    return 0;
}

static int control_add(const struct kraken_control *c, uint32_t seen, struct md_frame *frame)
{
    int has_failed = (seen & SAW_SUCCESS && !c->success) || seen & SAW_ERROR;

    /* What could not be unsubscribed was not subscribed. */
    if (seen & SAW_METHOD && field_is(&c->method, "unsubscribe"))
        return kraken_plain_add(MD_OTHER, frame);
    if (has_failed)
        return error_add(c, seen, frame);
    if (seen & SAW_METHOD && field_is(&c->method, "subscribe"))
        return subject_read(c, seen, frame);
    if (seen & SAW_EVENT && field_is(&c->event, "subscriptionStatus"))
        return seen & SAW_STATUS && field_is(&c->status, "subscribed") ? subject_read(c, seen, frame)
                                                                       : kraken_plain_add(MD_OTHER, frame);
    return kraken_plain_add(seen & (SAW_METHOD | SAW_EVENT) ? MD_STATUS : MD_OTHER, frame);
}

int kraken_control_read(struct scan *s, struct md_frame *frame)
{
    struct kraken_control c;
    uint32_t seen;
    int r = fields_read(s, control_keys, N_OF(control_keys), &c, NULL, &seen);

    return r < 0 ? r : control_add(&c, seen, frame);
}

int kraken_request_read(struct scan *s, struct md_frame *frame)
{
    struct kraken_control c;
    uint32_t seen;
    int r = fields_read(s, control_keys, N_OF(control_keys), &c, NULL, &seen);

    if (r < 0)
        return r;
    if (!(seen & SAW_METHOD && field_is(&c.method, "subscribe")) &&
        !(seen & SAW_EVENT && field_is(&c.event, "subscribe")))
        return 0;
    return subject_read(&c, seen, frame);
}
