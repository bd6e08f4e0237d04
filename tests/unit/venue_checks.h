/* SPDX-License-Identifier: MIT
 * venue_checks.h - what every adapter is asked: its messages, whole and cut, its answers by REST, its requests, symbols
 * and ping. Asserts with Criterion. */
#ifndef HOGA_TEST_VENUE_CHECKS_H
#define HOGA_TEST_VENUE_CHECKS_H

#include "venue_decode.h"

#include <errno.h>

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Each message as it stands, and cut at every byte: a part of a message is refused. */
static inline void check(struct md_frame *frame, const char *name, const struct decode_case *cases, size_t n)
{
    const struct venue *venue = venue_find(name);
    char part[1024];

    cr_assert_not_null(venue, "%s", name);
    decode_check(venue->decode, frame, cases, n);
    for (size_t i = 0; i < n; i++)
        for (size_t size = 0; cases[i].events[0] && size < strlen(cases[i].bytes); size++) {
            cr_assert_lt(size, sizeof(part));
            memcpy(part, cases[i].bytes, size);
            part[size] = '\0';
            cr_expect_lt(decode_exact(venue->decode, part, frame), 0, "%s", part);
        }
}

static inline void check_http(struct md_frame *frame, const char *name, const char *url, const char *bytes,
                              const char *event)
{
    int r = venue_find(name)->decode_http(url, bytes, strlen(bytes), frame);

    if (!event) {
        cr_expect(r < 0 || frame->n_events == 0, "%s", bytes);
        return;
    }
    cr_expect_eq(r, 0, "%s", bytes);
    cr_assert_eq(frame->n_events, 1, "%s", bytes);
    cr_expect_str_eq(event_describe(frame, 0), event, "%s is not %s", event_describe(frame, 0), event);
}

/* The request for two symbols (one where the venue takes one), and what cannot be asked. */
static inline void check_request(const char *name, const char *a, const char *b, uint32_t depth, int is_unsubscribe,
                                 const char *want)
{
    const struct venue *venue = venue_find(name);
    const char *symbols[] = { a, b };
    struct venue_request request = { .symbols = symbols,
                                     .n = b ? 2 : 1,
                                     .depth = depth,
                                     .is_unsubscribe = (uint8_t)is_unsubscribe,
                                     .id = 7000000,
                                     .now_ns = INT64_C(1748572393000000001) };
    char memory[512], small[24];
    struct text text;

    text_init(&text, memory, sizeof(memory));
    cr_expect_eq(venue->request(&text, &request), 0);
    cr_expect_str_eq(memory, want, "%s", memory);
    text_init(&text, small, sizeof(small));
    cr_expect_eq(venue->request(&text, &request), -ENOBUFS);
    request.n = 0;
    text_init(&text, memory, sizeof(memory));
    cr_expect_eq(venue->request(&text, &request), -EINVAL);
}

static inline void check_symbols(const char *name, const char *good, const char *wrong_case, const char *wrong_form)
{
    const struct venue *venue = venue_find(name);
    char large[MD_SYMBOL_SIZE + 8];

    memset(large, 'A', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    cr_expect_eq(venue->symbol_check(good), REASON_NONE, "%s", good);
    cr_expect_eq(venue->symbol_check(wrong_case), REASON_SYMBOL_CASE, "%s", wrong_case);
    cr_expect_eq(venue->symbol_check(wrong_form), REASON_SYMBOL_FORM, "%s", wrong_form);
    cr_expect_eq(venue->symbol_check(large), REASON_SYMBOL_FORM);
    cr_expect_neq(venue->symbol_check(""), REASON_NONE);
}

static inline const char *ping_of(const char *name)
{
    static char memory[128];
    struct text text;

    text_init(&text, memory, sizeof(memory));
    venue_find(name)->ping(&text, INT64_C(1650189272000000123));
    return memory;
}

/* What a venue is sent about one symbol or two; id 7. */
static inline const char *request_of(const char *name, const char *a, const char *b, uint8_t channels,
                                     int is_unsubscribe)
{
    static char memory[512];
    const char *symbols[] = { a, b };
    struct venue_request request = {
        .symbols = symbols, .n = b ? 2 : 1, .channels = channels, .is_unsubscribe = (uint8_t)is_unsubscribe, .id = 7
    };
    struct text text;

    text_init(&text, memory, sizeof(memory));
    cr_assert_eq(venue_find(name)->request(&text, &request), 0);
    return memory;
}

#endif
