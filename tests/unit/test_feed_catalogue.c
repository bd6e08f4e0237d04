/* SPDX-License-Identifier: MIT
 * A feed's copy of its venue's list: which requests leave and when, what answers do to it, what patterns become. Real
 * feed; the world is a port that notes the last URL, and answers when the test says so. */
#include "feed/catalogue.h"

#include "core/log.h"
#include "venue/catalogue.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000ll

static const struct catalogue_word words[] = { { "on", MD_LISTING_TRADING },
                                               { "halt", MD_LISTING_HALTED },
                                               { "gone", MD_LISTING_DELISTED },
                                               { NULL, MD_LISTING_UNKNOWN } };
static const struct catalogue_field list_fields[] = { { "s", catalogue_take_symbol, 0, 0, NULL },
                                                      { "w", catalogue_take_status, 0, 0, words } };
static const struct catalogue_field detail_fields[] = { { "s", catalogue_take_symbol, 0, 0, NULL },
                                                        { "t", catalogue_take_tick_now, 0, 0, NULL } };
static const struct catalogue_part parts[] = {
    { .path = "/list?a=1",
      .cursor = "next",
      .cursor_query = "&c=",
      .weight = 30,
      .list = { "rows" },
      .row = { list_fields, 2 } },
    { .path = "/detail?m=", .names_symbols = 1, .symbols_max = 2, .weight = 1, .row = { detail_fields, 2 } },
};
static const struct venue_catalogue lists = { parts, 2, 1 }, list_alone = { parts, 1, 0 };

static enum reason check(const char *symbol)
{
    return strchr(symbol, '&') ? REASON_SYMBOL_FORM : REASON_NONE;
}

static int request(struct text *text, const struct venue_request *r)
{
    text_add_string(text, r->symbols[0]);
    return 0;
}

static const struct venue toy = {
    .name = "toy",
    .rest_url = "http://rest",
    .builder = VENUE_BUILD_REPLACE,
    .limits = { .rest_per_minute = 600, .rest_weight = 10, .books_per_connection = 100, .request_replaces_all = 1 },
    .symbol_check = check,
    .request = request,
    .catalogue = &lists,
};
static const struct venue toy_budget = {
    .name = "toy",
    .rest_url = "http://rest",
    .builder = VENUE_BUILD_REPLACE,
    .limits = { .rest_per_minute = 60, .rest_weight = 10, .books_per_connection = 100, .request_replaces_all = 1 },
    .symbol_check = check,
    .request = request,
    .catalogue = &lists,
};
static const struct venue toy_alone = {
    .name = "toy",
    .rest_url = "http://rest",
    .builder = VENUE_BUILD_REPLACE,
    .symbol_check = check,
    .request = request,
    .catalogue = &list_alone,
};

struct scene {
    struct feed *feed;
    int64_t now_ns;
    char url[256]; /* of the last request, "" none since */
    uint32_t n_gets;
};

static int on_get(void *context, uint32_t conn, const char *url)
{
    struct scene *s = context;

    cr_assert_eq(conn, 2);
    (void)snprintf(s->url, sizeof(s->url), "%s", url);
    s->n_gets++;
    return 0;
}

static void scene_begin(struct scene *s, const struct venue *venue)
{
    struct feed_options options = { .venue = venue,
                                    .first_conn = 2,
                                    .books_max = 8,
                                    .levels_max = 4,
                                    .catalogue_s = 3600,
                                    .port = { s, NULL, NULL, on_get } };

    log_set_level(LOG_LEVEL_ERR);
    *s = (struct scene){ .now_ns = 1000 * SECOND };
    cr_assert_eq(feed_new(&options, &s->feed), 0);
}

static void pass(struct scene *s, int64_t ns)
{
    struct feed_input in = { .kind = FEED_INPUT_TICK };

    s->now_ns += ns;
    in.recv_ns = in.now_boot_ns = s->now_ns;
    feed_input(s->feed, &in);
}

/* Ticks enough to read, sort and take over a short list. */
static void settle(struct scene *s)
{
    for (int i = 0; i < 4; i++)
        pass(s, 0);
}

/* The URL asked for since the last look, after so long. */
static const char *asked(struct scene *s, int64_t ns)
{
    static char url[256];

    pass(s, ns);
    memcpy(url, s->url, sizeof(url));
    s->url[0] = '\0';
    return url;
}

