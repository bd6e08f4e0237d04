/* SPDX-License-Identifier: MIT
 * backoff.h - how long to wait before dialing again. Pure; knows no clock, no socket and no source of chance. */
#ifndef HOGA_BACKOFF_H
#define HOGA_BACKOFF_H

#include <stdint.h>

#define BACKOFF_BASE_MS       250
#define BACKOFF_SOON_MS       1500 /* a venue that is well again is seen within that ... */
#define BACKOFF_SOON_AT_ALL   1000 /* ... for so many failures, some 12 minutes, where it has no window of attempts */
#define BACKOFF_SOON_UNWANTED 20   /* where it answers 4xx: some 15 s */
#define BACKOFF_MAX_MS        15000

/* The longest delay after so many failures in a row. BACKOFF_SOON_MS while n_sessions connections that all fail have
 * taken a fifth of what the venue allows (per_window attempts in window_s; 0: no such rule), later so much that a tenth
 * is always left. A venue that goes on to answer that it does not want us (http_status 4xx) is
 * asked more rarely. */
int64_t backoff_most_ms(unsigned failures, uint32_t http_status, uint32_t per_window, uint32_t window_s,
                        uint32_t n_sessions);
/* Exponential with full jitter: anything from 0 to base * 2^(failures - 1), at most most_ms; `chance` picks.
 * Full jitter keeps many hosts that lost the same venue at the same moment from coming back at the same moment.
 * failures 0 is "no reason to wait" and gives 0. */
int64_t backoff_delay_ms(unsigned failures, int64_t most_ms, uint64_t chance);
/* A server's Retry-After: seconds ("120"), or a date, which is measured from the answer's own Date ("" where it has
 * none: from now_s, seconds since the epoch by our clock). Past dates and nonsense: 0, none given. At most
 * BACKOFF_RETRY_AFTER_MAX_S.
 * Source:  RFC 9110 sections 10.2.3 and 5.6.7. */
uint32_t backoff_retry_after_s(const char *text, const char *date, int64_t now_s);
#define BACKOFF_RETRY_AFTER_MAX_S 3600

#define BACKOFF_REFUSED_MS_MIN 5000  /* after 429 without Retry-After */
#define BACKOFF_BANNED_MS_MIN  60000 /* after 418 without Retry-After: asking on makes the ban longer */

/* What a refusal adds to a delay: the time it names, or the least that its status asks for. */
int64_t backoff_refused_ms(int64_t delay_ms, uint32_t http_status, uint32_t retry_after_s);

#endif
