# SPDX-License-Identifier: MIT
"""Make before break: connections are replaced by age, by the venue's notice and by an operator, under load. Every book
stays live without interruption, and what each has applied is what its market has made, message by message."""
import atexit
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from sanitized import is_sanitized

# With RATE books a second of each symbol there are at least 1,000 frames a second; with a sanitizer, of which a busy machine
# lets hogad take no more than a few hundred, it would rightly be lagging.
RATE = 60 if is_sanitized() else 210
VENUES = [
    ('binance', ['BTCUSDT', 'ETHUSDT', 'SHIBBTC', 'BNBUSDT', 'XRPUSDT'], ''),
    ('okx', ['BTC-USDT', 'ETH-USDT', 'SATS-BTC', 'XRP-USDT', 'PEPE-USDT'], ''),
    ('bybit', ['BTCUSDT', 'ETHUSDT', 'SHIBUSDC', 'XRPUSDT', 'SOLUSDT'], ''),
    ('kraken', ['BTC/USD', 'ETH/USD', 'PEPE/USD', 'XRP/USD', 'SOL/USD'], 'depth = 10'),
    ('upbit', ['KRW-BTC', 'KRW-ETH', 'BTC-XRP', 'KRW-SOL', 'KRW-DOGE'], ''),
]
SLOW = [('bithumb', ['KRW-BTC', 'BTC-ETH'], ''), ('bitget', ['BTCUSDT', 'MAVUSDT'], ''),
        ('gateio', ['BTC_USDT', 'QTUM3S_USDT'], ''), ('coinbase', ['BTC-USD', 'SKL-BTC'], ''),
        ('coinbase-adv', ['BTC-USD', 'SKL-BTC'], ''), ('binance-usdm', ['BTCUSDT', 'XRPUSDT'], ''),
        ('coinone', ['KRW-BTC', 'KRW-TNSR'], ''), ('korbit', ['btc_krw', 'eth_krw'], '')]

WITHOUT_TRADES = ('binance-usdm',)
WITH_DAY = ('binance', 'bybit', 'coinone', 'korbit')  # which is asked for by itself


def carrier(hogad):
    """The connection that carries the books, and no other one does."""
    rows = [row for row in hogad.admin(verb='status')['connections'] if row['books'] > 0]
    t.check(len(rows) == 1, rows)
    return rows[0]['connection']


def reconnect(hogad):
    before = t.counters(hogad)
    answer = hogad.admin(verb='reconnect', connection=carrier(hogad))
    t.check(answer['ok'] and answer['make_before_break'], answer)
    t.wait_until(lambda: t.counters(hogad)['handovers'] > before['handovers'], 60, 'handed over')
    # Where a request does not name everything, trades are asked for behind the books, and the day behind them.
    n_requests = 1 if hogad.section in ('upbit', 'bithumb') + WITHOUT_TRADES else 3 if hogad.section in WITH_DAY else 2
    t.wait_until(lambda: t.counters(hogad)['requests_sent'] >= before['requests_sent'] + n_requests, 60, 'asked for all')


class Scene:
    """A simulator and a daemon that carries its books."""

    def __init__(self, venue, symbols, config, rate=RATE):
        self.venue, self.symbols, self.config, self.rate = venue, symbols, config, rate
        self.names = ['%s:%s' % (venue, symbol) for symbol in symbols]

    def __enter__(self):
        self.sim = t.Sim('--symbols', ','.join(self.symbols), '--rate', str(self.rate), '--lossless', venue=self.venue)
        self.hogad = t.Hogad(self.sim, symbols=self.symbols, name=self.venue, venue=self.config)
        t.wait_until(lambda: all(t.book(self.hogad, name, '--live') for name in self.names), 30, 'live')
        t.wait_until(lambda: self.venue in WITHOUT_TRADES or t.counters(self.hogad)['trades'] > 0, 30,
                     'trades, which are asked for behind the books')
        return self

    def __exit__(self, *error):
        self.hogad.__exit__(*error)
        self.sim.__exit__(*error)

    def standstill(self):
        """The market stands still and the books have all of it: how many messages each has applied, and made."""
        self.sim.op('pause')
        t.wait_until(self._is_level, 30, 'the books have the last of the market')
        applied = [t.book(self.hogad, name)['applied'] for name in self.names]
        return applied, [self.sim.last(symbol)['seq'] for symbol in self.symbols]

    def trades(self):
        """How many were made, and how many of them were shown."""
        if self.venue in WITHOUT_TRADES:
            return 0, 0
        made = sum(self.sim.op('trades', symbol=symbol)['made'] for symbol in self.symbols)
        return made, t.counters(self.hogad)['trades']

    def _is_level(self):
        for name, symbol in zip(self.names, self.symbols):
            book, last = t.book(self.hogad, name), self.sim.last(symbol)
            if book['bids'][:5] != last['bids'][:5] or book['asks'][:5] != last['asks'][:5]:
                return False
            # The last message may have changed nothing but what lies deeper.
            if int(book['venue_ns'] or 0) // 1000000 not in (0, last['timestamp']):
                return False
        return True


def follow(scene):
    oracle = subprocess.Popen([t.program('handover_oracle'), scene.hogad.segment] + scene.names, stdout=subprocess.PIPE)
    atexit.register(oracle.kill)  # also where a check fails
    t.check(oracle.stdout.readline() == b'ready\n', 'the oracle follows')
    return oracle