static void answer(struct scene *s, const char *url, uint32_t status, const char *body)
{
    struct feed_input in = { .kind = FEED_INPUT_HTTP, .conn = 2, .url = url, .http_status = status };

    cr_assert(feed_catalogue_wants(s->feed, url), "%s", url);
    feed_catalogue_take(s->feed, status, status == 200 ? strdup(body) : NULL, strlen(body), s->now_ns);
    in.recv_ns = in.now_boot_ns = s->now_ns;
    feed_input(s->feed, &in);
    cr_assert_not(feed_catalogue_wants(s->feed, url), "one answer a request");
}

/* What the patterns and names become, separated by blanks; "+N" for those without room. */
static const char *expanded(struct scene *s, const char *const *wanted, size_t n, uint32_t n_max)
{
    static char line[256];
    const char *symbols[16];
    struct feed_expansion e = { .symbols = symbols, .n_max = n_max };
    struct text t;

    text_init(&t, line, sizeof(line));
    if (feed_catalogue_expand(s->feed, wanted, n, &e) < 0)
        return "no room";
    for (uint32_t i = 0; i < e.n; i++)
        text_addf(&t, "%s%s", i ? " " : "", e.symbols[i]);
    if (e.n_left_out)
        text_addf(&t, " +%u", e.n_left_out);
    return line;
}
#define EXPANDED(s, n_max, ...)                                                                                        \
    expanded((s), (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), \
             (n_max))

/* What is to be published since the last look: "symbol:tick" each, "-row" for rows that are free. */
static const char *published(struct scene *s)
{
    static char line[256];
    struct feed_instrument *fi;
    uint32_t row;
    struct text t;

    text_init(&t, line, sizeof(line));
    while (feed_catalogue_next_gone(s->feed, &row))
        text_addf(&t, "-%u ", row);
    while ((fi = feed_catalogue_next_changed(s->feed))) {
        if (fi->row == FEED_ROW_NONE)
            fi->row = (uint32_t)fi->instrument.symbol[0];
        text_addf(&t, "%s:%lld ", fi->instrument.symbol,
                  fi->instrument.n_ticks ? (long long)fi->instrument.ticks[0].tick.mantissa : 0ll);
    }
    return line;
}

Test(feed_catalogue, pages_then_details_then_again_after_the_interval)
{
    struct scene s;

    scene_begin(&s, &toy);
    cr_expect_str_eq(asked(&s, 0), "http://rest/list?a=1");
    cr_expect_str_eq(asked(&s, SECOND), "", "one at a time");
    answer(&s, "http://rest/list?a=1", 200, "{\"next\":\"p2\",\"rows\":[{\"s\":\"B\",\"w\":\"on\"},{\"s\":\"A\"}]}");
    pass(&s, 0);
    cr_expect_str_eq(asked(&s, SECOND), "http://rest/list?a=1&c=p2");
    cr_expect_not(feed_catalogue_is_there(s.feed), "not before the last page");
    answer(&s, "http://rest/list?a=1&c=p2", 200, "{\"rows\":[{\"s\":\"C\",\"w\":\"on\"},{\"s\":\"B\"}],\"next\":\"\"}");
    settle(&s);
    cr_expect(feed_catalogue_is_there(s.feed) && feed_catalogue_is_new(s.feed) && !feed_catalogue_is_new(s.feed));
    cr_expect_str_eq(published(&s), "A:0 B:0 C:0 ", "sorted, each once");
    cr_expect_str_eq(asked(&s, SECOND), "http://rest/detail?m=A,B");
    answer(&s, "http://rest/detail?m=A,B", 200, "[{\"s\":\"B\",\"t\":5},{\"s\":\"Z\",\"t\":5}]");
    pass(&s, 0);
    cr_expect_str_eq(asked(&s, SECOND), "http://rest/detail?m=C");
    answer(&s, "http://rest/detail?m=C", 200, "[{\"s\":\"C\",\"t\":7}]");
    pass(&s, 0);
    pass(&s, SECOND);
    pass(&s, SECOND);
    cr_expect_str_eq(published(&s), "A:0 B:5 C:7 ");
    cr_expect_str_eq(asked(&s, 3590 * SECOND), "");
    cr_expect_str_eq(asked(&s, 20 * SECOND), "http://rest/list?a=1");
    answer(&s, "http://rest/list?a=1", 200, "{\"rows\":[{\"s\":\"B\",\"w\":\"on\"},{\"s\":\"D\",\"w\":\"on\"}]}");
    settle(&s);
    cr_expect_str_eq(published(&s), "-67 -65 B:5 D:0 ", "rows of A and C are free, B keeps its tick meanwhile");
    cr_expect_str_eq(asked(&s, SECOND), "http://rest/detail?m=B,D");
    answer(&s, "http://rest/detail?m=B,D", 503, "");
    cr_expect_str_eq(published(&s), "B:0 D:0 ", "and what was not confirmed is unknown");
    s.feed = feed_free(s.feed);
}

