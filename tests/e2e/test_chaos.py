# SPDX-License-Identifier: MIT
"""Everything at once, in an order drawn from a seed: faults of several venues together; hogad killed, stopped, ended and
started again; its wall clock set; its recording's disk full; its memory, its descriptors, its files short; reloads with
good and bad files; connections replaced by an operator; books asked for and let go; 64 readers coming and going. The oracle is the simulators' own truth.

No book is shown live that its venue never sent, none is torn, none live longer than a dead link may go unseen; no read
that begins 0.6 s after hogad died is given a live book; no reader hangs or has to remap; after each round, once the
venues are well, all is live again within 2 s beside the back-off; no budget is exceeded; hogad ends in order, and never
by itself but for want of memory.

HOGA_SEED=N gives the order again (the acts are printed with their times). A fixed seed and a random one; with
HOGA_CHAOS_SECONDS (an hour with tests/run --long) one seed after the other for as long."""
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from chaos_parts import EXTRA, LEASED, NAMES, STOP_SECONDS, VENUES, Daemon, Judge, Page, Reader
from sanitized import is_sanitized

RATE = 20
ROUNDS, ACTS = 2, 7
READERS = 60
ORACLES = 4
DEAD_SECONDS = 0.6
START_SECONDS = 3
WELL_SECONDS = 2
BUSY = 3  # times that: eight processes and their judges share what may be one processor
FIXED_SEED = 4
FAULTS = ['drop', 'rst', 'halfclose', 'stall:500ms', 'garbage:3', 'badframe', 'badclose', 'repeat:4', 'reorder:3',
          'gap:3', 'checksum:2', 'snapshot', 'closing:300ms', 'rest:503:n=2', 'rest:429:retry=1', 'oldsnapshot:2',
          'restgarbage', 'crossed', 'drip:700/1', 'fragment:5', 'refuse:2', 'http:503:n=2', 'http:429:retry=1',
          'maintenance:500ms', 'skew:2s', 'skew:-2s', 'bigframe:5MB', 'nopong:1s', 'ping:3', 'age:1s']
WELL = ['drip:0', 'fragment:1', 'skew:0s', 'age:0s']
pause = threading.Event()


