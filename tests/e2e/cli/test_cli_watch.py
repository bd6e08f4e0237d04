#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The verbs that run until told to stop: a line a change, books that come and go, a dead daemon within 0.6 s, exit 0
on SIGINT and SIGTERM, and the terminal given back."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

from cli_support import HOGA, Segment, environment, hoga, t, validated

SECONDS = 30


class Running:
    """`hoga` with its lines, one at a time, each with a deadline. What a busy machine makes of a segment that is kept
    from the processor is passed over: a line that says so, and the one that says it is as it was before."""

    def __init__(self, segment, *arguments):
        self.process = subprocess.Popen([HOGA] + list(arguments), env=environment(segment), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.buffer = b''
        self.was_silent, self.shown = False, {}

    def news(self):
        """The next document that tells something of a book."""
        while True:
            book = validated(self.line())
            name, what = book['name'], (book.get('update'), book['state'], book['reason'])
            if t.is_silent(book):
                self.was_silent = True
            elif self.shown.get(name) != what:
                self.shown[name] = what
                return book

    def line(self):
        deadline = time.monotonic() + SECONDS
        while b'\n' not in self.buffer:
            ready = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))[0]
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b''
            t.check(data, 'a line within %d s' % SECONDS)
            self.buffer += data
        line, self.buffer = self.buffer.split(b'\n', 1)
        self.was_silent = self.was_silent or b'daemon-silent' in line
        return line.decode()

    def end(self, number=None):
        if number:
            self.process.send_signal(number)
        code = self.process.wait(SECONDS)
        err = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return code, err


def a_line_a_change(segment):
    watch = Running(segment, 'watch', 'krw-*', '-j')
    t.check(watch.news()['bids'] == [['100', '5']], 'the book as it is')
    segment.book('KRW-BTC', bids='100:6')
    t.check(watch.news()['bids'] == [['100', '6']], 'a change')
    segment.book('KRW-ETH')
    t.check(watch.news()['symbol'] == 'KRW-ETH', 'a book that appears later')
    segment.say('free', 'KRW-ETH')
    gone = watch.news()
    t.check((gone['symbol'], gone['state'], gone['reason']) == ('KRW-ETH', 'empty', 'dropped'), gone)
    segment.say('link', 7, 25)
    down = watch.news()
    t.check((down['state'], down['reason']) == ('down', 'connection-lost'), down)
    segment.say('link', 2, 0)
    t.check(watch.news()['state'] == 'live', 'and back')
    t.check(watch.end(signal.SIGINT) == (0, ''), 'SIGINT ends it with 0')


def two_lines(segment):
    """False where the segment was held up, which is a line as well."""
    segment.book('KRW-BTC', bids='100:6')
    watch = Running(segment, 'watch', 'KRW-BTC', 'KRW-BTD', '-n', '2')
    first = watch.line()
    segment.book('KRW-BTC', bids='100:6,90:1')  # behind the best: nothing that the line shows
    segment.book('KRW-BTC', bids='100:6,80:1')
    segment.book('KRW-BTC', bids='99:6')
    second = watch.line()
    code, err = watch.end()
    t.check(code == 0 and 'KRW-BTD: not listed yet, waiting for it: did you mean KRW-BTC?' in err, err)
    t.check(watch.was_silent or '100 | 101' in first and '99 | 101' in second, (first, second))
    return not watch.was_silent


def people_and_ends(segment):
    t.wait_until(lambda: two_lines(segment), 60, 'two lines of a segment that nobody held up')
    watch = Running(segment, 'watch', 'KRW-BTC')
    watch.line()
    t.check(watch.end(signal.SIGTERM) == (0, ''), 'SIGTERM')
    watch = Running(segment, 'watch', 'KRW-BTC')
    watch.line()
    watch.process.stdout.close()
    segment.book('KRW-BTC', bids='98:6')
    t.check(watch.process.wait(SECONDS) == 0 and watch.process.stderr.read() == b'', 'a closed pipe is quiet')
    watch.process.stderr.close()
    out = hoga(segment, 'book', 'KRW-BTC', '-n', '1', '-f', '-j')[0]
    t.check(validated(out)['books'][0]['bids'] == [['98', '6']], 'book -f counts')


def nobody_reads(segment):
    """The pipe is full, and it ends all the same, behind a whole line."""
    watch = Running(segment, 'watch', 'KRW-BTC', '-j')
    watch.line()
    bids, used = iter(range(90, 10 ** 6)), [0, 0]

    def is_full():
        for _ in range(20):
            segment.book('KRW-BTC', bids='%d:1' % next(bids), asks='10000000:1')
        used.append(struct.unpack('i', fcntl.ioctl(watch.process.stdout, termios.FIONREAD, b'    '))[0])
        return used[-1] > 16384 and used[-1] == used[-2] == used[-3]

    t.wait_until(is_full, 60, 'nothing more fits in', every=0.05)
    watch.process.send_signal(signal.SIGTERM)
    t.check(watch.process.wait(SECONDS) == 0, 'ended by a signal while its output was full')
    left = watch.buffer + watch.process.stdout.read()
    t.check(left.endswith(b'\n') and all(json.loads(line) for line in left.splitlines()), left[-200:])
    watch.process.stdout.close()
    watch.process.stderr.close()


def the_terminal_is_given_back(segment):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    book = subprocess.Popen([HOGA, 'book', 'KRW-BTC', '-f'], env=environment(segment, TERM='xterm'), stdout=theirs,
                            stderr=theirs, stdin=theirs)
    screen, deadline = b'', time.monotonic() + SECONDS
    bids = iter(range(90, 10 ** 6))
    while screen.count(b'\033[H') < 3:
        segment.book('KRW-BTC', bids='%d:1' % next(bids), asks='10000000:1')
        ready = select.select([ours], [], [], 1)[0]
        screen += os.read(ours, 65536) if ready else b''
        t.check(time.monotonic() < deadline, 'it is drawn again')
    book.send_signal(signal.SIGINT)
    t.check(book.wait(SECONDS) == 0, 'SIGINT ends it with 0')
    while select.select([ours], [], [], 0)[0]:
        screen += os.read(ours, 65536)
    os.close(ours)
    os.close(theirs)
    t.check(screen.startswith(b'\033[?1049h\033[?25l') and screen.endswith(b'\033[?25h\033[?1049l'), screen[-200:])


def a_dead_daemon_is_seen_in_time(segment):
    watch = Running(segment, 'watch', 'KRW-BTC', '-j')
    t.check(watch.news()['state'] == 'live', 'alive')
    segment.say('mute')
    silent_since = time.monotonic()
    watched, ready = t.Stopwatch(watch.process.pid), []
    while not ready:
        t.check(watched.seconds() < 3, 'in time, with room for a busy machine')
        ready = select.select([watch.process.stdout], [], [], 0.05)[0]
    down = validated(watch.line())
    t.check((down['state'], down['reason']) == ('down', 'daemon-silent'), down)
    print('a dead daemon was seen after %.3f s (design: 0.6 s)' % (time.monotonic() - silent_since))
    t.check(watch.end(signal.SIGINT)[0] == 0, 'end')


with Segment() as seg:
    seg.book('KRW-BTC')
    a_line_a_change(seg)
    people_and_ends(seg)
    nobody_reads(seg)
    the_terminal_is_given_back(seg)
    seg.book('KRW-BTC')
    a_dead_daemon_is_seen_in_time(seg)
