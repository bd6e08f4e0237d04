# SPDX-License-Identifier: MIT
"""The n-th allocation, open, map, connect... fails (tests/support/countdown.c): the program says so in hoga's form and
ends 1, or goes on as if nothing had been; it never crashes or hangs, says nothing false, leaves no half-made file and no
descriptor behind, and a later start works on what it left. Some n of each class, drawn from HOGA_SEED, for
HOGA_COUNTDOWN_SECONDS; every n with tests/run --long. `test_countdown.py CASE CLASS N` does one again and shows it."""
import concurrent.futures
import ctypes
import itertools
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from sanitized import is_sanitized

ALL = CLASSES = ['alloc', 'open', 'map', 'socket', 'connect', 'lock', 'space', 'name', 'mode', 'epoll', 'read', 'write',
           'thread', 'stat']
SECONDS = float(os.environ.get('HOGA_COUNTDOWN_SECONDS', '10'))
WORKERS = 3
LIVE_SECONDS = 40  # the back-off of a connection that failed is in it
LIVE = 2  # hoga.h
NAME = b'upbit:KRW-BTC'
CAPTURE = os.path.join(t.TOP, 'tests', 'replay', 'upbit', 'roads.jsonl')


def library():
    lib = ctypes.CDLL(os.path.join(t.BUILD, 'client/lib/libhoga.so'))
    lib.hoga_close.argtypes = [ctypes.c_void_p]
    lib.hoga_close.restype = ctypes.c_void_p
    lib.hoga_find.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    lib.hoga_read_top.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int64, ctypes.c_void_p]
    return lib


class Look:
    """One look at a segment, cheaper than a run of the tool."""
    lib = None

    @classmethod
    def is_live(cls, path, name=NAME):
        cls.lib = cls.lib or library()
        handle, ident, book = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.create_string_buffer(1024)
        if cls.lib.hoga_open(ctypes.byref(handle), path.encode(), None) < 0:
            return False
        try:
            return (cls.lib.hoga_find(handle, name, ctypes.byref(ident)) == 0 and
                    cls.lib.hoga_read_top(handle, ident, 0, book) == 0 and book.raw[8] == LIVE)
        finally:
            cls.lib.hoga_close(handle)


