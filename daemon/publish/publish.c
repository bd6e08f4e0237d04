/* SPDX-License-Identifier: MIT */
#include "publish/publish.h"

#include "shm/trade.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* A kept level is a published level, byte for byte: publishing is one copy, into the segment. */
static_assert(sizeof(struct md_level) == sizeof(struct hoga_abi_level), "levels are copied as they are");
static_assert(offsetof(struct md_level, price) == offsetof(struct hoga_abi_level, price), "price first");
static_assert(offsetof(struct md_level, size) == offsetof(struct hoga_abi_level, size), "size second");
static_assert(MD_SYMBOL_SIZE == HOGA_SYMBOL_SIZE, "a symbol that decodes can be listed");
static_assert(MD_DECIMALS_MAX == HOGA_DECIMALS_MAX, "decimals that decode can be published");
static_assert((int)STATE_COUNT <= UINT8_MAX, "a state fits its byte");
static_assert((int)REASON_COUNT <= UINT8_MAX, "a reason fits its byte");

static_assert((int)MD_SIDE_BUY == (int)HOGA_SI_BUY && (int)MD_SIDE_SELL == (int)HOGA_SI_SELL, "one list of sides");
static_assert((int)MD_FACT_COUNT == (int)HOGA_FACT_COUNT && MD_FACT_COUNT <= HOGA_FACTS_MAX, "one list of facts");
static_assert((int)MD_FACT_CHANGE == (int)HOGA_FACT_CHANGE && (int)MD_FACT_VALUE == (int)HOGA_FACT_VALUE &&
                  (int)MD_FACT_ASK_TOTAL == (int)HOGA_FACT_ASK_TOTAL,
              "one list of facts");
static_assert((int)MD_PERIOD_24_HOURS == (int)HOGA_PE_24_HOURS, "one list of periods");

static struct hoga_abi_book_head head_make(const struct book_view *view, const struct publish_meta *meta,
                                           uint32_t depth)
{
    return (struct hoga_abi_book_head){
        .state = view->verdict.state,
        .reason = view->verdict.reason,
        .proof = meta->proof,
        .source = meta->source,
        .price_decimals = view->price_decimals,
        .size_decimals = view->size_decimals,
        .connection = (uint16_t)meta->conn,
        .n_bids = view->n_bids < depth ? view->n_bids : depth,
        .n_asks = view->n_asks < depth ? view->n_asks : depth,
        .since_ns = view->verdict.since_ns,
        .venue_ns = view->venue_ns,
        .recv_ns = view->recv_ns,
        .publish_ns = meta->now_ns,
        .changed_boot_ns = view->changed_boot_ns,
        .connection_update = meta->connection_update,
        .n_applied = view->n_applied,
    };
}

void publish_book(struct writer *w, uint32_t slot, const struct book_view *view, const struct publish_meta *meta)
{
    struct hoga_abi_book_head head = head_make(view, meta, writer_depth(w));

    writer_book_publish(w, slot, &head, (const struct hoga_abi_level *)(const void *)view->bids,
                        (const struct hoga_abi_level *)(const void *)view->asks);
}

void publish_verdict(struct writer *w, uint32_t slot, const struct book_view *view, const struct publish_meta *meta)
{
    struct hoga_abi_book_head head = head_make(view, meta, writer_depth(w));

    writer_verdict_publish(w, slot, &head);
}

void publish_trade(struct writer *w, uint32_t slot, const struct md_trade *trade, int is_after_gap, int64_t recv_ns)
{
    const struct hoga_abi_trade to = {
        .id = trade->id,
        .price = trade->price,
        .size = trade->size,
        .venue_ns = trade->venue_ns,
        .recv_ns = recv_ns,
        .price_decimals = trade->price_decimals,
        .size_decimals = trade->size_decimals,
        .side = trade->side,
        .flags = is_after_gap ? HOGA_TRADE_AFTER_GAP : 0,
    };

    writer_trade_publish(w, slot, &to);
}

void publish_day(struct writer *w, uint32_t slot, const struct day *day)
{
    struct hoga_abi_day to = { .known = day->known,
                               .period = day->period,
                               .last_ns = day->last_ns,
                               .venue_ns = day->venue_ns,
                               .recv_ns = day->recv_ns,
                               .totals_update = day->totals_update };

    memcpy(to.fact, day->fact, sizeof(day->fact));
    memcpy(to.decimals, day->decimals, sizeof(day->decimals));
    writer_day_publish(w, slot, &to);
}
