# SPDX-License-Identifier: MIT
"""Recordings served over a real socket, and their snapshots by REST: a live hogad follows them to the golden's last book
in every market, live, and what it recorded on the way replays to the golden's messages."""
import glob
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

SIDES = ('bids', 'asks')
# Without gaps, reconnects, or channels that hoga does not subscribe to under the plain symbol; one a dialect.
CAPTURES = {
    'bithumb': ['derived-v1'],
    'okx': ['cf-20220513', 'derived-seq', 'derived-seq-checksum0'],
    'bybit': ['derived-v5-orderbook50', 'ob500-20241201'],
    'kraken': ['cf-20210417-book1000', 'derived-v2-depth10', 'synthetic-v2-truncation'],
    'coinbase': ['cf-20210417'],
    'coinbase-adv': ['../coinbase/derived-advtrade'],
    'bitget': ['cf-20220407-spot'],
    'binance': ['cf-20210417', 'cf-20211012'],
    'binance-usdm': ['cf-20210722'],
    'binance-coinm': ['cf-20210417'],
}


def follow(venue, capture, want):
    """Serve and follow; the last books, the recording's path, and how many snapshots were fetched."""
    def last():
        return {symbol: t.book(hogad, '%s:%s' % (venue, symbol), '--depth', '30') for symbol in want}

    def is_last(books):
        return all(book and book['state'] == 'live' and all(book[side] == want[symbol]['final'][side] for side in SIDES)
                   for symbol, book in books.items())
    folder = t.scratch()
    with t.Sim('--replay', capture, '--speed', 'max', '--lossless', '--lenient', venue='recorded') as sim:
        with t.Hogad(sim, sorted(want), arguments=['--record', folder], name=venue) as hogad:
            t.wait_until(lambda: sim.stats()['replay']['done'], 90, '%s: all of it sent: %s' % (capture, sim.stats()))
            sent = sim.stats()['frames']
            t.wait_until(lambda: t.counters(hogad)['frames'] >= sent, 20, 'all %d frames read' % sent)
            # Counted first, then published; a snapshot may still be on its way; a hogad without a processor is no live one.
            books, end = last(), time.monotonic() + 60
            while not is_last(books) and time.monotonic() < end:
                books = last()
            t.check(t.counters(hogad)['connects'] == 1, 'one connection did it')
            t.check(hogad.stop() == 0, 'an orderly end')
            n_fetched = sim.stats()['rest_requests']
    recordings = sorted(glob.glob(os.path.join(folder, venue, '*.jsonl.zst')))
    t.check(len(recordings) == 1, recordings)
    return books, recordings[0], n_fetched


def check(venue, capture):
    golden = json.load(open(capture.split('.jsonl')[0] + '.golden.json'))
    golden = golden.get('variants', {}).get('fit', golden)
    want = {symbol: one for symbol, one in golden['symbols'].items() if one.get('applied')}
    books, recording, n_fetched = follow(venue, capture, want)
    for symbol, one in want.items():
        book = books[symbol]
        t.check(book and book['state'] == 'live', '%s %s: %s' % (venue, symbol, book and (book['state'], book['reason'])))
        for side in SIDES:
            t.check(book[side] == one['final'][side], '%s %s: %s of the last book' % (venue, symbol, side))
    got = t.trace(recording, venue)
    hashes = {s: [o['trace30'][i:i + 8] for i in range(0, len(o['trace30']), 8)] for s, o in want.items()}
    # A machine that stands still for long has a quiet book's snapshot fetched again, which is one message more.
    if n_fetched > len(want):
        got, hashes = ({s: v[-1] for s, v in one.items()} for one in (got, hashes))
    t.check(got == hashes, '%s: %s' % (capture, {s: len(v) for s, v in got.items()}))
    print('%s %s: equal' % (venue, os.path.basename(capture)))


def main():
    for venue, names in CAPTURES.items():
        for name in names:
            folder = '' if '/' in name else venue
            paths = glob.glob(os.path.join(t.captures('upbit'), '..', folder, name.replace('../', '') + '.jsonl*'))
            t.check(len(paths) == 1, '%s/%s' % (venue, name))
            check(venue, os.path.normpath(paths[0]))


main()
