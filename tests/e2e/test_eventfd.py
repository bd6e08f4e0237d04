#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""eventfds: rung for the chosen books and no others, once for however much has changed, whatever their holder does with
them; gone with the connection. The market moves only when the test says so."""
import errno
import fcntl
import os
import select
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from libhoga import Handle

SOON = 30
SOON_MS = 30000
QUIET_MS = 300
MARKETS = ('KRW-BTC', 'KRW-ETH')


def is_rung(event, milliseconds):
    poll = select.poll()
    poll.register(event, select.POLLIN)
    return bool(poll.poll(milliseconds))


def taken(event):
    """Its count, which is then 0."""
    return int.from_bytes(os.read(event, 8), sys.byteorder)


def drain(event):
    """What was on its way when it was made, or with a change: it ends."""
    for _ in range(20):
        if not is_rung(event, QUIET_MS):
            return
        taken(event)
    raise AssertionError('it rings on and on')


def check_chosen(sim, h):
    result, words, fd, event = h.eventfd(['Upbit:krw-btc'])
    t.check(result == 0 and event >= 0, words)
    t.check(taken(event) == 1, 'what is there at the beginning is news')
    drain(event)
    sim.step('KRW-ETH', 3)
    t.check(not is_rung(event, QUIET_MS), 'rung for another book')
    sim.step('KRW-BTC')
    t.check(is_rung(event, SOON_MS), 'not rung for its book')
    t.check(taken(event) >= 1, 'rung')
    drain(event)
    for _ in range(50):
        sim.step('KRW-BTC')
    t.check(is_rung(event, SOON_MS) and taken(event) <= 51, 'fifty changes are one thing to look at')
    os.close(event)
    os.close(fd)


def check_any(sim, h):
    result, words, fd, event = h.eventfd([])
    t.check(result == 0, words)
    for symbol in MARKETS:
        drain(event)
        sim.step(symbol)
        t.check(is_rung(event, SOON_MS), 'not rung for ' + symbol)
    os.close(event)
    os.close(fd)


def check_limits(h):
    t.check(h.eventfd(['upbit:KRW-XRP'])[0] == -errno.ENOENT, 'a book that is not carried')
    t.check(h.eventfd(['x:y'] * 33)[0] == -errno.E2BIG, 'too many')
    fd, events = -1, []
    for _ in range(4):
        result, words, fd, event = h.eventfd([], fd)
        t.check(result == 0, words)
        events.append(event)
    t.check(h.eventfd([], fd)[0] == -errno.EDQUOT, 'a fifth one')
    for descriptor in events + [fd]:
        os.close(descriptor)


def check_hostile(sim, hogad, h):
    """Holders that make their eventfd blocking and fill it, and never read: the books go on."""
    held = []
    for _ in range(20):
        result, words, fd, event = h.eventfd([])
        t.check(result == 0, words)
        fcntl.fcntl(event, fcntl.F_SETFL, fcntl.fcntl(event, fcntl.F_GETFL) & ~os.O_NONBLOCK)
        taken(event)
        os.write(event, (2 ** 64 - 2).to_bytes(8, sys.byteorder))
        held += [fd, event]
    for _ in range(5):
        before = t.book(hogad, 'upbit:KRW-BTC')['update']
        sim.step('KRW-BTC')
        t.wait_until(lambda: (t.book(hogad, 'upbit:KRW-BTC', '--live') or {'update': before})['update'] != before, SOON,
                     'the book to move')
    for descriptor in held:
        os.close(descriptor)


def check_example(sim, hogad):
    """The program in client/examples: lines from poll(2), and on through a restart of hogad."""
    env = {'HOGA_SEGMENT': hogad.segment}
    with t.Process(t.program('example_poll'), 'upbit:KRW-ETH', env=env) as example:
        def is_live():
            return example.line().startswith('upbit:KRW-ETH live')  # one that a busy machine held up was `down` before
        t.check(example.line().startswith('upbit:KRW-ETH '), 'the first line')
        sim.step('KRW-ETH')
        t.wait_until(is_live, SOON, 'a line for a change')
        epoch = t.book(hogad, 'upbit:KRW-ETH')['epoch']
        hogad.kill()
        with t.Hogad(sim, MARKETS[:1], segment=hogad.segment) as again:
            # For half a second what the killed one left is live.
            t.wait_until(lambda: (t.book(again, 'upbit:KRW-ETH', '--live') or {'epoch': epoch})['epoch'] != epoch, SOON,
                         'the book that it asked for anew')
            sim.step('KRW-ETH')
            t.wait_until(is_live, SOON, 'a line after the restart')
            example.stop(signal.SIGKILL)
            t.check(example.child.returncode == -signal.SIGKILL, example.child.returncode)


def main():
    with t.Sim('--symbols', ','.join(MARKETS), '--rate', '0') as sim:
        hogad = t.Hogad(sim, MARKETS)
        t.wait_until(lambda: all(t.book(hogad, 'upbit:' + m, '--live') for m in MARKETS), SOON, 'live books')
        t.wait_until(lambda: 'KRW-ETH' in t.hoga(hogad, 'ls', '--all').stdout, SOON, 'the list, which is news to all')
        h = Handle(hogad.segment)
        check_chosen(sim, h)
        check_any(sim, h)
        check_limits(h)
        check_hostile(sim, hogad, h)
        h.close()
        check_example(sim, hogad)


main()
