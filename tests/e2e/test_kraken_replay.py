# SPDX-License-Identifier: MIT
"""Kraken and Coinbase against books of this test's own: it keeps them whole, tells a client what a venue would (Kraken:
the window of the depth, no delete for what falls out of it, zlib's CRC32), puts faults in, and compares what hogad
makes of it with the truth. A replay goes on after a fault, and must say so."""
import json
import os
import random
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

DEPTH = 10
SYMBOL = 'PEPE/USD'
FAULTS = ('badchecksum', 'drop', 'repeat', 'reorder', 'crossed')


class Market:
    """Prices in units of 1e-10, sizes of 1e-8: zeros at the end of either matter for the checksum."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.full = [{89000 - i: self.size() for i in range(40)}, {89001 + i: self.size() for i in range(40)}]
        self.seen = self.top()

    def size(self):
        return self.random.choice((100000000, 150000000, 7, self.random.randrange(1, 10 ** 14)))

    def top(self):
        bids, asks = self.full
        return [dict(sorted(bids.items(), reverse=True)[:DEPTH]), dict(sorted(asks.items())[:DEPTH])]

    def move(self):
        """Changes levels until the client's window has changed. Returns its changes a side."""
        while True:
            for _ in range(self.random.randrange(1, 4)):
                side = self.random.randrange(2)
                i = self.random.randrange(14)
                price = 89001 + i if side else 89000 - i
                if price in self.full[side] and len(self.full[side]) > 20 and self.random.random() < 0.4:
                    del self.full[side][price]
                else:
                    self.full[side][price] = self.size()
            now = self.top()
            changes = [[(p, 0) for p in self.seen[s] if p not in self.full[s]] +
                       [(p, q) for p, q in now[s].items() if self.seen[s].get(p) != q] for s in (0, 1)]
            if changes != [[], []]:
                self.seen = now
                return changes


def price_text(p):
    return '0.%010d' % p


def size_text(q):
    return '%d.%08d' % divmod(q, 10 ** 8)


def crc(sides):
    text = ''.join(str(p) + str(q) for side, best_first in ((1, sorted(sides[1])), (0, sorted(sides[0], reverse=True)))
                   for p, q in ((p, sides[side][p]) for p in best_first))
    return zlib.crc32(text.encode())


def frame(kind, sides, checksum):
    rows = [','.join('{"price":%s,"qty":%s}' % (price_text(p), size_text(q)) for p, q in side) for side in sides]
    return ('{"channel":"book","type":"%s","data":[{"symbol":"%s","bids":[%s],"asks":[%s],"checksum":%d,'
            '"timestamp":"2026-11-23T00:00:00.000001Z"}]}' % (kind, SYMBOL, rows[0], rows[1], checksum))


def snapshot(market):
    return frame('snapshot', [list(side.items()) for side in market.seen], crc(market.seen))


def script(seed):
    """Frames, each with the book that the venue had then, and whether it is live after it: True, False, or None where
    it may be (a lost change that a later one undid leaves no trace)."""
    market = Market(seed)
    frames = [(snapshot(market), market.seen, True)]
    for _ in range(12):
        for _ in range(market.random.randrange(1, 6)):
            changes = market.move()
            frames.append((frame('update', changes, crc(market.seen)), market.seen, True))
        fault = market.random.choice(FAULTS)
        changes = market.move()
        update = frame('update', changes, crc(market.seen))
        if fault == 'badchecksum':
            frames.append((frame('update', changes, crc(market.seen) ^ 1), market.seen, False))
        elif fault == 'repeat':
            frames += [(update, market.seen, True), (update, market.seen, True)]
        elif fault == 'crossed':
            high = [[(max(market.seen[1]) + 50, 1)], []]
            frames.append((frame('update', high, crc(market.seen)), market.seen, False))
        else:
            then, later = market.seen, market.move()
            after = frame('update', later, crc(market.seen))
            frames.append((after, market.seen, None))
            if fault == 'reorder':
                frames.append((update, then, None))
        frames.append((snapshot(market), market.seen, True))
    return frames


def replay(venue, url, texts):
    path = os.path.join(t.scratch(), 'made.jsonl')
    with open(path, 'w', encoding='utf-8') as out:
        for i, text in enumerate(texts):
            line = {'t': 10 ** 18 + i, 'ev': 'tx' if '"params"' in text else 'rx', 'url': url, 'text': text}
            out.write(json.dumps(line) + '\n')
    done = subprocess.run([t.program('hogad'), '--replay', path, '--venue', venue, '--trace'],
                          capture_output=True, text=True, timeout=120, check=False)
    t.check(done.returncode == 0, 'the replay failed: ' + done.stderr[-500:])
    return {row['line'] - 1: row for row in map(json.loads, done.stdout.splitlines()) if row.get('symbol')}


def number(text, unit):
    whole, _, fraction = text.partition('.')
    return int(whole + fraction.ljust(unit, '0'))


def kraken(seed):
    request = '{"method":"subscribe","params":{"channel":"book","symbol":["%s"],"depth":%d}}' % (SYMBOL, DEPTH)
    frames = script(seed)
    rows = replay('kraken', 'wss://ws.kraken.com/v2', [request] + [made[0] for made in frames])
    faults = 0
    for i, (_, truth, wanted) in enumerate(frames, 1):
        t.check(i in rows, 'seed %d: frame %d left no trace' % (seed, i))
        row = rows[i]
        book = [{number(p, 10): number(q, 8) for p, q in row[side]} for side in ('bids', 'asks')]
        is_live = row['state'] == 'live'
        t.check(wanted in (None, is_live), 'seed %d: frame %d is %s' % (seed, i, row['state']))
        t.check(not is_live or book == truth, 'seed %d: frame %d is live and wrong' % (seed, i))
        faults += not is_live
    return faults


def coinbase():
    """No proof on level2_batch: what is not lost is right, and a whole book of several MB is taken in one frame."""
    bids = [['%d.%02d' % divmod(6000000 - i, 100), '0.%08d' % (i + 1)] for i in range(110000)]
    asks = [['%d.%02d' % divmod(6000001 + i, 100), '1.50'] for i in range(110000)]
    whole = json.dumps({'type': 'snapshot', 'product_id': 'BTC-USD', 'bids': bids, 'asks': asks},
                       separators=(',', ':'))
    change = ('{"type":"l2update","product_id":"BTC-USD","changes":[["buy","60000","0"],["sell","60000.010","2"]],'
              '"time":"2026-11-23T00:00:00.000001Z"}')
    t.check(len(whole) > 4 << 20, 'the snapshot is too small to prove anything')
    rows = replay('coinbase', 'wss://ws-feed.exchange.coinbase.com', [change, whole, change])
    t.check(rows[1]['bids'][0] == ['60000', '0.00000001'] and rows[1]['asks'][0] == ['60000.01', '1.5'],
            'the snapshot: %s' % str(rows[1])[:300])
    t.check(rows[2]['bids'][0] == ['59999.99', '0.00000002'] and rows[2]['asks'][0] == ['60000.01', '2'],
            'the change: %s' % str(rows[2])[:300])


def main():
    faults = sum(kraken(seed) for seed in range(20))
    t.check(faults > 50, 'only %d faults' % faults)
    coinbase()


if __name__ == '__main__':
    main()
