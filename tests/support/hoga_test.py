# SPDX-License-Identifier: MIT
"""What end-to-end tests share: programs of ${HOGA_BUILD} started and surely stopped, the simulator's control socket,
waiting for a condition with a deadline, books as `hoga book --json` prints them. Standard library; Python 3.9 on.

    import hoga_test as t
    with t.Sim('--symbols', 'KRW-BTC') as sim, t.Hogad(sim) as hogad:
        t.live(hogad, 'upbit:KRW-BTC')
"""

import atexit
import hashlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('HOGA_BUILD', os.path.join(TOP, 'build/dev'))
SHARED = os.environ.get('HOGA_SHARED', os.path.join(os.path.dirname(TOP), 'shared'))
SKIPPED = 77
STOP_SECONDS = 30  # limits of waiting cost nothing where all goes well: of a busy machine, too
# No wait is given up sooner, whatever limit it names: a machine under load lets a process stand for seconds. What the product
# promises of time is measured (wait_promised, Stopwatch, or by when a look began), and never made of a limit.
LEAST_SECONDS = 60

_started = []
_folders = []


def skip(reason):
    """End the test as skipped; ctest knows the code."""
    print('skipped: %s' % reason, flush=True)
    sys.exit(SKIPPED)


def check(condition, what):
    """assert that also works with -O, and says what was expected."""
    if not condition:
        raise AssertionError(what)


def program(name):
    """The built program of that name; the test is skipped where it was not built."""
    for folder in ('', 'tests/sim', 'client/cli', 'client/tui', 'client/gtk', 'tests/e2e', 'tests/bench', 'client/examples'):
        path = os.path.join(BUILD, folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return skip('%s is not built in %s' % (name, BUILD))


def captures(*names):
    """A path under the shared captures; the test is skipped where they are absent."""
    path = os.path.join(SHARED, 'captures', *names)
    if not os.path.exists(path):
        skip('%s is absent (HOGA_SHARED)' % path)
    return path


def scratch():
    """A new folder of this test alone; it is gone when the test ends."""
    folder = tempfile.mkdtemp(prefix='hoga-test-')
    _folders.append(folder)
    return folder


def _look_until(predicate, is_over, what, every):
    """Its value once the predicate is true; AssertionError where a look that began when it was over has found nothing."""
    pause = threading.Event()
    while True:
        is_last = is_over()
        value = predicate()
        if value:
            return value
        check(not is_last, what)
        pause.wait(every)


def wait_until(predicate, seconds, what, every=0.01):
    """Ask again until the predicate is true; its value. AssertionError with `what` once a look that began after the
    deadline has found nothing: whoever was kept from the processor for all of that time looks once more."""
    seconds = max(seconds, LEAST_SECONDS)
    deadline = time.monotonic() + seconds
    return _look_until(predicate, lambda: time.monotonic() >= deadline, 'not within %g s: %s' % (seconds, what), every)


class Patience:
    """Time as a promise of the product is measured by: what holds up the judge holds up the product on the same machine,
    so of each round of looking and pausing no more counts than `round_seconds`, which it takes where nothing is in the
    way. A look that began before the time was over may end later."""

    def __init__(self, round_seconds=0.1):
        self.round_seconds, self.counted, self._begun = round_seconds, 0.0, None

    def seconds(self):
        """Asked once a round, before its look: how much of the promised time has gone."""
        now = time.monotonic()
        if self._begun is not None:
            self.counted += min(now - self._begun, self.round_seconds)
        self._begun = now
        return self.counted


def wait_promised(predicate, seconds, what, every=0.01, round_seconds=0.1):
    """wait_until for what is promised within a time, by Patience."""
    patience = Patience(round_seconds)
    return _look_until(predicate, lambda: patience.seconds() >= seconds,
                       'not within the %g s promised: %s' % (seconds, what), every)


def waited(pid='thread-self'):
    """Seconds for which the process's first thread, or this one, was ready to run and had no processor; also of one that
    has ended and was not waited for. 0 where the kernel does not say. Source: Documentation/scheduler/sched-stats.rst."""
    try:
        with open('/proc/%s/schedstat' % pid) as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class Stopwatch:
    """How long a process takes from now on, without what it, or who looks at it, had to wait for a processor."""

    def __init__(self, pid):
        self.pid, self.began, self.waited = pid, time.monotonic(), waited(pid)

    def seconds(self):
        return time.monotonic() - self.began - (waited(self.pid) - self.waited)

    def until_end(self):
        """The seconds until it ended; whose child it is still has to wait for it."""
        ours, end = waited(), os.pidfd_open(self.pid)
        try:
            check(select.select([end], [], [], LEAST_SECONDS)[0], 'process %d goes on' % self.pid)
            return self.seconds() - (waited() - ours)
        finally:
            os.close(end)


class Process:
    """A program that runs until it is told to stop. Its standard error goes to a file, its output is read by line."""

    def __init__(self, *command, env=None, name=None, stdin=subprocess.DEVNULL):
        self.name = name or os.path.basename(command[0])
        self.folder = scratch()
        self.log_path = os.path.join(self.folder, self.name + '.err')
        self._buffer = b''
        self._reader = None
        with open(self.log_path, 'wb') as log:
            self.child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=log,
                                          env=dict(os.environ, **(env or {})))
        _started.append(self)

    @property
    def pid(self):
        return self.child.pid

    def log(self):
        with open(self.log_path, errors='replace') as log:
            return log.read()

    def line(self, seconds=30):
        """The next line of its output, without the newline; AssertionError at its end or after the deadline."""
        seconds = max(seconds, LEAST_SECONDS)
        deadline = time.monotonic() + seconds
        out = self.child.stdout
        while b'\n' not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                raise AssertionError('%s: no line within %g s: %s' % (self.name, seconds, self.log()))
            more = os.read(out.fileno(), 65536)
            if not more:
                raise AssertionError('%s has ended: %s' % (self.name, self.log()))
            self._buffer += more
        line, self._buffer = self._buffer.split(b'\n', 1)
        return line.decode()

    def drain(self):
        """Read its output away from now on, so that it never blocks on it."""
        self._reader = threading.Thread(target=self.child.stdout.read, daemon=True)
        self._reader.start()

    def send_signal(self, number):
        self.child.send_signal(number)

    def wait(self, seconds=STOP_SECONDS):
        """Its exit code; negative for a signal."""
        return self.child.wait(seconds)

    def is_running(self):
        return self.child.poll() is None

    def stop(self, number=signal.SIGTERM, seconds=STOP_SECONDS):
        """End it in order and return its exit code."""
        if self.is_running():
            self.child.send_signal(signal.SIGCONT)
            self.child.send_signal(number)
        try:
            code = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError('%s did not end within %g s of signal %d' % (self.name, seconds, number)) from None
        self._close()
        return code

    def kill(self):
        if self.is_running():
            self.child.kill()
        self.child.wait()
        self._close()

    def _close(self):
        if self._reader is None:
            self.child.stdout.close()
        if self in _started:
            _started.remove(self)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self.kill()
            sys.stderr.write('--- %s\n%s' % (self.name, self.log()[-4000:]))
        elif self.is_running():
            code = self.stop()
            check(code == 0, '%s ended with %d: %s' % (self.name, code, self.log()[-4000:]))


