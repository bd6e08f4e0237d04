# SPDX-License-Identifier: MIT
"""What was recorded replays to what was: over hand-overs under load, a promotion, connections cut, messages lost, books
that come and go, several connections at once. Every book that a reader saw is in the trace of the replay under the same
count with the same levels; as many messages were applied, and as many gaps were found, as the daemon counted; and what
is in the trace is the simulator's truth."""
import glob
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

APPLIED = ('snapshot', 'update', 'crossed', 'checksum')
# One of each kind of book: by REST and numbered; pushed, numbered alike on all connections; numbered on each; checksums; whole.
VENUES = [('binance', ['BTCUSDT', 'SHIBBTC', 'ETHUSDT'], ''), ('okx', ['BTC-USDT', 'SATS-BTC', 'ETH-USDT'], ''),
          ('bybit', ['BTCUSDT', 'SHIBUSDC', 'ETHUSDT'], ''), ('kraken', ['BTC/USD', 'PEPE/USD', 'ETH/USD'], 'depth = 10'),
          ('coinbase-adv', ['BTC-USD', 'SKL-BTC', 'ETH-USD'], ''), ('upbit', ['KRW-BTC', 'BTC-XRP', 'KRW-ETH'], '')]
RATE = 200


class Seen:
    """What a reader saw: levels by symbol and count."""

    def __init__(self, hogad, names):
        self.books = []
        self.watch = t.Watch(hogad, names, self._look)

    def _look(self, book):
        if book['state'] == 'live':
            self.books.append((book['symbol'], book['applied'], book['bids'], book['asks']))

    def stop(self):
        self.watch.stop()
        return self.books


