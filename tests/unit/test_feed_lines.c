/* SPDX-License-Identifier: MIT
 * Connections are shared among venues: each takes as many as its books need, one more that is to take over from any of
 * them, and no more than its exchange or the daemon allows. */
#include "core/log.h"
#include "feed/feed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND    1000000000ll
#define BOOKS_MAX 4096

struct pool { /* a daemon's */
    uint32_t n, most;
    char said[512];
};

static int take(void *context, uint32_t *ret_conn)
{
    struct pool *pool = context;

    if (pool->n == pool->most)
        return -ENOSPC;
    *ret_conn = pool->n++;
    return 0;
}

static uint32_t room(void *context)
{
    const struct pool *pool = context;

    return pool->most - pool->n;
}

static int do_open(void *context, uint32_t conn)
{
    struct pool *pool = context;
    size_t used = strlen(pool->said);

    (void)snprintf(pool->said + used, sizeof(pool->said) - used, "open%u ", conn);
    return 0;
}

static void do_end(void *context, uint32_t conn)
{
    struct pool *pool = context;
    size_t used = strlen(pool->said);

    (void)snprintf(pool->said + used, sizeof(pool->said) - used, "end%u ", conn);
}

static int do_send(void *context, uint32_t conn, const char *text, size_t size)
{
    (void)context;
    (void)conn;
    (void)text;
    (void)size;
    return 0;
}

static enum reason check(const char *symbol)
{
    (void)symbol;
    return REASON_NONE;
}

static int request(struct text *text, const struct venue_request *r)
{
    (void)r;
    text_add_string(text, "x");
    return 0;
}

static struct venue okx_like(void)
{
    return (struct venue){ .name = "toy",
                           .builder = VENUE_BUILD_REPLACE,
                           .limits = { .books_per_connection = 29, .symbols_per_request = 50 },
                           .symbol_check = check,
                           .request = request };
}

static struct feed *feed_of(struct pool *pool, const struct venue *venue, uint32_t n_conns)
{
    struct feed_options options = {
        .venue = venue,
        .n_conns = n_conns,
        .books_max = BOOKS_MAX,
        .levels_max = 1,
        .port = { .context = pool, .send = do_send, .open = do_open, .end = do_end, .take = take, .room = room }
    };
    struct feed *feed;

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    cr_assert_eq(feed_new(&options, &feed), 0);
    cr_assert_eq(feed_connections_begin(feed), 0);
    return feed;
}

/* Books M<first> to M<first + n - 1>. */
static int want(struct feed *feed, uint32_t first, uint32_t n)
{
    static char names[BOOKS_MAX + 100][8];
    const char **symbols = calloc(n + 1, sizeof(*symbols));
    int r;

    cr_assert_not_null(symbols);
    for (uint32_t i = 0; i < n; i++) {
        (void)snprintf(names[first + i], sizeof(names[0]), "M%u", first + i);
        symbols[i] = names[first + i];
    }
    r = feed_symbols_set(feed, symbols, n, SECOND);
    free(symbols);
    return r;
}

static void tick(struct feed *feed, int64_t now_ns)
{
    struct feed_input in = { .kind = FEED_INPUT_TICK, .recv_ns = now_ns, .now_boot_ns = now_ns };

    feed_input(feed, &in);
}

Test(feed_lines, as_many_are_taken_as_the_books_need_and_one_more)
{
    struct venue venue = okx_like();
    struct pool pool = { .most = 256 };
    struct feed *a = feed_of(&pool, &venue, 0), *b = feed_of(&pool, &venue, 0);
    uint32_t most = 0;

    cr_expect_eq(pool.n, 2, "each has its first");
    cr_assert_eq(want(a, 0, 300), 0);
    cr_expect_eq(pool.n, 13, "300 books of 29 are on 11");
    for (uint32_t conn = 0; conn < pool.n; conn++) {
        if (conn == 1)
            continue; /* the other's */
        most = feed_connection(a, conn)->n_books > most ? feed_connection(a, conn)->n_books : most;
    }
    cr_expect_eq(most, 29);
    cr_assert_eq(want(b, 0, 30), 0);
    cr_expect_eq(pool.n, 15, "the other venue goes on behind");
    cr_expect_eq(feed_connection(b, 1)->n_books, 29);
    cr_expect_eq(feed_connection(b, 13)->n_books, 1);
    cr_assert_eq(want(a, 0, 10), 0);
    cr_assert_eq(want(a, 0, 300), 0);
    cr_expect_eq(pool.n, 15, "what was taken is used again");
    a = feed_free(a);
    b = feed_free(b);
}

