/* SPDX-License-Identifier: MIT */
#include "book/sync.h"

#include <assert.h>
#include <stddef.h>

typedef enum book_step (*sync_build_fn)(struct book *bk, const struct md_event *event, const struct md_frame *frame,
                                        const struct feed_input *in);

static enum book_step sync_judge(struct book *bk, enum book_step applied, int64_t now_ns)
{
    if (book_is_crossed(bk)) {
        (void)book_verdict_set(bk, STATE_CROSSED, REASON_CROSSED_BOOK, now_ns);
        return BOOK_CROSSED;
    }
    (void)book_verdict_set(bk, STATE_LIVE, REASON_NONE, now_ns);
    return applied;
}

/* Every message is a whole book: there is nothing to follow, so what can be held is right. A refused message leaves the
 * last verified levels; the next good one heals everything. */
static enum book_step sync_replace(struct book *bk, const struct md_event *event, const struct md_frame *frame,
                                   const struct feed_input *in)
{
    if (book_replace(bk, event, frame, in) < 0) {
        (void)book_verdict_set(bk, STATE_FAILED, REASON_NUMBER_RANGE, in->recv_ns);
        return BOOK_REFUSED;
    }
    return sync_judge(bk, BOOK_SNAPSHOT, in->recv_ns);
}

enum book_step sync_apply(const struct venue *venue, struct book *bk, const struct md_event *event,
                          const struct md_frame *frame, const struct feed_input *in)
{
    /* A builder is a function and its row here; no venue of venues.def asks for one that has none. */
    static const sync_build_fn build[] = { [VENUE_BUILD_REPLACE] = sync_replace };

    assert(event->kind == MD_BOOK);
    assert((size_t)venue->builder < sizeof(build) / sizeof(build[0]));
    return build[venue->builder](bk, event, frame, in);
}

int sync_next(const struct venue *venue, struct book *bk, const struct feed_input *in, enum book_step *ret)
{
    (void)venue, (void)bk, (void)in, (void)ret;
    return 0;
}

void sync_forget(struct book *bk)
{
    (void)bk;
}
