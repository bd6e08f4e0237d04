# SPDX-License-Identifier: MIT
"""Tells a whole book of `hoga-sim --sealed` from a torn or mixed one; the same as sealed.h, on decimal strings."""

from decimal import Decimal

_MASK = (1 << 64) - 1
_SIZE_MAX = 10**10


def _splitmix64(value):
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def size(seq, side, index):
    """The size at a level (side 0 bids, 1 asks) as a Decimal."""
    mantissa = seq
    if side != 0 or index != 0:
        mantissa = 1 + _splitmix64((seq * 1000003 + side * 1009 + index) & _MASK) % _SIZE_MAX
    return Decimal(mantissa).scaleb(-8)


def check(bids, asks):
    """Both sides as [["price", "size"], ...], best first. Returns the sequence number, or 0 for a book that is not whole."""
    if not bids or not asks:
        return 0
    best = Decimal(bids[0][0])
    tick = Decimal(asks[0][0]) - best
    seq = int(Decimal(bids[0][1]).scaleb(8))
    if tick <= 0 or seq < 1:
        return 0
    for i, (price, amount) in enumerate(bids):
        if Decimal(price) != best - i * tick or Decimal(amount) != size(seq, 0, i):
            return 0
    for i, (price, amount) in enumerate(asks):
        if Decimal(price) != best + (i + 1) * tick or Decimal(amount) != size(seq, 1, i):
            return 0
    return seq
