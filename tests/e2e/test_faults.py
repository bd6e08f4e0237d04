# SPDX-License-Identifier: MIT
"""Every fault of the simulator, in an order drawn from a seed (HOGA_SEED), over ws and wss: no book is ever shown live
that differs from what the simulator sent with that time, and all are live again soon after the venue is well."""
import json
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

SYMBOLS = ['KRW-BTC', 'BTC-XRP']
# What; how long the venue stays unwell after the script was given (back-off comes on top); whether it cuts the
# connection, in which case the next fault waits until the new one counts as proven (daemon/session: 2 s).
FAULTS = [('drop', 0, 1), ('rst', 0, 1), ('halfclose', 0, 1), ('stall:1s', 1, 0), ('garbage:5', 0, 0), ('badframe', 0, 1),
          ('badclose', 0, 1), ('repeat:5', 0, 0), ('reorder:5', 0, 0), ('crossed', 0, 0),
          ('drip:700/1 drip@400ms:0', 0.4, 0), ('fragment:7 fragment@400ms:1', 0.4, 0), ('refuse:2 drop', 0, 1),
          ('http:429:retry=1 drop', 1, 1), ('http:503:n=2 drop', 0, 1), ('maintenance:1s', 1, 1),
          ('error:INVALID_PARAM', 0, 1), ('bigframe:5MB', 0, 0), ('ping:3', 0, 0), ('skew:2s skew@400ms:0s', 0.4, 0)]
BACK_OFF_SECONDS = 10
PROVEN_SECONDS = 2.1


class Watcher:
    """Follows `hoga watch --json` and judges every line that says live."""

    def __init__(self, sim, hogad):
        self.sim = sim
        self.seen, self.wrong, self.states = 0, [], {}
        self.child = subprocess.Popen([t.program('hoga'), 'watch', '--json', '--segment', hogad.segment] +
                                      ['upbit:' + s for s in SYMBOLS], stdout=subprocess.PIPE)
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self):
        for line in self.child.stdout:
            document = json.loads(line)
            for book in document.get('books', [document]):
                self.states[book['symbol']] = (book['state'], book['reason'])
                if book['state'] == 'live':
                    self._judge(book)

    def _judge(self, book):
        with self.lock:
            truth = self.sim.ask('truth', symbol=book['symbol'], timestamp=int(book['venue_ns']) // 1000000)
        self.seen += 1
        if not truth['ok'] or book['bids'] != truth['bids'][:30] or book['asks'] != truth['asks'][:30]:
            self.wrong.append((book, truth))

    def stop(self):
        self.child.terminate()
        t.check(self.child.wait(5) == 0, 'watch ends 0 on SIGTERM')
        self.thread.join(5)


def all_live(hogad, after_ns):
    """Live with a book that arrived after that moment."""
    for symbol in SYMBOLS:
        book = t.book(hogad, 'upbit:' + symbol, '--live')
        if not book or int(book['recv_ns']) < after_ns:
            return False
    return True


def run(seed, arguments):
    faults = list(FAULTS)
    random.Random(seed).shuffle(faults)
    pause = threading.Event()
    with t.Sim('--symbols', ','.join(SYMBOLS), '--rate', '40', '--lenient', *arguments) as sim:
        with t.Hogad(sim, SYMBOLS) as hogad:
            t.wait_until(lambda: all_live(hogad, 0), 10, 'live')
            watcher = Watcher(sim, hogad)
            for script, unwell_seconds, cuts in faults:
                with watcher.lock:
                    sim.fault(script)
                pause.wait(0.1 + unwell_seconds)
                well = time.time_ns()
                t.wait_until(lambda: all_live(hogad, well), 2 + BACK_OFF_SECONDS, 'live again after ' + script)
                t.check(not watcher.wrong, 'after %s: %s' % (script, watcher.wrong[:1]))
                print('%-28s live again after %.2f s' % (script, time.time() - well / 1e9), flush=True)
                pause.wait(PROVEN_SECONDS if cuts else 0)
            watcher.stop()
            t.check(watcher.seen > 100, 'books were judged: %d' % watcher.seen)
            t.check(not watcher.wrong, watcher.wrong[:1])
            print('%s: %d live books judged, none wrong' % (arguments, watcher.seen))
            for line in hogad.log().splitlines():
                t.check(line.startswith('<') and line[2:3] == '>', 'a log line: ' + line)


def main():
    seed = int(os.environ.get('HOGA_SEED', str(time.time_ns() % 1000000)))
    print('seed %d' % seed)
    run(seed, [])
    run(seed + 1, ['--tls'])


main()