/* While there is none, patterns stand for nothing: a network that comes up a minute after us is not to be missed. */
Test(feed_catalogue, the_first_list_is_asked_for_again_soon)
{
    struct scene s;

    scene_begin(&s, &toy_alone);
    pass(&s, 0);
    for (int i = 0; i < 50; i++) {
        uint32_t n_gets = s.n_gets;

        answer(&s, "http://rest/list?a=1", i % 2 ? 503 : 0, "");
        pass(&s, SECOND);
        cr_expect_eq(s.n_gets, n_gets, "%d", i);
        pass(&s, SECOND / 2);
        pass(&s, SECOND / 20);
        cr_assert_eq(s.n_gets, n_gets + 1, "%d", i);
    }
    for (int i = 0; i < 20; i++) {
        answer(&s, "http://rest/list?a=1", 503, "");
        pass(&s, 15 * SECOND);
        pass(&s, SECOND);
    }
    cr_expect_eq(s.n_gets, 71, "and never less than every 15 s: %u", s.n_gets);
    answer(&s, "http://rest/list?a=1", 200, "{\"rows\":[{\"s\":\"A\",\"w\":\"on\"}]}");
    settle(&s);
    cr_expect_str_eq(EXPANDED(&s, 8, "*"), "A");
    s.feed = feed_free(s.feed);
}

Test(feed_catalogue, failures_leave_the_list_and_wait_longer_each_time)
{
    static const char *const wrong[] = { "{\"rows\":[]}", "{\"rows\":[{\"s\":\"A\"}", "[]", "",
                                         "{\"rows\":[{\"s\":\"A\"}],\"next\":\"a b\"}" };
    struct scene s;

    scene_begin(&s, &toy_alone);
    pass(&s, 0);
    answer(&s, "http://rest/list?a=1", 200, "{\"rows\":[{\"s\":\"A\",\"w\":\"on\"}]}");
    settle(&s);
    (void)published(&s);
    pass(&s, SECOND);
    pass(&s, 3600 * SECOND);
    for (int i = 0; i < 12; i++) {
        uint32_t n_gets = s.n_gets;
        int64_t wait_ns = i < 7 ? (5 << i) * SECOND : 600 * SECOND;

        wait_ns = wait_ns < 600 * SECOND ? wait_ns : 600 * SECOND;
        answer(&s, "http://rest/list?a=1", i < 5 ? 200 : i == 5 ? 0 : 503, i < 5 ? wrong[i] : "");
        settle(&s);
        cr_expect_str_eq(published(&s), "", "%d", i);
        cr_expect_str_eq(EXPANDED(&s, 8, "*"), "A");
        pass(&s, wait_ns - SECOND);
        cr_expect_eq(s.n_gets, n_gets, "%d", i);
        pass(&s, SECOND);
        pass(&s, SECOND);
        cr_expect_eq(s.n_gets, n_gets + 1, "%d", i);
    }
    pass(&s, 31 * SECOND); /* an answer that never comes */
    pass(&s, 601 * SECOND);
    cr_expect_eq(s.n_gets, 15);
    s.feed = feed_free(s.feed);
}

/* Weight 30 where a snapshot weighs 10: three of the six that a minute allows. */
Test(feed_catalogue, requests_stay_inside_the_budget_and_outside_of_retry_after)
{
    struct feed_input in = { .kind = FEED_INPUT_HTTP, .conn = 2, .url = "x", .http_status = 429, .aux_ns = 9 * SECOND };
    struct scene s;
    char url[64] = "http://rest/list?a=1", body[64];

    scene_begin(&s, &toy_budget);
    for (int page = 1; page <= 3; page++) {
        int64_t waited_ns = 0;

        for (; s.url[0] == '\0'; waited_ns += SECOND)
            pass(&s, SECOND);
        cr_expect(page < 3 ? waited_ns <= 2 * SECOND : waited_ns > 50 * SECOND, "%d", page);
        cr_expect_str_eq(s.url, url);
        s.url[0] = '\0';
        (void)snprintf(body, sizeof(body), "{\"next\":\"p%d\",\"rows\":[{\"s\":\"A%d\"}]}", page, page);
        answer(&s, url, 200, body);
        (void)snprintf(url, sizeof(url), "http://rest/list?a=1&c=p%d", page);
        pass(&s, 0);
    }
    in.recv_ns = in.now_boot_ns = s.now_ns = s.now_ns + 100 * SECOND;
    feed_input(s.feed, &in);
    cr_expect_str_eq(asked(&s, 8 * SECOND), "", "the address is closed");
    cr_expect_str_eq(asked(&s, 2 * SECOND), url);
    s.feed = feed_free(s.feed);
}

