/* SPDX-License-Identifier: MIT
 * checksum.h - the two checksums of books that exchanges send, over each number as the wire spelled it. Pure. */
#ifndef HOGA_CHECKSUM_H
#define HOGA_CHECKSUM_H

#include "venue/venue.h"

/* Up to 25 levels a side, bid and ask in turn, "price:size" joined by colons.
 * Source: ../shared/protocols/okx.md, "Checksum (historic...)"; bitget.md, "Checksum". */
uint32_t checksum_interleaved(const struct venue_book_side *bids, const struct venue_book_side *asks);
/* The best 10 asks, then the best 10 bids, each number without its point and leading zeros.
 * Source: ../shared/protocols/kraken.md, "Checksum, step by step". */
uint32_t checksum_of_digits(const struct venue_book_side *bids, const struct venue_book_side *asks);

#endif
