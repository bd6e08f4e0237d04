#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The control sockets of a running hogad: what operators ask through `hoga`, what is refused and in which words, and a
feed that goes on whatever is sent there."""
import json
import os
import socket
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

ALL = ('KRW-BTC', 'KRW-ETH', 'KRW-XRP')


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.file = self.socket.makefile('rwb')

    def ask(self, **request):
        self.file.write(json.dumps(request).encode() + b'\n')
        self.file.flush()
        return json.loads(self.file.readline())

    def close(self):
        self.file.close()
        self.socket.close()


def check_reload(sim, hogad):
    hogad.write_config(sim, ALL[1:])
    done = t.hoga(hogad, 'reload')
    t.check(done.returncode == 0, done)
    lines = done.stdout.splitlines()
    t.check(lines[:3] == ['+ upbit:KRW-ETH', '+ upbit:KRW-XRP', '- upbit:KRW-BTC'], lines)
    t.check('2 books added, 1 removed, 2 in all' in lines[3], lines)
    t.wait_until(lambda: t.book(hogad, 'upbit:KRW-XRP', '--live'), 30, 'the new book live')
    answer = json.loads(t.hoga(hogad, 'reload', '--json').stdout)['answer']
    t.check(answer['ok'] and answer['n_added'] == answer['n_removed'] == 0 and answer['books'] == 2, answer)


def check_wrong_reload(sim, hogad):
    """What is wrong is said with file, line and word, and nothing has changed."""
    for daemon, words in [('no_such_word = 1', ':2: no_such_word: unknown word in [daemon]'),
                          ('depth = 7', 'fixed when the segment is made: restart hogad')]:
        hogad.write_config(sim, ('KRW-BTC',), daemon=daemon)
        done = t.hoga(hogad, 'reload')
        t.check(done.returncode == 1 and not done.stdout, done)
        t.check(done.stderr.startswith('hoga: ' + hogad.config) and words in done.stderr, done)
    os.unlink(hogad.config)
    done = t.hoga(hogad, 'reload')
    t.check(done.returncode == 1 and 'No such file' in done.stderr, done)
    t.check(t.book(hogad, 'upbit:KRW-XRP') and not t.book(hogad, 'upbit:KRW-BTC'), 'something was applied')
    t.wait_until(lambda: t.book(hogad, 'upbit:KRW-XRP', '--live'), 30, 'live after wrong reloads')
    hogad.write_config(sim, ALL[1:])


def check_log_level(hogad):
    t.check(t.hoga(hogad, 'log-level').stdout == 'notice\n', 'the level at the start')
    t.check(t.hoga(hogad, 'log-level', 'debug').stdout == 'debug\n', 'the level was not set')
    done = t.hoga(hogad, 'log-level', 'loud')
    t.check(done.returncode == 1 and done.stderr.startswith('hoga: loud: no log level: err, warn'), done)
    t.check('log_level' not in t.hoga(hogad, 'log-level').stdout, 'words')
    t.check(t.hoga(hogad, 'reload').returncode == 0 and t.hoga(hogad, 'log-level').stdout == 'notice\n', 'back again')


def check_sockets(hogad):
    for name, mode in (('ask', 0o660), ('admin', 0o600)):
        st = os.stat(hogad.segment + '.' + name)
        t.check(stat.S_ISSOCK(st.st_mode) and stat.S_IMODE(st.st_mode) == mode, (name, oct(st.st_mode)))
    asker = Client(hogad.segment + '.ask')
    answer = asker.ask(verb='status', id='7')
    t.check(answer['ok'] and answer['id'] == '7' and answer['segment'] == hogad.segment, answer)
    t.check(answer['pid'] == hogad.pid and answer['connections'][0]['venue'] == 'upbit', answer)
    answer = asker.ask(verb='reload')
    t.check(not answer['ok'] and answer['errno'] == 'EPERM' and 'admin socket' in answer['error'], answer)
    asker.close()
    t.wait_until(lambda: 'control_refused' in t.hoga(hogad, 'stat', '--json').stdout, 30, 'the counters')


def check_where(hogad):
    """HOGA_CONTROL names the socket; without a daemon the tool says where it looked."""
    done = t.hoga(None, 'log-level', env=dict(os.environ, HOGA_CONTROL=hogad.segment + '.admin'))
    t.check(done.returncode == 0 and done.stdout == 'notice\n', done)
    done = t.hoga(hogad, 'log-level', env=dict(os.environ, HOGA_CONTROL=hogad.segment + '.ask'))
    t.check(done.returncode == 1 and 'not on this socket' in done.stderr, done)
    done = t.hoga(hogad.segment + '-none', 'log-level')
    t.check(done.returncode == 1 and '-none.admin: no control socket there: start hogad' in done.stderr, done)
    done = t.hoga(hogad, 'log-level', env=dict(os.environ, LC_ALL='C.UTF-8', HOGA_CONTROL=''))
    t.check(done.returncode == 0, done)


def check_feed_goes_on(hogad):
    """Clients that stop in the middle, do not read, or send what is no request: the books go on."""
    stuck = [Client(hogad.segment + '.ask') for _ in range(30)]
    for number, client in enumerate(stuck):
        client.socket.setblocking(False)
        try:
            client.socket.sendall((b'{"verb":"status"}\n' * 2000, b'{"verb"', b'\x00\xff\n' * 1000)[number % 3])
        except BlockingIOError:
            pass
    before = t.book(hogad, 'upbit:KRW-XRP')['update']
    t.wait_until(lambda: (t.book(hogad, 'upbit:KRW-XRP', '--live') or {'update': before})['update'] != before, 30,
                 'the book to move')
    t.check(t.hoga(hogad, 'log-level').returncode == 0, 'the operator was not heard')
    for client in stuck:
        client.socket.close()


def check_reconnect(hogad):
    done = t.hoga(hogad, 'reconnect', 'upbit')
    t.check(done.returncode == 0 and done.stdout.startswith('upbit 0: goes as soon as'), done)
    t.wait_until(lambda: t.counters(hogad)['handovers'] == 1, 60, 'another connection has taken over')
    done = t.hoga(hogad, 'reconnect', 'upbit')  # the old one is still there, and goes: it is in nobody's way
    t.check(done.returncode == 0 and done.stdout == 'upbit 1: goes as soon as another one is in sync\n', done)
    t.wait_until(lambda: t.counters(hogad)['handovers'] == 2, 60, 'and again')
    t.wait_until(lambda: t.book(hogad, 'upbit:KRW-XRP', '--live'), 30, 'live after the replacement')
    done = t.hoga(hogad, 'reconnect', 'nowhere')
    t.check(done.returncode == 1 and done.stderr.startswith('hoga: nowhere: no venue or number'), done)


def check_doctor(hogad):
    for words in ('control socket ask: hogad answers', 'control socket admin: hogad takes orders from you'):
        t.wait_until(lambda: words in t.hoga(hogad, 'doctor').stdout, 30, words)  # it gives hogad a second to answer
    path = hogad.segment + '.ask'
    os.rename(path, path + '.away')
    done = t.hoga(hogad, 'doctor')
    os.rename(path + '.away', path)
    t.check('warn  control socket ask: %s: no control socket there' % path in done.stdout, done)


def check_leaves_nothing(sim):
    hogad = t.Hogad(sim)
    t.wait_until(lambda: all(os.path.exists(hogad.segment + name) for name in ('.ask', '.admin')), 30, 'the sockets')
    hogad.kill()
    t.check(os.path.exists(hogad.segment + '.ask'), 'a killed daemon cannot have cleaned up')
    done = t.hoga(hogad, 'log-level')
    t.check(done.returncode == 1 and 'nobody listens there: start hogad' in done.stderr, done)
    with t.Hogad(sim, segment=hogad.segment) as again:
        t.wait_until(lambda: t.hoga(again, 'log-level').returncode == 0, 30, 'the next daemon to take the sockets over')
    for name in ('ask', 'admin'):
        t.check(not os.path.exists(hogad.segment + '.' + name), name + ' is left behind')
    with open(hogad.segment + '.ask', 'w') as file:
        file.write('somebody\'s')
    with t.Hogad(sim, segment=hogad.segment) as third:
        t.wait_until(lambda: 'control.none why=' in third.log(), 30, 'words for the socket that cannot be made')
        t.check(t.hoga(third, 'log-level').returncode == 0, 'the other socket')
    with open(hogad.segment + '.ask') as file:
        t.check(file.read() == 'somebody\'s', 'a file that is no socket was touched')


def main():
    with t.Sim('--symbols', ','.join(ALL), '--rate', '20') as sim:
        with t.Hogad(sim) as hogad:
            t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 30, 'a live book')
            check_sockets(hogad)
            check_reload(sim, hogad)
            check_wrong_reload(sim, hogad)
            check_log_level(hogad)
            check_where(hogad)
            check_reconnect(hogad)
            check_doctor(hogad)
            check_feed_goes_on(hogad)
        check_leaves_nothing(sim)


main()