class Watch:
    """`hoga watch --json` of these books: `look` is given each one that it prints, in a thread of its own."""

    def __init__(self, hogad, names, look):
        self._child = subprocess.Popen([program('hoga'), 'watch', '--json', '--segment', hogad.segment] + names,
                                       stdout=subprocess.PIPE)
        self._has_begun = threading.Event()
        atexit.register(self._child.kill)  # also where a check fails
        self._thread = threading.Thread(target=self._follow, args=(look,), daemon=True)
        self._thread.start()

    def _follow(self, look):
        for line in self._child.stdout:
            self._has_begun.set()
            document = json.loads(line)
            for shown in document.get('books', [document]):
                look(shown)

    def stop(self):
        self._has_begun.wait(STOP_SECONDS)  # its handlers stand before its first line
        self._child.terminate()
        check(self._child.wait(STOP_SECONDS) == 0, 'watch ends 0 on SIGTERM')
        self._thread.join(STOP_SECONDS)


class Sim(Process):
    """hoga-sim with a control socket: url, ca (None without --tls), and what it can be asked."""

    def __init__(self, *arguments, venue='upbit', **more):
        self.socket = None
        folder = scratch()
        self.control = os.path.join(folder, 'control')
        more['env'] = dict(more.get('env') or {}, TMPDIR=folder)  # where --tls leaves the authority, even after a kill
        Process.__init__(self, program('hoga-sim'), '--venue', venue, '--control', self.control, *arguments, **more)
        words = {}
        while 'control' not in words:
            word, value = self.line().split(' ', 1)
            words[word] = value
        self.url = words['listening']
        self.ca = words.get('ca')
        self.port = int(self.url.rsplit(':', 1)[1].split('/')[0])
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(self.control)
        self._file = self.socket.makefile('rw', encoding='utf-8')
        self._asking = threading.Lock()

    def ask(self, op, **values):
        """The whole answer, whether ok or not. Of any thread: one question at a time."""
        with self._asking:
            self._file.write(json.dumps(dict(values, op=op)) + '\n')
            self._file.flush()
            return json.loads(self._file.readline())

    def op(self, name, **values):
        answer = self.ask(name, **values)
        check(answer.pop('ok'), 'hoga-sim: %s: %s' % (name, answer.get('error')))
        return answer

    def truth(self, symbol, timestamp):
        return self.op('truth', symbol=symbol, timestamp=timestamp)

    def last(self, symbol):
        return self.op('last', symbol=symbol)

    def stats(self):
        return self.op('stats')

    def fault(self, script):
        return self.op('fault', script=script)

    def step(self, symbol=None, n=1):
        return self.op('step', n=n, **({'symbol': symbol} if symbol else {}))

    def set(self, symbol, bids, asks):
        return self.op('set', symbol=symbol, bids=bids, asks=asks)

    def _close(self):
        if self.socket is not None:
            self._file.close()
            self.socket.close()
            self.socket = None
        Process._close(self)