Test(feed_lines, one_is_always_left_to_take_over)
{
    struct venue venue = okx_like();
    struct pool pool = { .most = 12 };
    struct feed *feed = feed_of(&pool, &venue, 0);

    cr_expect_eq(feed_books_limit(feed), 319, "on 11 of 12");
    cr_expect_eq(want(feed, 0, 320), -ENOSPC);
    cr_expect_eq(feed_n_books(feed), 0, "nothing has changed");
    cr_assert_eq(want(feed, 0, 319), 0);
    cr_expect_eq(feed_books_limit(feed), 319);
    for (uint32_t conn = 0; conn < 12; conn++) {
        struct feed_input in = { .kind = FEED_INPUT_OPEN, .conn = conn, .recv_ns = SECOND, .now_boot_ns = SECOND };

        if (feed_connection_is_wanted(feed, conn))
            feed_input(feed, &in);
    }
    for (uint32_t conn = 0; conn < 11; conn++)
        cr_expect_eq(feed_replace(feed, conn, REASON_REQUESTED), 0, "make before break");
    tick(feed, 2 * SECOND);
    cr_expect_str_eq(pool.said, "open11 ", "one after the other");
    feed = feed_free(feed);
}

Test(feed_lines, several_are_replaced_at_a_time_where_there_is_room)
{
    struct venue venue = okx_like();
    struct pool pool = { .most = 256 };
    struct feed *feed = feed_of(&pool, &venue, 0);

    cr_assert_eq(want(feed, 0, 290), 0);
    for (uint32_t conn = 0; conn < 10; conn++) {
        struct feed_input in = { .kind = FEED_INPUT_OPEN, .conn = conn, .recv_ns = SECOND, .now_boot_ns = SECOND };

        feed_input(feed, &in);
        cr_expect_eq(feed_replace(feed, conn, REASON_REQUESTED), 0);
    }
    tick(feed, 2 * SECOND);
    tick(feed, 3 * SECOND);
    cr_expect_str_eq(pool.said, "open10 open11 open12 open13 ", "and no more than four");
    cr_expect_eq(feed_books_limit(feed), 29 * 255);
    feed = feed_free(feed);
}

Test(feed_lines, what_the_venue_allows_of_an_address_is_the_end)
{
    struct venue venue = okx_like();
    struct pool pool = { .most = 256 };
    struct feed *feed;

    venue.limits.connections_max = 20;
    feed = feed_of(&pool, &venue, 0);
    cr_expect_eq(feed_carriers_max(feed), 19);
    cr_expect_eq(feed_books_limit(feed), 19 * 29);
    cr_assert_eq(want(feed, 0, 19 * 29), 0);
    cr_expect_eq(pool.n, 20);
    cr_expect_eq(want(feed, 0, 19 * 29 + 1), -ENOSPC);
    cr_expect_eq(pool.n, 20);
    feed = feed_free(feed);

    /* The one for all that is no book is one of them. */
    pool.n = 0;
    venue.extras_path = "/extras";
    feed = feed_of(&pool, &venue, 256);
    cr_expect_eq(feed_extras_connection(feed), 1);
    cr_expect_eq(feed_books_limit(feed), 18 * 29);
    cr_assert_eq(want(feed, 0, 18 * 29), 0);
    cr_expect_eq(pool.n, 20);
    feed = feed_free(feed);
}

Test(feed_lines, a_daemon_that_has_none_left_says_so)
{
    struct venue venue = okx_like();
    struct pool pool = { .most = 3 };
    struct feed *a = feed_of(&pool, &venue, 0), *b = feed_of(&pool, &venue, 0), *c;
    struct feed_options options = {
        .venue = &venue, .books_max = 8, .levels_max = 1, .port = { .context = &pool, .take = take, .room = room }
    };

    cr_assert_eq(want(a, 0, 29), 0);
    cr_expect_eq(pool.n, 3);
    cr_expect_eq(want(a, 0, 30), -ENOSPC);
    cr_assert_eq(want(b, 0, 29), 0, "without another beside it");
    cr_expect_eq(feed_replace(b, 1, REASON_REQUESTED), -ENOENT, "not open");
    cr_assert_eq(feed_new(&options, &c), 0);
    cr_expect_eq(feed_connections_begin(c), -ENOSPC);
    a = feed_free(a);
    b = feed_free(b);
    c = feed_free(c);
}
