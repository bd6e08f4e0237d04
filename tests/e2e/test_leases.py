#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Books that front ends hold: there while somebody holds them, gone some time after the last has gone; refused in words;
kept through a reload, lost with the daemon and held again at the next call. A configured book never goes."""
import errno
import json
import os
import select
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from libhoga import Handle

MARKETS = ['KRW-BTC', 'KRW-ETH', 'KRW-XRP', 'KRW-SOL', 'KRW-ADA', 'KRW-DOGE']
SOON = 30
LINGER_SECONDS = 1


def carried(hogad):
    return t.hoga(hogad, 'ls').stdout


def is_carried(hogad, symbol):
    return 'upbit:' + symbol in carried(hogad)


def wait_gone(hogad, symbol, seconds=SOON):
    t.wait_until(lambda: not is_carried(hogad, symbol), seconds, symbol + ' to go')


def check_lingers(hogad, symbol, let_go, what):
    """Looked at and seen within its time after somebody let it go; a machine too busy for that tells nothing."""
    begun = time.monotonic()
    let_go()
    t.check(is_carried(hogad, symbol) or time.monotonic() - begun > LINGER_SECONDS, what)


def wait_live(hogad, symbol):
    t.wait_until(lambda: t.book(hogad, 'upbit:' + symbol, '--live'), SOON, symbol + ' live')


def subscriber(hogad, *words):
    held = t.Process(t.program('hoga'), 'subscribe', '--segment', hogad.segment, *words)
    for name in (w for w in words if ':' in w):
        line = held.line()
        t.check(line.startswith(name + ': held'), line)
    return held


def check_two_holders(hogad):
    """The killed one leaves nothing behind; the book stays for the other, and goes when that one ends in order."""
    first, second = subscriber(hogad, 'upbit:KRW-XRP'), subscriber(hogad, 'upbit:KRW-XRP', 'upbit:KRW-SOL')
    wait_live(hogad, 'KRW-XRP')
    second.kill()
    wait_gone(hogad, 'KRW-SOL')
    t.check(is_carried(hogad, 'KRW-XRP'), 'the book went though it is held')
    check_lingers(hogad, 'KRW-XRP', lambda: t.check(first.stop(signal.SIGINT) == 0, 'Ctrl+C did not end it well'),
                  'the book did not linger')
    wait_gone(hogad, 'KRW-XRP')
    t.check(is_carried(hogad, 'KRW-BTC'), 'the configured book went')


def check_for(hogad):
    def held():
        done = t.hoga(hogad, 'subscribe', '--for', '0', 'upbit:krw-sol')
        t.check(done.returncode == 0 and 'held' in done.stdout, done)
    check_lingers(hogad, 'KRW-SOL', held, 'held for no time, and not there a moment later')
    done = t.hoga(hogad, 'subscribe', '--json', '--for', '0', 'upbit:KRW-SOL')
    t.check(json.loads(done.stdout) == {'schema': 1, 'answer': {'ok': True, 'books': ['upbit:KRW-SOL']}}, done)
    with subscriber(hogad, 'upbit:KRW-SOL') as again:
        t.wait_until(lambda: 'upbit:KRW-SOL' in carried(hogad), SOON, 'the book')
        t.check(again.is_running(), again.log())
    wait_gone(hogad, 'KRW-SOL')


def check_refusals(hogad):
    for name, words in [('upbit:KRW-BTX', 'not listed: did you mean KRW-BTC?'),
                        ('upbit:KRW-QQQQQQQ', 'not listed: `hoga ls --all'),
                        ('kraken:BTC/USD', 'this hogad has no such venue'), ('KRW-BTC', 'no name of an instrument'),
                        ('upbit:KRW-*', 'no name of an instrument')]:
        done = t.hoga(hogad, 'subscribe', '--for', '0', name)
        t.check(done.returncode == 1 and done.stderr.startswith('hoga: %s: ' % name) and words in done.stderr, done)
    done = t.hoga(hogad, 'subscribe', '--for', '0', 'upbit:KRW-SOL', 'upbit:KRW-BTX')
    t.check(done.returncode == 1 and not is_carried(hogad, 'KRW-SOL'), 'half of a request was taken')
    korean = t.hoga(hogad, 'subscribe', '--for', '0', 'upbit:KRW-BTX', env=dict(os.environ, LANGUAGE='ko'))
    t.check('did you mean KRW-BTC?' in korean.stderr, korean)


def check_full(hogad):
    """books_max is 4: who comes fifth hears so, and takes the place of what nobody holds any more."""
    with subscriber(hogad, 'upbit:KRW-ETH', 'upbit:KRW-XRP', 'upbit:KRW-SOL') as held:
        done = t.hoga(hogad, 'subscribe', '--for', '0', 'upbit:KRW-ADA')
        t.check(done.returncode == 1 and 'upbit:KRW-ADA: the segment\'s directory is full: raise books_max' in
                done.stderr, done)
        t.check(t.hoga(hogad, 'subscribe', '--for', '0', 'upbit:KRW-ETH').returncode == 0, 'what is there needs no room')
        held.stop(signal.SIGTERM)
    with subscriber(hogad, 'upbit:KRW-ADA'):
        wait_live(hogad, 'KRW-ADA')
        t.check(is_carried(hogad, 'KRW-BTC'), 'a configured book made room')
    for symbol in MARKETS[1:]:
        wait_gone(hogad, symbol)


def check_reload(sim, hogad, daemon):
    """What is held stays when a reload takes it out of the configuration, and when it puts it in."""
    with subscriber(hogad, 'upbit:KRW-XRP') as held:
        hogad.write_config(sim, ('KRW-BTC', 'KRW-XRP'), daemon=daemon)
        t.check('0 books added, 0 removed' in t.hoga(hogad, 'reload').stdout, 'a held book came anew')
        hogad.write_config(sim, ('KRW-BTC',), daemon=daemon)
        t.check('0 books added, 0 removed' in t.hoga(hogad, 'reload').stdout, 'a held book went')
        wait_live(hogad, 'KRW-XRP')
        t.check(held.is_running(), 'the holder ended')
    wait_gone(hogad, 'KRW-XRP')


def check_kept(hogad):
    done = t.hoga(hogad, 'subscribe', '--keep', 'upbit:KRW-ETH')
    t.check(done.returncode == 0 and 'until hogad restarts' in done.stdout, done)
    wait_live(hogad, 'KRW-ETH')
    done = t.hoga(hogad, 'unsubscribe', 'upbit:KRW-BTC')
    t.check(done.returncode == 1 and 'upbit:KRW-BTC: configured: take it out of hoga.conf' in done.stderr, done)
    done = t.hoga(hogad, 'unsubscribe', 'upbit:KRW-SOL')
    t.check(done.returncode == 1 and 'not carried' in done.stderr, done)
    done = t.hoga(hogad, 'unsubscribe', 'upbit:KRW-ETH')
    t.check(done.returncode == 0 and 'no longer held' in done.stdout, done)
    wait_gone(hogad, 'KRW-ETH')


def check_library(hogad):
    h = Handle(hogad.segment)
    result, words, fd = h.subscribe(['upbit:KRW-XRP', 'upbit:KRW-SOL'])
    t.check(result == 0 and fd >= 0 and h.find('upbit:KRW-XRP') == 0, words)
    t.check(h.subscribe(['upbit:KRW-XRP'], fd) == (0, '', fd), 'asked again')
    result, words, same = h.subscribe(['upbit:KRW-BTX'], fd)
    t.check(result == -errno.ENOENT and 'did you mean KRW-BTC?' in words and same == fd, (result, words))
    t.check(h.subscribe(['no name'])[0] == -errno.EINVAL, 'a name with a blank')
    t.check(h.unsubscribe(['upbit:KRW-XRP'], fd) == (0, ''), 'given back')
    t.check(h.unsubscribe(['upbit:KRW-XRP'], fd)[0] == -errno.ENOENT, 'given back twice')
    wait_gone(hogad, 'KRW-XRP')
    t.check(is_carried(hogad, 'KRW-SOL'), 'the other one is held')
    os.close(fd)
    wait_gone(hogad, 'KRW-SOL')
    h.close()


def check_stopped_daemon(hogad):
    """A daemon that does not answer costs its client no more than the time it gave."""
    h = Handle(hogad.segment)
    os.kill(hogad.pid, signal.SIGSTOP)
    try:
        result, words, fd = h.subscribe(['upbit:KRW-XRP'], seconds=0.3)
    finally:
        os.kill(hogad.pid, signal.SIGCONT)
    t.check(result == -errno.ETIMEDOUT and fd == -1, (result, words))
    h.close()


def check_restart(sim, daemon):
    """With the daemon the lease ends, and the descriptor says so; the next call holds it anew on the same number."""
    hogad = t.Hogad(sim, MARKETS[:1], daemon=daemon)
    wait_live(hogad, 'KRW-BTC')
    h = Handle(hogad.segment)
    result, words, fd = h.subscribe(['upbit:KRW-ETH'])
    t.check(result == 0, words)
    with subscriber(hogad, 'upbit:KRW-XRP') as tool:
        wait_live(hogad, 'KRW-ETH')
        hogad.kill()
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        t.check(any(events & select.POLLHUP for _, events in poll.poll(SOON * 1000)), 'the descriptor does not say so')
        result, words, _ = h.subscribe(['upbit:KRW-ETH'], fd)
        t.check(result == -errno.ECONNREFUSED and 'nobody listens there' in words, (result, words))
        with t.Hogad(sim, MARKETS[:1], daemon=daemon, segment=hogad.segment) as again:
            wait_gone(again, 'KRW-ETH')  # until its first heartbeat the file is as the killed one left it
            wait_live(again, 'KRW-BTC')
            t.check(h.subscribe(['upbit:KRW-ETH'], fd) == (0, '', fd), 'not held anew')
            wait_live(again, 'KRW-ETH')
            t.check(tool.line() == 'upbit:KRW-XRP: held again', tool.log())
            wait_live(again, 'KRW-XRP')
            os.close(fd)
            h.close()


def main():
    daemon = 'linger_s = %d\nbooks_max = 4' % LINGER_SECONDS
    with t.Sim('--symbols', ','.join(MARKETS), '--rate', '20') as sim:
        with t.Hogad(sim, MARKETS[:1], daemon=daemon) as hogad:
            wait_live(hogad, 'KRW-BTC')
            t.wait_until(lambda: 'KRW-DOGE' in t.hoga(hogad, 'ls', '--all').stdout, SOON, 'the list')
            check_two_holders(hogad)
            check_for(hogad)
            check_refusals(hogad)
            check_full(hogad)
            check_reload(sim, hogad, daemon)
            check_kept(hogad)
            check_library(hogad)
            check_stopped_daemon(hogad)
        check_restart(sim, daemon)


main()