def boot_s():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Chaos:
    def __init__(self, seed):
        self.seed, self.chance = seed, random.Random(seed)
        self.begun = time.monotonic()
        self.sims, self.judges, self.cleared, self.leases = {}, {}, [], []
        self.daemon = self.page = None
        self.said = open(os.path.join(t.scratch(), 'subscribe.err'), 'a+b')
        self.worst_dead = self.worst_well = 0
        self.may_die = False  # memory is short, or a start is without descriptors: it may say so and end

    def say(self, what):
        print('%7.2f %s' % (time.monotonic() - self.begun, what), flush=True)

    def wait(self, least, most):
        pause.wait(least + self.chance.random() * (most - least))

    # --- acts -------------------------------------------------------------------------------------------------------

    def fault(self):
        """Several venues at once."""
        for venue in self.chance.sample(sorted(VENUES), self.chance.randint(1, len(VENUES))):
            script = self.chance.choice(FAULTS)
            answer = self.judges[venue].ask('fault', script=script)
            self.say('%s %s%s' % (venue, script, '' if answer['ok'] else ' (has none)'))

    def kill(self):
        dead_for = self.chance.choice([0, 0, 0.05, 0.9])
        self.say('kill -9, dead for %g s' % dead_for)
        self.daemon.child.kill()
        killed = boot_s()
        self.daemon.child.wait()
        pause.wait(dead_for)
        self.judge_dead(killed)
        self.daemon.start()

    def term(self):
        self.say('SIGTERM')
        self.daemon.stop()
        ended = boot_s()
        pause.wait(self.chance.choice([0, 0.1, 0.8]))
        self.judge_dead(ended)
        self.daemon.start()

    def freeze(self):
        seconds = self.chance.choice([0.1, 0.4, 1.2])
        self.say('SIGSTOP for %g s' % seconds)
        self.daemon.signal(signal.SIGSTOP)
        stopped = boot_s()
        pause.wait(seconds)
        self.judge_dead(stopped)
        self.daemon.signal(signal.SIGCONT)

    def judge_dead(self, since):
        if boot_s() - since < DEAD_SECONDS:
            return
        last = self.page.value / 1e9 - since
        self.worst_dead = max(self.worst_dead, last)
        t.check(last <= DEAD_SECONDS, 'a read that began %.3f s after hogad was dead was given a live book' % last)

    def clock_jump(self):
        seconds = self.chance.choice([-86400, -3600, -1, 1, 60, 86400])
        self.say('wall clock %+d s' % seconds)
        self.daemon.clock.value = seconds * 10**9

    def disk_full(self):
        if not self.daemon.disk:
            return self.files_short()
        self.say('disk full')
        filler = os.open(os.path.join(self.daemon.record, 'filler'), os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(filler, b'x' * 4096) > 0:
                continue
        except OSError:
            os.close(filler)
        return self.cleared.append(lambda: os.remove(os.path.join(self.daemon.record, 'filler')))

    def files_short(self):
        self.say('RLIMIT_FSIZE')
        self.daemon.limit(resource.RLIMIT_FSIZE, 4096)
        return self.cleared.append(lambda: self.daemon.limit(resource.RLIMIT_FSIZE, None))

    def memory_short(self):
        if is_sanitized():
            return
        more = self.chance.choice([0, 1 << 20, 8 << 20])
        self.say('RLIMIT_AS %d KiB above what it has, and 5 MB frames' % (more >> 10))
        self.may_die = True
        self.daemon.limit(resource.RLIMIT_AS, self.daemon.size() + more)
        self.judges['upbit'].ask('fault', script='bigframe:5MB drop@300ms')
        self.cleared.append(lambda: self.daemon.limit(resource.RLIMIT_AS, None))

    def descriptors_short(self):
        n = len(os.listdir('/proc/%d/fd' % self.daemon.child.pid)) + self.chance.randint(-2, 1)
        self.say('RLIMIT_NOFILE %d, and connections drop' % n)
        self.may_die |= time.monotonic() - self.daemon.begun < START_SECONDS  # it cannot start without, and says so
        self.daemon.limit(resource.RLIMIT_NOFILE, n)
        for judge in self.judges.values():
            judge.ask('fault', script='drop')
        self.cleared.append(lambda: self.daemon.limit(resource.RLIMIT_NOFILE, None))

    def has_descriptors(self):
        """Without one hogad cannot take a connection; hoga waits a minute for it to."""
        self.daemon.limit(resource.RLIMIT_NOFILE, None)

    def reload_good(self):
        self.daemon.has_extra = not self.daemon.has_extra
        self.say('reload %s %s' % ('with' if self.daemon.has_extra else 'without', EXTRA))
        self.daemon.write_config()
        if self.chance.random() < 0.5:
            self.daemon.signal(signal.SIGHUP)
            return
        self.has_descriptors()
        done = t.hoga(self.daemon.segment, 'reload')
        short = self.cleared or self.daemon.child.poll() is not None
        t.check(done.returncode == 0 or (short and done.stderr.startswith('hoga: ')), done)

    def reload_bad(self):
        wrong = self.chance.choice(['nonsense', '[upbit]\nsymbols = "', '[nowhere]\nsymbols = A', '[okx]\ndepth = x'])
        self.say('reload of a wrong file')
        self.daemon.write_config(wrong)
        self.has_descriptors()
        done = t.hoga(self.daemon.segment, 'reload')
        self.daemon.write_config()
        t.check(done.returncode == 1 and done.stderr.startswith('hoga: '), done)

    def reconnect(self):
        """Asked by an operator: nothing is to be seen of it. What is down already is not replaced, and says so."""
        venue = self.chance.choice(sorted(VENUES))
        self.say('hoga reconnect ' + venue)
        self.has_descriptors()
        done = t.hoga(self.daemon.segment, 'reconnect', venue)
        t.check(done.returncode == 0 or done.stderr.startswith('hoga: '), done)

    def words(self):
        """Of the one who subscribes."""
        self.said.seek(0)
        return self.said.read().decode()[-2000:]

    def lease(self):
        """Somebody wants a book for as long as he runs, and may be gone in any way."""
        if self.leases:
            number = self.chance.choice([signal.SIGKILL, signal.SIGTERM])
            self.say('who asked for %s goes by signal %d' % (LEASED, number))
            child = self.leases.pop()
            child.send_signal(number)
            child.wait(STOP_SECONDS)
            return
        self.say('hoga subscribe ' + LEASED)
        self.said.truncate(0)
        self.leases.append(subprocess.Popen([t.program('hoga'), 'subscribe', 'upbit:' + LEASED, '--segment',
                                             self.daemon.segment], stdout=self.said, stderr=self.said))

    # --- rounds -----------------------------------------------------------------------------------------------------

    def revive(self):
        """It is not to be gone by itself; short of what it cannot do without it may, in words."""
        code = self.daemon.child.poll()
        if code is None:
            return
        log = self.daemon.log()[-3000:]
        t.check(self.may_die and code == 1 and ('hogad: ' in log or '<3>' in log),
                'hogad ended by itself with %d: %s' % (code, log))
        self.say('hogad ended for want of memory or descriptors')
        self.daemon.start()

    def up(self):
        """Its handlers stand and its segment is open."""
        n = self.daemon.starts

        def begun():
            self.revive()
            return self.daemon.log().count('segment.open') >= n or self.daemon.starts != n
        t.wait_until(begun, STOP_SECONDS, 'a start')

    def act(self):
        acts = [self.fault] * 6 + [self.kill] * 2 + [self.term, self.freeze, self.clock_jump, self.disk_full,
                                                     self.files_short, self.memory_short, self.descriptors_short,
                                                     self.reload_good, self.reload_bad, self.reconnect,
                                                     self.lease, self.lease]
        act = self.chance.choice(acts)
        self.up()
        try:
            act()
        except ProcessLookupError:
            self.revive()
        self.wait(0, 0.5)

    def recover(self):
        """End what goes on, then all is live with a book that arrived later."""
        self.up()
        for undo in self.cleared:
            try:
                undo()
            except (OSError, ProcessLookupError):
                continue
        self.cleared = []
        self.daemon.clock.value = 0
        for judge in self.judges.values():
            for script in WELL:
                judge.ask('fault', script=script)
        pause.wait(2)  # what was given with a time of its own has ended
        self.revive()
        self.up()
        done = t.hoga(self.daemon.segment, 'reload')  # one may have been refused for want of something
        t.check(done.returncode == 0, done)
        self.may_die = False
        self.live_again(time.time_ns())

    def live_again(self, well_ns):
        """Two seconds behind the later of now and the last dial that was put off. A clock that was set back leaves dials
        and books in a time to come: both are judged by what has arrived since."""
        latest, slow, patience = time.monotonic(), WELL_SECONDS * BUSY, t.Patience(0.2)
        while True:
            patience = t.Patience(0.2) if time.monotonic() < latest else patience
            late = patience.seconds()
            wanted = NAMES + (['upbit:' + EXTRA] if self.daemon.has_extra else [])
            if self.leases and self.leases[0].poll() is not None:  # hogad went before it was given the book
                t.check(self.leases.pop().returncode == 1 and 'held' not in self.words(), self.words())
            wanted += ['upbit:' + LEASED] if self.leases else []
            books = json.loads(t.hoga(self.daemon.segment, 'ls', '--json').stdout or '{"books":[]}')['books']
            books = [b for b in books if b['symbol'] != LEASED or self.leases]  # it may linger
            live = [b for b in books if b['state'] == 'live' and int(b['recv_ns'] or 0) >= well_ns]
            if sorted(b['name'] for b in live) == sorted(wanted) == sorted(b['name'] for b in books):
                break
            rows = json.loads(t.hoga(self.daemon.segment, 'stat', '--json').stdout or '{"connections":[]}')['connections']
            for row in rows:
                if row['next_dial_ns'] and row['state'] != 'live':
                    ahead = min(int(row['next_dial_ns']) - time.time_ns(), 61 * 10**9) / 1e9
                    latest = max(latest, time.monotonic() + ahead)
            t.check(late < slow, 'not live again: %s %s %s' % (
                [(b['name'], b['state'], b['reason']) for b in books if b not in live], self.words(),
                [(r['venue'], r['state'], r['reason'], r['next_dial_ns']) for r in rows]))
            self.revive()
            pause.wait(0.02)
        seconds = time.monotonic() - latest
        self.worst_well = max(self.worst_well, seconds)
        self.say('all %d live again %.2f s after all was well' % (len(wanted), seconds))

    def judge(self):
        for venue, judge in self.judges.items():
            t.check(not judge.wrong, '%s: shown live and never true: %s' % (venue, judge.wrong[:1]))

    def run(self, rounds):
        for venue, what in VENUES.items():
            self.sims[venue] = t.Sim('--symbols', ','.join(what['symbols'] + ([EXTRA, LEASED] if venue == 'upbit' else [])),
                                     '--rate', str(RATE), '--lenient', '--seed', str(self.seed % 1000),
                                     *what.get('arguments', []), venue=venue)
        self.daemon = Daemon(self.sims)
        self.daemon.start()
        self.up()
        readers = [Reader(self.daemon.segment, n % 2) for n in range(ORACLES)]
        self.page = Page()
        crowd = t.Process(t.program('reader_crowd'), self.daemon.segment, str(READERS), str(self.seed % 100000),
                          self.page.path, 'upbit:KRW-BTC', *NAMES, 'upbit:' + EXTRA,
                          'upbit:' + LEASED)
        crowd.line()
        self.live_again(0)
        self.judges = {venue: Judge(sim, self.daemon.segment, venue) for venue, sim in self.sims.items()}
        inode = os.stat(self.daemon.segment).st_ino
        held = None
        for _ in range(rounds):
            for _ in range(ACTS):
                self.act()
                self.judge()
            self.recover()
            self.judge()
            now = len(os.listdir('/proc/%d/fd' % self.daemon.child.pid))
            held = max(held or now, now)
        t.check(os.stat(self.daemon.segment).st_ino == inode, 'the file is adopted, never replaced')
        self.finish(readers, crowd)

    def finish(self, readers, crowd):
        crowd.send_signal(signal.SIGTERM)
        result = json.loads(crowd.line(STOP_SECONDS))
        results = [r.finish() for r in readers]
        for judge in self.judges.values():
            t.check(judge.child.poll() is None, '%s: watch has ended: %s' % (judge.venue, judge.words()))
            judge.stop()
        self.judge()
        stats = {venue: sim.stats() for venue, sim in self.sims.items()}
        self.daemon.stop()
        print(json.dumps(result))
        for what in ('torn', 'old', 'backwards', 'errors', 'crossed', 'hangs'):
            t.check(not result[what], 'the crowd: %s' % result)
        for one in results:
            for what in ('torn', 'stale', 'backwards', 'errors', 'remapped'):
                t.check(not one[what], 'a reader that stays: %s: %s' % (what, one))
        for venue, s in stats.items():
            t.check(s['request_violations'] == 0 and s['rest_violations'] == 0, '%s: budgets: %s' % (venue, s))
        seen = sum(j.seen for j in self.judges.values())
        t.check(seen > 100 and result['live'] > 100, 'books were judged: %d, %d' % (seen, result['live']))
        self.log_judge()
        print('seed %d: %d live books judged, %d lives of %d readers, %d starts; latest live read after a death %.3f s, '
              'live again after %.2f s' % (self.seed, seen, result['lives'], READERS, self.daemon.starts, self.worst_dead,
                                           self.worst_well), flush=True)
        for sim in self.sims.values():
            t.check(sim.stop() == 0, 'a simulator ends 0')

    def log_judge(self):
        for line in self.daemon.log().splitlines():
            t.check((line.startswith('<') and line[2:3] == '>') or line.startswith('hogad: '), 'a log line: ' + line)
            t.check('Sanitizer' not in line and 'Assertion' not in line, line)


def run(seed, rounds=ROUNDS):
    print('seed %d' % seed, flush=True)
    chaos = Chaos(seed)
    try:
        chaos.run(rounds)
    except BaseException as error:
        print('seed %d FAILED: %s' % (seed, error))
        if chaos.daemon:
            print(chaos.daemon.log()[-6000:])
        raise
    finally:
        if chaos.daemon:
            chaos.daemon.close()
        for child in chaos.leases:
            child.kill()
            child.wait()
        for judge in chaos.judges.values():
            judge.kill()
        for sim in chaos.sims.values():
            if sim.is_running():
                sim.kill()


def main():
    chance = int(os.environ.get('HOGA_SEED', str(time.time_ns() % 1000000)))
    until = time.monotonic() + float(os.environ.get('HOGA_CHAOS_SECONDS', '3600' if 'HOGA_LONG' in os.environ else '0'))
    if 'HOGA_SEED' not in os.environ:
        run(FIXED_SEED)
    run(chance)
    while time.monotonic() < until:
        chance = (chance * 6364136223846793005 + 1442695040888963407) % 1000003
        run(chance)


main()
