/* SPDX-License-Identifier: MIT */
#include "core/md_event.h"

#include <errno.h>
#include <sys/mman.h>

/* One mapping holds frame and levels, some 10 MB of address space. The kernel gives a page when it is first written, so
 * a venue of 30 levels a side costs a few pages; malloc could hand out dirty memory that must be cleared first. */
struct md_frame_memory {
    struct md_frame frame;
    struct md_level bids[MD_LEVELS_MAX];
    struct md_level asks[MD_LEVELS_MAX];
    uint16_t bid_digits[MD_LEVELS_MAX];
    uint16_t ask_digits[MD_LEVELS_MAX];
    struct md_trade trades[MD_TRADES_MAX];
    struct md_day days[MD_EVENTS_MAX];
};

int md_frame_new(struct md_frame **ret)
{
    struct md_frame_memory *m;

    m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m == MAP_FAILED)
        return -ENOMEM;
    m->frame.bids = m->bids;
    m->frame.asks = m->asks;
    m->frame.bid_digits = m->bid_digits;
    m->frame.ask_digits = m->ask_digits;
    m->frame.trades = m->trades;
    m->frame.days = m->days;
    *ret = &m->frame;
    return 0;
}

struct md_frame *md_frame_free(struct md_frame *frame)
{
    /* The frame is the first member, so its address is the mapping's. */
    if (frame)
        (void)munmap(frame, sizeof(struct md_frame_memory));
    return NULL;
}

void md_frame_reset(struct md_frame *frame)
{
    frame->n_events = 0;
    frame->n_bids = 0;
    frame->n_asks = 0;
    frame->n_trades = 0;
    frame->n_days = 0;
    frame->has_connection_sequence = 0;
}