Test(feed_catalogue, patterns)
{
    static const char *const carried[] = { "KRW-H" };
    struct scene s;

    scene_begin(&s, &toy);
    cr_expect_str_eq(EXPANDED(&s, 8, "KRW-*", "X"), "X", "a pattern waits");
    cr_assert_eq(feed_symbols_set(s.feed, carried, 1, s.now_ns), 0);
    pass(&s, 0);
    answer(&s, "http://rest/list?a=1", 200,
           "{\"rows\":[{\"s\":\"KRW-B\",\"w\":\"on\"},{\"s\":\"KRW-A\",\"w\":\"on\"},{\"s\":\"BTC-A\",\"w\":\"on\"},"
           "{\"s\":\"KRW-H\",\"w\":\"halt\"},{\"s\":\"KRW-I\",\"w\":\"halt\"},{\"s\":\"KRW-G\",\"w\":\"gone\"},"
           "{\"s\":\"KRW-?\",\"w\":\"what\"},{\"s\":\"KRW-&\",\"w\":\"on\"}]}");
    settle(&s);
    cr_expect_str_eq(EXPANDED(&s, 8, "KRW-*"), "KRW-A KRW-B KRW-H",
                     "traded, and what is carried and halted; not the unknown, the delisted, or what cannot be asked");
    cr_expect_str_eq(EXPANDED(&s, 8, "??C-A", "KR?-A"), "BTC-A KRW-A");
    cr_expect_str_eq(EXPANDED(&s, 8, "*-*B", "KRW-A", "*"), "KRW-A BTC-A KRW-B KRW-H", "each once, names first");
    cr_expect_str_eq(EXPANDED(&s, 2, "Z", "*"), "Z BTC-A +3");
    cr_expect_str_eq(EXPANDED(&s, 1, "Z", "Y"), "no room");
    cr_expect_str_eq(EXPANDED(&s, 8, "krw-*", "KRW-", "*-"), "KRW-", "case matters, and all of it must match");
    cr_expect(feed_pattern_matches("a*b*c", "axxbxxbc") && !feed_pattern_matches("a*b*c", "axxcxxb"));
    cr_expect(feed_pattern_matches("**", "") && !feed_pattern_matches("?", ""));
    s.feed = feed_free(s.feed);
}

static const char *reason_of(struct scene *s, const char *symbol)
{
    struct book_view view;

    book_view(feed_book_find(s->feed, symbol)->book, &view);
    return verdict_reason_word(view.verdict.reason);
}

Test(feed_catalogue, what_is_not_listed_is_said_and_taken_back)
{
    static const char *const wanted[] = { "A", "A@bbo", "X" };
    struct scene s;

    scene_begin(&s, &toy);
    cr_assert_eq(feed_symbols_set(s.feed, wanted, 3, s.now_ns), 0);
    pass(&s, 0);
    answer(&s, "http://rest/list?a=1", 200, "{\"rows\":[{\"s\":\"A\",\"w\":\"halt\"},{\"s\":\"X\",\"w\":\"gone\"}]}");
    settle(&s);
    cr_expect_str_eq(reason_of(&s, "A"), "queued");
    cr_expect_str_eq(reason_of(&s, "A@bbo"), "queued");
    cr_expect_str_eq(reason_of(&s, "X"), "symbol-unknown");
    (void)asked(&s, SECOND);
    answer(&s, "http://rest/detail?m=A,X", 503, "");
    (void)asked(&s, 10 * SECOND);
    answer(&s, "http://rest/list?a=1", 200, "{\"rows\":[{\"s\":\"A\"},{\"s\":\"X\",\"w\":\"on\"}]}");
    settle(&s);
    cr_expect_str_eq(reason_of(&s, "X"), "symbol-unknown", "until the venue has answered");
    s.feed = feed_free(s.feed);
}