def replayed(folder, venue):
    """The trace of all files of the recording, one behind the other."""
    paths = sorted(glob.glob(os.path.join(folder, venue, '*.jsonl.zst')))
    t.check(len(paths) > 0, 'something was recorded')
    text = b''
    for path in paths:
        with open(path, 'rb') as file:
            text += file.read()
    done = subprocess.run([t.program('hogad'), '--replay', '-', '--venue', venue, '--trace'], input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    t.check((done.returncode, done.stderr) == (0, b''), (done.returncode, done.stderr))
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(sim, venue, folder, seen, counted, lasts):
    trace = replayed(folder, venue)
    applied = [line for line in trace if line['event'] in APPLIED]
    t.check(len(applied) == counted['books_applied'], '%s: %d replayed, %d were applied' %
            (venue, len(applied), counted['books_applied']))
    n_gaps = sum(line['event'] in ('gap', 'checksum') for line in trace)
    if venue != 'coinbase-adv':  # whose gaps are the connection's
        t.check(n_gaps == counted['gaps'], '%s: %d gaps, %d were counted' % (venue, n_gaps, counted['gaps']))
    books, last_k = {}, {}
    for line in applied:
        symbol, k = line['symbol'], line['k']
        t.check(k in (1, last_k.get(symbol, 0) + 1), 'counted through: %s %d behind %s' % (symbol, k, last_k.get(symbol)))
        last_k[symbol] = k
        books.setdefault((symbol, k), []).append((line['bids'], line['asks']))
    n = 0
    for symbol, k, bids, asks in seen:
        n += 1
        t.check((bids, asks) in books.get((symbol, k), []), '%s %s %d: seen %s, replayed %s' %
                (venue, symbol, k, (bids[:2], asks[:2]), [(b[:2], a[:2]) for b, a in books.get((symbol, k), [])]))
    depth = 10 if venue == 'kraken' else 30
    for symbol, last in lasts.items():
        bids, asks = books[symbol, last_k[symbol]][-1]
        t.check(bids == last['bids'][:depth] and asks == last['asks'][:depth], (venue, symbol))
    for line in applied[-300:]:  # as many as it keeps
        t.check(sim.ask('holds', symbol=line['symbol'], bids=line['bids'][:depth], asks=line['asks'][:depth])['ok'], line)
    print('%-12s %5d messages replayed as they were applied, %d gaps, %d books as they were seen' %
          (venue, len(applied), n_gaps, n), flush=True)


def ends_true(sim, hogad, venue, symbols, seen):
    """The market stands still, the books have the last of it, and hogad ends: what a reader saw, what was counted in all,
    the last of the market."""
    depth = 10 if venue == 'kraken' else 30
    names = {symbol: '%s:%s' % (venue, symbol) for symbol in symbols}
    sim.op('pause')
    lasts = {symbol: sim.last(symbol) for symbol in symbols}

    def is_last(symbol):
        book = t.book(hogad, names[symbol])
        return book and all(book[side][:depth] == lasts[symbol][side][:depth] for side in ('bids', 'asks'))
    t.wait_until(lambda: all(is_last(symbol) for symbol in symbols), 30, 'the books have the last of the market')
    books = seen.stop()
    t.check(hogad.stop() == 0, 'an orderly end')
    counted = t.counters(hogad)  # now nothing is on its way any more
    t.check(counted['record_dropped'] == 0, counted)
    return books, counted, lasts


def carrier(hogad):
    return t.wait_until(lambda: [(row['connection'],) for row in hogad.admin(verb='status')['connections']
                                 if row['books'] > 0], 30, 'a connection')[0][0]


def wait_live(hogad, names):
    well = time.time_ns()
    t.wait_until(lambda: all(int((t.book(hogad, name, '--live') or {}).get('recv_ns', 0)) > well for name in names), 20, 'live')


def replace(hogad, n=1):
    for _ in range(n):
        before = t.counters(hogad)['handovers']
        answer = hogad.admin(verb='reconnect', connection=carrier(hogad))
        t.check(answer['ok'] and answer['make_before_break'], answer)
        t.wait_until(lambda: t.counters(hogad)['handovers'] > before, 20, 'handed over')


def promote(sim, hogad):
    """The connection dies while another is to take over."""
    ends = ('promotions', 'handovers', 'handover_failures')  # chance decides which
    before = t.counters(hogad)
    sim.fault('stall:300ms dropold:1')
    t.check(hogad.admin(verb='reconnect', connection=carrier(hogad))['ok'], 'begun')
    t.wait_until(lambda: any(t.counters(hogad)[name] > before[name] for name in ends), 20, 'promoted, or over in time')


def life(venue, symbols, config):
    folder = t.scratch()
    names = ['%s:%s' % (venue, symbol) for symbol in symbols]
    lines = [config, 'trades = no']
    with t.Sim('--symbols', ','.join(symbols), '--rate', str(RATE), '--lenient', venue=venue) as sim:
        with t.Hogad(sim, symbols, name=venue, venue='\n'.join(lines), arguments=['--record', folder]) as hogad:
            wait_live(hogad, names)
            seen = Seen(hogad, names)
            replace(hogad, 2)
            wait_live(hogad, names)
            sim.fault('drop')
            wait_live(hogad, names)
            sim.ask('fault', script='gap:3')
            wait_live(hogad, names)
            promote(sim, hogad)
            wait_live(hogad, names)
            # A book goes and comes back.
            for kept in (symbols[:2], symbols):
                hogad.write_config(sim, kept, venue='\n'.join(lines))
                t.check(hogad.admin(verb='reload')['ok'], 'reloaded')
                wait_live(hogad, names[:len(kept)])
            replace(hogad)
            sim.ask('fault', script='checksum:2')
            wait_live(hogad, names)
            books, counted, lasts = ends_true(sim, hogad, venue, symbols, seen)
        compare(sim, venue, folder, books, counted, lasts)


def many_connections():
    """Four connections of one venue, all replaced, all cut."""
    symbols = ['A%02d-USDT' % i for i in range(100)]
    names = ['okx:' + symbol for symbol in symbols]
    folder = t.scratch()
    more = '\n'.join('symbols = ' + ' '.join(symbols[i:i + 10]) for i in range(10, 100, 10)) + '\ntrades = no'
    with t.Sim('--symbols', ','.join(symbols), '--rate', '10', '--lenient', venue='okx') as sim:
        with t.Hogad(sim, symbols[:10], name='okx', venue=more, arguments=['--record', folder]) as hogad:
            t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 20, 'live')
            seen = Seen(hogad, names)
            for row in hogad.admin(verb='status')['connections']:
                t.check(hogad.admin(verb='reconnect', connection=row['connection'])['make_before_break'], row)
            t.wait_until(lambda: t.counters(hogad)['handovers'] == 4, 20, 'all replaced')
            sim.fault('drop')
            t.wait_until(lambda: t.counters(hogad)['connects'] >= 12, 20, 'all dialed anew')
            t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 20, 'live')
            books, counted, lasts = ends_true(sim, hogad, 'okx', symbols, seen)
        compare(sim, 'okx', folder, books, counted, lasts)


def main():
    only = sys.argv[1:]
    for venue, symbols, config in VENUES:
        if not only or venue in only:
            life(venue, symbols, config)
    if not only:
        many_connections()


main()
