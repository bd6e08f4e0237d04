# SPDX-License-Identifier: MIT
"""kill -9 at random moments under eight readers: no torn book, no reader that hangs, remaps or must be restarted, and
a dead daemon is `down` for every reader within 0.6 s: no read that begins later is given a live book (a reader may well
be kept from the processor for longer than that, so its own word for it has more time). HOGA_KILLS says how often (default 40; tests/run --long 1000).
Every tenth time the daemon is left dead long enough for the readers to say so. Then SIGSTOP: readers go on."""
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

KILLS = int(os.environ.get('HOGA_KILLS', '40'))
READERS = 8
DOWN_SECONDS_MAX = 0.6
pause = threading.Event()


def boot_s():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Reader(t.Process):
    """A reader_oracle whose words are kept with their times as they come."""

    def __init__(self, segment, waits):
        t.Process.__init__(self, t.program('reader_oracle'), segment, 'upbit:KRW-BTC', *(['--wait'] if waits else []))
        self.words = []
        self.result = None
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self):
        for line in self.child.stdout:
            line = line.decode()
            if line.startswith('state '):
                _, when, state, reason, live = line.split()
                self.words.append((int(when) / 1e9, state, reason, int(live) / 1e9))
            elif line.startswith('{'):
                self.result = json.loads(line)

    def finish(self):
        self.send_signal(signal.SIGTERM)
        t.check(self.child.wait(t.STOP_SECONDS) == 0, 'a reader ends 0 at once: ' + self.log())
        self.thread.join(t.STOP_SECONDS)
        return self.result


def is_live(segment):
    book = t.book(segment, 'upbit:KRW-BTC')
    return book and book['state'] == 'live'


def seen_down(readers):
    """The last word of each reader if all say `down`. A daemon that was kept from the processor may have been down for
    some of them before it died, so the words need not be younger than its death."""
    words = [r.words[-1] for r in readers]
    return words if all(w[1] == 'down' for w in words) else None


def kill_often(sim, segment, readers, seed):
    chance = random.Random(seed)
    inode, worst = None, 0
    for i in range(KILLS):
        hogad = t.Hogad(sim, segment=segment)
        inode = inode or t.wait_until(lambda: os.path.exists(segment) and os.stat(segment).st_ino, 30, 'a segment')
        if i == 0 and not readers:
            readers.extend(Reader(segment, waits=n % 2) for n in range(READERS))
        long_dead = i % 10 == 0
        if long_dead:
            t.wait_until(lambda: all(r.words and r.words[-1][1] == 'live' for r in readers), 60,
                         'live for every reader after kill %d' % i)
        pause.wait(chance.random() * 0.2)
        hogad.send_signal(signal.SIGKILL)
        killed = boot_s()  # not before: who is kept from the processor in between leaves it alive
        hogad.kill()
        t.check(all(r.is_running() for r in readers), 'every reader is still there')
        if long_dead:
            firsts = t.wait_until(lambda: seen_down(readers), 30, 'down for every reader')
            worst = max([worst] + [w[3] - killed for w in firsts])
    t.check(os.stat(segment).st_ino == inode, 'the file is adopted, never replaced')
    return worst


def stop_in_mid_flight(sim, segment, readers):
    """SIGSTOP at any moment, publishing flat out: readers say down, none blocks, and all come back with it."""
    with t.Hogad(sim, segment=segment) as hogad:
        for _ in range(5):
            t.wait_until(lambda: all(r.words[-1][1] == 'live' for r in readers), 60, 'live for every reader')
            hogad.send_signal(signal.SIGSTOP)
            stopped = boot_s()
            firsts = t.wait_until(lambda: seen_down(readers), 30, 'down while stopped')
            t.check(max(w[3] - stopped for w in firsts) <= DOWN_SECONDS_MAX, firsts)
            hogad.send_signal(signal.SIGCONT)
        t.wait_until(lambda: is_live(segment), 30, 'live again')


def main():
    seed = int(os.environ.get('HOGA_SEED', str(time.time_ns() % 1000000)))
    print('seed %d, %d kills' % (seed, KILLS))
    segment = os.path.join(t.scratch(), 'books')
    readers = []
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '2000', '--sealed', '--lenient') as sim:
        worst = kill_often(sim, segment, readers, seed)
        stop_in_mid_flight(sim, segment, readers)
        t.wait_until(lambda: seen_down(readers), 30, 'down for every reader: %s' % [r.words[-1] for r in readers])
        results = [r.finish() for r in readers]
    for result in results:
        print(json.dumps(result))
        for what in ('torn', 'stale', 'backwards', 'errors', 'remapped'):
            t.check(not result[what], '%s: %s' % (what, result))
        t.check(result['live'] > 0, 'every reader saw live books')
    print('latest live read after a kill: %.3f s' % worst)
    t.check(worst <= DOWN_SECONDS_MAX, 'down within %.1f s, not %.3f' % (DOWN_SECONDS_MAX, worst))


main()