def judge(oracle, n_moves):
    oracle.send_signal(signal.SIGTERM)
    seen = json.loads(oracle.communicate(timeout=60)[0])
    t.check(seen['not_live'] == 0 and seen['backwards'] == 0 and seen['time_backwards'] == 0, seen)
    t.check(seen['moves'] >= n_moves, 'the books moved: %s' % seen)
    return seen


def hand_over(venue, symbols, config, rate=RATE):
    """By an operator twice, and by notice where the venue has words for it."""
    with Scene(venue, symbols, config, rate) as scene:
        applied, made = scene.standstill()
        n_before = t.counters(scene.hogad)
        trades = scene.trades()
        oracle = follow(scene)
        scene.sim.op('resume')
        reconnect(scene.hogad)
        reconnect(scene.hogad)
        n_handovers = 2
        if rate == RATE and scene.sim.ask('fault', script='closing:20s')['ok']:
            # One that says so when it is young is put off (5 s).
            t.wait_until(lambda: t.counters(scene.hogad)['handovers'] == 3, 60, 'handed over after the notice')
            n_handovers = 3
        applied_then, made_then = scene.standstill()
        seen = judge(oracle, n_handovers)
        now = t.counters(scene.hogad)
        print('%s: %d messages, %d reads, %d hand-overs' % (venue, sum(made_then) - sum(made), seen['reads'],
                                                              n_handovers), flush=True)
        t.check(now['handover_sequences_lost'] == 0 and now['handover_failures'] == 0, now)
        t.check(now['gaps'] == n_before['gaps'] and now['disconnects'] == 0, now)
        # Some begin with trades of the past.
        t.wait_until(lambda: scene.trades()[0] - trades[0] <= scene.trades()[1] - trades[1], 30,
                     'all trades: %s, then %s' % (trades, scene.trades()))
        t.check(scene.trades()[1] <= scene.trades()[0], 'none twice: %s' % (scene.trades(),))
        # After a second a new connection that is ahead is taken, with a whole book instead of what a busy machine has not let
        # anybody read.
        is_exact = all(int(ms) < 1000 for ms in re.findall(r' took_ms=(\d+)', scene.hogad.log()))
        for name, a, b, c, d in zip(scene.names, applied, applied_then, made, made_then):
            t.check(b - a == d - c or (b - a < d - c and not is_exact), '%s: %d applied, %d made' % (name, b - a, d - c))
        t.check('connection.handed_over venue=%s' % venue in scene.hogad.log(), scene.hogad.log())
        t.check(scene.sim.stats()['violations'] == 0, scene.sim.stats())


def by_age():
    """The venue ends connections that are 12 s old; ours are replaced in the last tenth of 3 s."""
    with Scene('binance', ['BTCUSDT', 'SHIBBTC'], 'age_s = 3', 50) as scene:
        scene.sim.fault('age:12s')
        oracle = follow(scene)
        t.wait_until(lambda: t.counters(scene.hogad)['handovers'] >= 3, 60, 'three connections of age')
        judge(oracle, 3)
        now = t.counters(scene.hogad)
        t.check(now['disconnects'] == 0 and now['handover_sequences_lost'] == 0, now)
        t.check('reason=connection-age' in scene.hogad.log(), scene.hogad.log())
        print('by age: %d hand-overs' % now['handovers'], flush=True)


def troubles():
    """The new connection is refused, is lost before it is in sync; REST is closed; and the books are quiet."""
    with Scene('binance', ['BTCUSDT', 'SHIBBTC'], '', 50) as scene:
        oracle = follow(scene)
        scene.sim.fault('refuse:1')
        reconnect(scene.hogad)
        t.check(t.counters(scene.hogad)['handover_failures'] == 1, 'refused once')
        # A market that stands still makes the new connection wait: time to lose it.
        scene.standstill()
        before = t.counters(scene.hogad)['handover_failures']
        n_upgrades = scene.sim.stats()['upgrades']
        t.check(scene.hogad.admin(verb='reconnect', connection=carrier(scene.hogad))['ok'], 'begun')
        t.wait_until(lambda: scene.sim.stats()['upgrades'] > n_upgrades, 30, 'dialed')
        scene.sim.fault('dropnew')
        t.wait_until(lambda: t.counters(scene.hogad)['handover_failures'] > before, 30, 'the old one goes on')
        n_rest = scene.sim.stats()['rest_requests']
        scene.sim.fault('rest:429:n=1000')
        t.wait_until(lambda: t.counters(scene.hogad)['handovers'] == 2, 60, 'quiet books go over, too')
        scene.sim.op('resume')
        reconnect(scene.hogad)
        t.check(scene.sim.stats()['rest_requests'] == n_rest, 'without one REST request')
        scene.standstill()
        judge(oracle, 3)
        now = t.counters(scene.hogad)
        t.check(now['handover_sequences_lost'] == 0 and now['gaps'] == 0 and now['disconnects'] == 1, now)
        print('troubles: %d hand-overs, %d failures' % (now['handovers'], now['handover_failures']), flush=True)


def main():
    start = time.monotonic()
    for venue, symbols, config in VENUES:
        hand_over(venue, symbols, config)
    for venue, symbols, config in SLOW:
        hand_over(venue, symbols, config, 40)
    by_age()
    troubles()
    print('%.0f s' % (time.monotonic() - start))


main()