class Hogad(Process):
    """hogad with a configuration of its own; dials `sim` where one is given. A segment that is not given goes with it."""

    def __init__(self, sim=None, symbols=('KRW-BTC',), arguments=(), daemon='', venue='', env=None, segment=None,
                 name='upbit'):
        folder = scratch()
        self.is_own_segment = segment is None
        self.segment = segment or os.path.join(folder, 'books')
        self.config = os.path.join(folder, 'hoga.conf')
        self.section = name
        self.write_config(sim, symbols, daemon, venue)
        Process.__init__(self, program('hogad'), '-c', self.config, '--segment', self.segment, *arguments, env=env)
        self.drain()

    def __exit__(self, kind, error, trace):
        Process.__exit__(self, kind, error, trace)
        if kind is None and self.is_own_segment and os.path.exists(self.segment):
            os.unlink(self.segment)  # 40 to 80 MB, and a test may have thirty daemons in a small /tmp

    def write_config(self, sim, symbols, daemon='', venue=''):
        """`daemon` and `venue` are further lines of their sections."""
        lines = ['[daemon]', daemon, '[%s]' % self.section, 'symbols = ' + ' '.join(symbols)]
        if sim is not None:
            lines.append('url = ' + sim.url)
            if sim.ca:
                lines.append('ca_file = ' + sim.ca)
        with open(self.config, 'w') as file:
            file.write('\n'.join(lines + [venue]) + '\n')


    def admin(self, **request):
        """One request of the admin socket, and its answer."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(30)
            client.connect(self.segment + '.admin')
            client.sendall((json.dumps(request) + '\n').encode())
            with client.makefile() as answers:
                return json.loads(answers.readline())


def hoga(segment, *words, seconds=60, **more):
    """Run the tool; `segment` a Hogad, a path, or None for the tool's own choice. A subprocess.CompletedProcess."""
    path = getattr(segment, 'segment', segment)
    command = [program('hoga')] + list(words) + (['--segment', path] if path else [])
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
                          timeout=seconds, **more)


def book(segment, name, *words):
    """The book as `hoga book --json` shows it, or None where the tool does not exit 0."""
    done = hoga(segment, 'book', name, '--json', *words)
    return json.loads(done.stdout)['books'][0] if done.returncode == 0 else None


def live(segment, name, *words):
    """The book, live, as soon as it is: see is_silent()."""
    return wait_until(lambda: book(segment, name, '--live', *words), LEAST_SECONDS, name + ' live')


def seen_within(look, seconds, what):
    """Look at a book or connection until it is not live any more: how long that took, and what was seen. A look that begins
    after so many seconds from now must not find it live; one that began before may end later."""
    began, pause = time.monotonic(), threading.Event()
    while True:
        asked = time.monotonic() - began
        shown = look()
        if shown['state'] not in ('live', None) and not is_silent(shown):
            return time.monotonic() - began, shown
        check(shown['state'] != 'live' or asked <= seconds, '%s: %s after %.1f s' % (what, shown, asked))
        check(asked <= seconds + LEAST_SECONDS, '%s: %s' % (what, shown))
        pause.wait(0.1)


def is_silent(shown):
    """Of a book or a connection as `hoga --json` shows it: nothing but that hogad gave no sign of life for half a second.
    A reader is right to say so when a busy machine has kept hogad from the processor for as long; the feed is well."""
    return (shown['state'], shown['reason']) == ('down', 'daemon-silent')


def counters(segment):
    """By name, from `hoga stat --json`."""
    return {row['name']: int(row['value']) for row in json.loads(hoga(segment, 'stat', '--json').stdout)['counters']}


def trace(path, venue):
    """By symbol, the first 8 hex digits of each message that `hogad --replay` applies, as in a golden's trace30."""
    done = subprocess.run([program('hogad'), '--replay', path, '--venue', venue, '--trace', '--depth', '30'],
                          stdout=subprocess.PIPE, universal_newlines=True, timeout=120)
    check(done.returncode == 0, '%s: %d' % (path, done.returncode))
    found = {}
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message['event'] in ('snapshot', 'update', 'crossed', 'checksum'):
            text = ''.join('%s %s %s\n' % (side, p, q) for side, levels in (('b', message['bids']), ('a', message['asks']))
                           for p, q in levels)
            found.setdefault(message['symbol'], []).append(hashlib.sha256(text.encode()).hexdigest()[:8])
    return found


@atexit.register
def _clean_up():
    for process in list(_started):
        try:
            process.kill()
        except (OSError, ValueError, subprocess.SubprocessError):
            pass
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)


# A test that is told to end must end what it started, too.
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
