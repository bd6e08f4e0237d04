# SPDX-License-Identifier: MIT
"""The parts of test_chaos.py: hogad kept as systemd would, judges of what it shows, readers that stay."""
import json
import mmap
import os
import resource
import signal
import struct
import subprocess
import threading
import time

import hoga_test as t
from sanitized import is_sanitized

STOP_SECONDS = 30  # for a start as well; of a machine that is busy with all of this
# The first is sealed. Symbols; lines of the section; levels that are proven.
VENUES = {
    'upbit': {'symbols': ['KRW-BTC', 'KRW-ETH'], 'arguments': ['--sealed'], 'depth': 30},
    'okx': {'symbols': ['BTC-USDT', 'SATS-BTC'], 'depth': 30},
    'binance': {'symbols': ['BTCUSDT', 'SHIBBTC'], 'depth': 30},
    'kraken': {'symbols': ['BTC/USD', 'PEPE/USD'], 'config': 'depth = 10', 'depth': 10},
}
EXTRA = 'KRW-XRP'  # of upbit: comes and goes by reload
LEASED = 'KRW-DOGE'  # of upbit: comes and goes with those who ask for it
NAMES = ['%s:%s' % (venue, symbol) for venue, what in VENUES.items() for symbol in what['symbols']]


class Page:
    """A number in a file that is shared with a program, and one behind it that stays 0 (clock_shim.c)."""

    def __init__(self):
        self.path = os.path.join(t.scratch(), 'page')
        with open(self.path, 'wb') as file:
            file.write(struct.pack('qq', 0, 0))
        with open(self.path, 'r+b') as file:
            self.map = mmap.mmap(file.fileno(), 16)

    @property
    def value(self):
        return struct.unpack('qq', self.map[:])[0]

    @value.setter
    def value(self, value):
        self.map[:] = struct.pack('qq', value, 0)


class Daemon:
    """hogad as systemd would keep it: whenever it is gone, it is started again."""

    def __init__(self, sims):
        self.folder = t.scratch()
        self.segment = os.path.join(self.folder, 'books')
        self.config = os.path.join(self.folder, 'hoga.conf')
        self.record = os.path.join(self.folder, 'rec')
        self.log_path = os.path.join(self.folder, 'log')
        self.clock = Page()
        self.sims, self.has_extra, self.child, self.starts, self.begun = sims, False, None, 0, 0
        os.mkdir(self.record)
        self.disk = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=256k', 'none', self.record], check=False,
                                   stderr=subprocess.DEVNULL).returncode == 0
        self.write_config()

    def write_config(self, wrong=''):
        lines = ['[daemon]']
        for venue, what in VENUES.items():
            symbols = what['symbols'] + ([EXTRA] if venue == 'upbit' and self.has_extra else [])
            lines += ['[%s]' % venue, 'symbols = ' + ' '.join(symbols), 'url = ' + self.sims[venue].url,
                      what.get('config', '')]
        with open(self.config + '.part', 'w') as file:
            file.write('\n'.join(lines + [wrong]) + '\n')
        os.rename(self.config + '.part', self.config)

    def start(self):
        env = dict(os.environ, HOGA_CLOCK=self.clock.path)
        if not is_sanitized():
            env['LD_PRELOAD'] = os.path.join(t.BUILD, 'tests/e2e/clock_shim.so')
        with open(self.log_path, 'ab') as log:
            self.child = subprocess.Popen([t.program('hogad'), '-c', self.config, '--segment', self.segment, '--record',
                                           self.record], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        self.starts += 1
        self.begun = time.monotonic()

    def log(self):
        with open(self.log_path, errors='replace') as log:
            return log.read()

    def signal(self, number):
        self.child.send_signal(number)

    def stop(self):
        self.signal(signal.SIGTERM)
        try:
            code = self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError('SIGTERM does not end hogad') from None
        t.check(code == 0, 'SIGTERM ends hogad %d' % code)

    def limit(self, what, soft):
        hard = resource.prlimit(self.child.pid, what)[1]
        resource.prlimit(self.child.pid, what, (hard if soft is None else soft, hard))

    def size(self):
        with open('/proc/%d/statm' % self.child.pid) as file:
            return int(file.read().split()[0]) * resource.getpagesize()

    def close(self):
        if self.child and self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        if self.disk:
            subprocess.run(['umount', '-l', self.record], check=False)


class Judge:
    """Follows `hoga watch --json` of one venue, through every life of the daemon, and asks the simulator for each book
    that is shown live whether it ever was."""

    def __init__(self, sim, segment, venue):
        self.sim, self.venue, self.depth = sim, venue, VENUES[venue]['depth']
        self.seen, self.wrong, self.lock, self.is_over = 0, [], threading.Lock(), False
        self.log = open(os.path.join(t.scratch(), 'watch.err'), 'w+b')
        self.child = subprocess.Popen([t.program('hoga'), 'watch', '--json', '--segment', segment] +
                                       ['%s:%s' % (venue, symbol) for symbol in VENUES[venue]['symbols']],
                                      stdout=subprocess.PIPE, stderr=self.log)
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def ask(self, op, **values):
        with self.lock:
            return self.sim.ask(op, **values)

    def words(self):
        self.log.seek(0)
        return self.child.returncode, self.log.read().decode()

    def _follow(self):
        try:
            self._judge_all()
        except (OSError, ValueError) as error:
            if not self.is_over:
                self.wrong.append('the simulator has gone: %s' % error)

    def _judge_all(self):
        for line in self.child.stdout:
            document = json.loads(line)
            for book in document.get('books', [document]):
                if book['state'] == 'live':
                    self._judge(book)

    def _judge(self, book):
        bids, asks = book['bids'][:self.depth], book['asks'][:self.depth]
        if book['venue_ns'] in (None, '0'):
            truth = self.ask('holds', symbol=book['symbol'], bids=bids, asks=asks)
            good = truth['ok']
        else:
            truth = self.ask('truth', symbol=book['symbol'], timestamp=int(book['venue_ns']) // 1000000)
            good = truth['ok'] and (bids, asks) == (truth['bids'][:self.depth], truth['asks'][:self.depth])
        self.seen += 1
        if not good:
            self.wrong.append((book, truth))

    def kill(self):
        self.is_over = True
        self.child.kill()
        self.child.wait()
        self.thread.join(STOP_SECONDS)
        self.log.close()

    def stop(self):
        self.child.terminate()
        code = self.child.wait(STOP_SECONDS)
        self.thread.join(STOP_SECONDS)
        self.log.close()
        t.check(code == 0, '%s: watch ends %d' % (self.venue, code))


class Reader(t.Process):
    """One that stays for the whole of it (reader_oracle.c)."""

    def __init__(self, segment, waits):
        t.Process.__init__(self, t.program('reader_oracle'), segment, 'upbit:KRW-BTC', *(['--wait'] if waits else []))
        self.result = None
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self):
        for line in self.child.stdout:
            if line.startswith(b'{'):
                self.result = json.loads(line)

    def finish(self):
        self.send_signal(signal.SIGTERM)
        t.check(self.child.wait(STOP_SECONDS) == 0, 'a reader ends 0: ' + self.log())
        self.thread.join(STOP_SECONDS)
        return self.result
