/* SPDX-License-Identifier: MIT
 * dialect_recorded.c - any exchange, as far as a recording goes: whatever a client sends that is no keepalive is taken
 * for a subscription to everything, and what it gets is the capture given with --replay. It makes no books. */
#include "dialect.h"

#include <string.h>

static int recorded_profile(const char *symbol, struct market_profile *ret)
{
    (void)symbol;
    *ret = (struct market_profile){ .base = 1000, .tick = 1, .size_typical = 100000000, .price_decimals = 0 };
    return 0;
}

static bool is_keepalive(const char *bytes, size_t n)
{
    for (size_t i = 0; i + 4 <= n; i++)
        if (memcmp(bytes + i, "ping", 4) == 0 || memcmp(bytes + i, "PING", 4) == 0)
            return true;
    return false;
}

static void recorded_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                             struct reply *io_reply)
{
    if (is_keepalive(bytes, n))
        return;
    for (size_t i = 0; i < markets->n; i++)
        io_session->subscriptions[i].is_wanted = true;
    io_reply->kind = REPLY_SUBSCRIBED;
    io_reply->is_request = true;
}

static void recorded_error(const char *name, struct pen *io_text)
{
    pen_string(io_text, name);
}

static void recorded_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                            const struct frame *f, struct pen *io_text)
{
    (void)io_session, (void)m, (void)io_subscription, (void)f;
    pen_string(io_text, "{}");
}

const struct dialect dialect_recorded = {
    .name = "recorded",
    .path = "/",
    .symbols_default = "ALL",
    .upgrade_headers = "",
    .opcode = 1,
    .limits = { .connect_per_second = 60,
                .request_per_second = 1000,
                .request_per_minute = 10000,
                .origin_window_ms = 10000,
                .idle_ms = 600000,
                .error_close_ms = 150,
                .status_ms = 10000 },
    .market_profile = recorded_profile,
    .request = recorded_request,
    .error = recorded_error,
    .encode = recorded_encode,
};