class Run:
    """One program with one failing call, in a folder of its own."""

    def __init__(self, what, n):
        self.folder = tempfile.mkdtemp(prefix='hoga-countdown-', dir=BASE)
        self.page = os.path.join(self.folder, 'page')
        self.segment = os.path.join(self.folder, 'run', 'books')
        os.mkdir(os.path.dirname(self.segment))
        self.env = dict(os.environ, LD_PRELOAD=os.path.join(t.BUILD, 'tests/e2e/libcountdown.so'), LC_ALL='C',
                        HOGA_COUNTDOWN='%s:%d' % (what, n), HOGA_COUNTDOWN_FILE=self.page)
        self.baseline = None

    def counted(self):
        """Calls of each class, whether one failed, and where."""
        with open(self.page, 'rb') as file:
            failed, *calls = struct.unpack('%dQ' % (1 + len(ALL)), file.read(8 + 8 * len(ALL)))
            return dict(zip(ALL, calls)), failed, file.read().split(b'\0')[0].decode()

    def once(self, *command):
        """A program that ends by itself: exit code, output, words."""
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.env, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr.decode()

    def done(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def has_words(program, text):
    """`program: what: why`, as a person reads it, or an error of the daemon's log."""
    return any((line.startswith(program + ': ') and line.count(': ') >= 2) or line.startswith('<3>')
               for line in text.splitlines()) or text == program + ': no memory\n'


def ended_in_order(program, code, words):
    t.check(code == 1, '%s ended with %d: %s' % (program, code, words[-2000:]))
    t.check(has_words(program, words), '%s says nothing in its form: %r' % (program, words[-2000:]))


def keys(value, path=''):
    """Every member of a document, wherever it is; lists are taken together."""
    if isinstance(value, dict):
        return {path} | set().union(*[keys(v, path + '.' + k) for k, v in value.items()])
    if isinstance(value, list):
        return {path} | set().union(*[keys(v, path + '[]') for v in value])
    return {path}


def shape(out):
    """What does not move from run to run: how many lines, and which members."""
    lines = out.decode().splitlines()
    return len(lines), [keys(json.loads(line)) if line.startswith('{') else None for line in lines]


def says_silent(out):
    """A busy machine has kept the daemon of the cases from the processor for half a second: the tool is right to say so."""
    return any(words in out for words in (b'daemon-silent', b'hogad is silent', b'hoga_up 0'))


def one_shot(program, *words, may_differ=False):
    """Ends 0 with the whole output, or 1 with words. `may_differ`: numbers move from run to run."""
    def case(run):
        code, out, err = run.once(t.program(program), *[SIM.segment if w == 'SEGMENT' else w for w in words])
        if says_silent(out):
            return
        if code != 0:
            ended_in_order(program, code, err)
            return
        if run.baseline is None:
            return
        if may_differ:
            t.check(shape(out) == shape(run.baseline), 'less than all: %r' % out)
        else:
            t.check(out == run.baseline, 'another output: %r' % out[-500:])

    def output(run):
        for _ in range(20):
            out = run.once(t.program(program), *[SIM.segment if w == 'SEGMENT' else w for w in words])[1]
            if not says_silent(out):
                break
        return out
    case.output = output
    return case


def replay(run):
    """The trace is whole or the exit code says that it is not."""
    code, out, err = run.once(t.program('hogad'), '--replay', CAPTURE, '--trace', '--segment', run.segment)
    if code != 0:
        ended_in_order('hogad', code, err)
    elif run.baseline is not None:
        t.check(out == run.baseline, 'another trace')
    nothing_half_made(run)


replay.output = lambda run: run.once(t.program('hogad'), '--replay', CAPTURE, '--trace', '--segment', run.segment)[1]


def nothing_half_made(run):
    names = sorted(os.listdir(os.path.dirname(run.segment)))
    t.check(not set(names) - {'books', 'books.lock', 'books.spent', 'books.wake', 'books.ask', 'books.admin', 'rec'}, 'left behind: %s' % names)
    if 'books' in names:
        done = t.hoga(run.segment, 'ls')
        t.check('damaged' not in done.stderr and done.returncode in (0, 1), done)


class Daemon:
    """hogad under the countdown."""

    def __init__(self, run, env, *arguments):
        self.segment, self.config = run.segment, os.path.join(run.folder, 'hoga.conf')
        self.log_path = os.path.join(run.folder, 'log')
        write_config(self.config, 'KRW-BTC')
        with open(self.log_path, 'ab') as log:
            self.child = subprocess.Popen([t.program('hogad'), '-c', self.config, '--segment', run.segment, *arguments],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)

    def log(self):
        with open(self.log_path, errors='replace') as log:
            return log.read()

    def settled(self, name=NAME, word=None):
        """Live, ended, or the word is in the log."""
        return (self.child.poll() is not None or Look.is_live(self.segment, name) or (word and word in self.log()))

    def until(self, what, name=NAME, word=None):
        """1 when it ended meanwhile."""
        try:
            t.wait_until(lambda: self.settled(name, word), LIVE_SECONDS, what, 0.02)
        except AssertionError:
            raise AssertionError('not within %g s: %s: %s' % (LIVE_SECONDS, what, self.log()[-3000:])) from None
        return self.child.poll() is not None

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        try:
            code = self.child.wait(t.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError('SIGTERM does not end it: ' + self.log()[-3000:]) from None
        t.check(code == 0, 'SIGTERM ends it %d: %s' % (code, self.log()[-3000:]))

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()


def write_config(path, *symbols):
    with open(path + '.part', 'w') as file:
        file.write('[daemon]\ncatalogue_max = 8\n[upbit]\nsymbols = %s\nurl = %s\n' % (' '.join(symbols), SIM.sim.url))
    os.rename(path + '.part', path)


def descriptors(child):
    """What it holds beside sockets, which come and go."""
    held = []
    for number in os.listdir('/proc/%d/fd' % child.pid):
        try:
            held.append(os.readlink('/proc/%d/fd/%s' % (child.pid, number)))
        except OSError:
            continue
    return len([name for name in held if not name.startswith('socket:')]), len(held)


def life(run, *arguments, reloads=False):
    daemon = Daemon(run, run.env, *arguments)
    try:
        if not daemon.until('live'):
            if reloads:
                write_config(daemon.config, 'KRW-BTC', 'KRW-ETH')
                daemon.child.send_signal(signal.SIGHUP)
                daemon.until('the new book', b'upbit:KRW-ETH', 'config.refused')
        if daemon.child.poll() is None:
            t.check(Look.is_live(run.segment) or not daemon.until('live again'), 'live')
        if daemon.child.poll() is None:
            run.held = descriptors(daemon.child)
            if run.baseline is not None:
                def is_as_before():
                    run.held = descriptors(daemon.child)
                    return run.held[0] <= run.baseline[0] and run.held[1] <= run.baseline[1] + 1
                try:  # a request on its way, an answer to somebody who asked: they go
                    t.wait_until(is_as_before, 15, 'as many as before')
                except AssertionError:
                    raise AssertionError('descriptors left: %s, not %s' % (run.held, run.baseline)) from None
            daemon.stop()
        else:
            ended_in_order('hogad', daemon.child.returncode, daemon.log())
        nothing_half_made(run)
    finally:
        daemon.kill()
    if run.counted()[1]:
        after(run)


def after(run):
    """A start without faults on what was left."""
    daemon = Daemon(run, dict(os.environ))
    try:
        t.check(not daemon.until('live after the fault'), 'a later start ends: ' + daemon.log()[-3000:])
        daemon.stop()
    finally:
        daemon.kill()


def life_output(*arguments, **more):
    def output(run):
        life(run, *[os.path.join(run.folder, 'run', 'rec') if a == 'REC' else a for a in arguments], **more)
        return run.held
    return output


def daemon_case(*arguments, **more):
    def case(run):
        life(run, *[os.path.join(run.folder, 'run', 'rec') if a == 'REC' else a for a in arguments], **more)
    case.output = life_output(*arguments, **more)
    return case


CASES = {
    'check-config': one_shot('hogad', '--check-config', '-c', os.path.join(t.TOP, 'conf', 'hoga.conf')),
    'print-config': one_shot('hogad', '--print-config', '-c', os.path.join(t.TOP, 'conf', 'hoga.conf')),
    'replay': replay,
    'ls': one_shot('hoga', 'ls', '--json', '--segment', 'SEGMENT', may_differ=True),
    'book': one_shot('hoga', 'book', 'upbit:KRW-BTC', '--segment', 'SEGMENT', may_differ=True),
    'watch': one_shot('hoga', 'watch', '-n', '2', '--json', 'upbit:KRW-BTC', '--segment', 'SEGMENT', may_differ=True),
    'stat': one_shot('hoga', 'stat', '--json', '--segment', 'SEGMENT', may_differ=True),
    'info': one_shot('hoga', 'info', 'upbit:KRW-BTC', '--segment', 'SEGMENT', may_differ=True),
    'check': one_shot('hoga', 'check', '--segment', 'SEGMENT', may_differ=True),
    'trades': one_shot('hoga', 'trades', 'upbit:KRW-BTC', '--json', '-n', '1', '--segment', 'SEGMENT', may_differ=True),
    'metrics': one_shot('hoga', 'metrics', '--segment', 'SEGMENT', may_differ=True),
    'reload': one_shot('hoga', 'reload', '--json', '--segment', 'SEGMENT', may_differ=True),
    'log-level': one_shot('hoga', 'log-level', '--segment', 'SEGMENT', may_differ=True),
    'life': daemon_case(reloads=True),
    'record': daemon_case('--record', 'REC'),
}


class SIM:
    """What the cases read from and dial."""
    sim = hogad = segment = None


def attempt(case, what, n, baseline):
    """None, or what went wrong."""
    run = Run(what, n)
    run.baseline = baseline
    try:
        CASES[case](run)
        return None
    except (AssertionError, subprocess.TimeoutExpired, ValueError) as error:
        return '%s %s %d: %s\n    at %s' % (case, what, n, error, run.counted()[2][:1500] if os.path.exists(run.page) else '?')
    finally:
        run.done()


def plan(chance):
    """Every (case, class, n), one of each case and class in turn, and what each case says without a fault."""
    rows, baselines = [], {}
    for case, function in CASES.items():
        run = Run(ALL[0], 0)
        baselines[case] = function.output(run)
        calls = run.counted()[0]
        run.done()
        for what in CLASSES:
            order = list(range(1, calls[what] + 1))
            chance.shuffle(order)
            rows.append([(case, what, n) for n in order])
    if os.environ.get('HOGA_LONG'):
        for row in rows:
            print('%s %s: %d calls' % (row[0][:2] + (len(row),)) if row else '-', flush=True)
    turns = itertools.zip_longest(*rows)
    return [item for turn in turns for item in turn if item], baselines


def run_all(seed):
    started = time.monotonic()
    items, baselines = plan(random.Random(seed))
    print('seed %d: %d calls in %d cases, counted in %.1f s' % (seed, len(items), len(CASES),
                                                                time.monotonic() - started), flush=True)
    is_long, deadline = bool(os.environ.get('HOGA_LONG')), time.monotonic() + SECONDS
    wrong, n, lock = [], 0, threading.Lock()

    def take(item):
        nonlocal n
        if not is_long and time.monotonic() > deadline:
            return
        problem = attempt(*item, baselines[item[0]])
        with lock:
            n += 1
            if is_long and n % 200 == 0:
                print('%d tried, at %s %s, %.0f s' % (n, item[0], item[1], time.monotonic() - started), flush=True)
            if problem:
                wrong.append(problem)
                print(problem, flush=True)
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(take, items))
    print('%d of %d failing calls tried in %.1f s, %d wrong' % (n, len(items), time.monotonic() - started, len(wrong)))
    t.check(not wrong, '%d failing calls' % len(wrong))


def main():
    global BASE
    if is_sanitized():
        t.skip('a sanitizer has its own allocator')
    BASE = t.scratch()
    with t.Sim('--symbols', 'KRW-BTC,KRW-ETH', '--rate', '100', '--lenient') as SIM.sim, t.Hogad(SIM.sim) as SIM.hogad:
        SIM.segment = SIM.hogad.segment
        t.wait_until(lambda: Look.is_live(SIM.segment), 30, 'live')
        t.wait_until(lambda: t.hoga(SIM.segment, 'ls', '--all').returncode == 0, 30, 'the list of instruments')
        if len(sys.argv) == 3:  # all n of one case and some classes
            global CASES, CLASSES
            CASES, CLASSES = {sys.argv[1]: CASES[sys.argv[1]]}, sys.argv[2].split(',')
        if len(sys.argv) == 4:
            run = Run(sys.argv[2], 0)
            baseline = CASES[sys.argv[1]].output(run)
            problem = attempt(sys.argv[1], sys.argv[2], int(sys.argv[3]), baseline)
            t.check(not problem, problem)
            return
        run_all(int(os.environ.get('HOGA_SEED', str(time.time_ns() % 1000000))))


BASE = None
main()
