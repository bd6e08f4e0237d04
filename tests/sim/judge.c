/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <stdlib.h>

#define US_PER_MS 1000ll
#define US_PER_S  1000000ll

/* Messages that came while the simulator could not run bear the time of the last of them. So much of a window is given
 * away for that; what is given away is asked for over four windows. */
#define SLACK_US (300 * US_PER_MS)

struct judge *judge_new(void)
{
    return calloc(1, sizeof(struct judge));
}

static void times_add(struct judge_times *t, int64_t now_us)
{
    t->at_us[t->n++ % JUDGE_KEPT] = now_us;
}

/* More than `most` within the window that ends now? 0: no limit. */
static bool times_exceed(const struct judge_times *t, uint32_t most, int64_t window_us, int64_t now_us)
{
    return most > 0 && most < JUDGE_KEPT && t->n > most &&
           now_us - t->at_us[(t->n - 1 - most) % JUDGE_KEPT] < window_us;
}

static bool requests_exceed(const struct judge_times *t, uint32_t most, int64_t window_us, int64_t now_us)
{
    return times_exceed(t, most, window_us - SLACK_US, now_us) ||
           times_exceed(t, 4 * most, 4 * window_us - SLACK_US, now_us);
}

/* An Origin header puts the request into a group of one in a window. */
static bool origin_is_over(struct sim *s, bool has_origin, int64_t now_us)
{
    struct judge *j = s->judge;
    bool is_over;

    if (!has_origin)
        return false;
    s->stats.origin_headers++;
    is_over = j->origin_us > 0 && now_us - j->origin_us < (int64_t)s->limits.origin_window_ms * US_PER_MS;
    j->origin_us = now_us;
    return is_over;
}

uint32_t judge_connect(struct sim *s, bool has_origin, int64_t now_us)
{
    const struct dialect_limits *l = &s->limits;
    struct judge_times *t = &s->judge->connects;
    bool is_over, is_over_origin = origin_is_over(s, has_origin, now_us);

    times_add(t, now_us);
    is_over = times_exceed(t, l->connect_per_second, US_PER_S, now_us) ||
              times_exceed(t, l->connect_per_window, (int64_t)l->connect_window_s * US_PER_S, now_us);
    s->stats.connect_violations += is_over;
    s->stats.origin_violations += is_over_origin;
    return (is_over || is_over_origin) && !s->options->is_lenient ? 429 : 0;
}

unsigned judge_connection(struct sim *s, unsigned n_open)
{
    if (s->limits.connections_max == 0 || n_open <= s->limits.connections_max)
        return 0;
    s->stats.connection_violations++;
    return s->options->is_lenient ? 0 : s->limits.close_too_many > 0 ? s->limits.close_too_many : 1008;
}

bool judge_request(struct sim *s, struct judge_times *connection, int64_t now_us)
{
    const struct dialect_limits *l = &s->limits;
    const struct judge_times *t = l->request_by_address ? &s->judge->requests : connection;
    bool is_over;

    times_add(connection, now_us);
    times_add(&s->judge->requests, now_us);
    is_over = requests_exceed(t, l->request_per_second, US_PER_S, now_us) ||
              requests_exceed(t, l->request_per_minute, 60 * US_PER_S, now_us) ||
              requests_exceed(t, l->request_per_hour, 3600 * US_PER_S, now_us);
    s->stats.request_violations += is_over;
    return is_over;
}

bool judge_rest(struct sim *s, uint32_t weight, int64_t now_us)
{
    struct judge *j = s->judge;
    uint64_t sum = 0;
    bool is_over;

    j->rest_weight[j->rest.n % JUDGE_KEPT] = weight;
    times_add(&j->rest, now_us);
    for (uint64_t i = 0; i < j->rest.n && i < JUDGE_KEPT; i++)
        sum += now_us - j->rest.at_us[i] < 60 * US_PER_S ? j->rest_weight[i] : 0;
    if (sum > s->stats.rest_weight_max)
        s->stats.rest_weight_max = sum;
    is_over = (s->limits.rest_per_minute > 0 && sum > s->limits.rest_per_minute) ||
              times_exceed(&j->rest, s->limits.rest_per_second, US_PER_S, now_us);
    s->stats.rest_violations += is_over;
    return is_over;
}
