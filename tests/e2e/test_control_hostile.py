#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""libhoga against something on the control socket that is no hogad: silent, endless, lying, generous with descriptors.
Each call ends in its time with an error that says so, and leaves no descriptor behind."""
import array
import errno
import json
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t
from libhoga import Handle

BOOK = 'upbit:KRW-BTC'


class Pretender:
    """A listener whose every connection is served by `serve(socket, request)`, once for a line."""

    def __init__(self, serve):
        self.path = os.path.join(t.scratch(), 'control')
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.serve = serve
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                try:
                    for line in client.makefile('rb'):
                        if self.serve(client, json.loads(line)) is False:
                            break
                except OSError:
                    pass

    def __enter__(self):
        os.environ['HOGA_CONTROL'] = self.path
        return self

    def __exit__(self, *_):
        del os.environ['HOGA_CONTROL']
        self.listener.close()


def say(client, **answer):
    client.sendall(json.dumps(answer).encode() + b'\n')


def say_nothing(client, request):
    return None


def say_endlessly(client, request):
    while True:
        client.sendall(b'x' * 65536)


def say_garbage_first(client, request):
    client.sendall(b'\x00\xff\n{"ok":true,"id":"other"}\n[]\n{"id":\n')
    say(client, ok=True, id=request['id'], books=[BOOK])


def hang_up(client, request):
    return False


def refuse_with_escapes(client, request):
    say(client, ok=False, id=request['id'], errno='ENOENT', error='a\x1b[2J: b\n: c\x07')


def refuse_strangely(client, request):
    say(client, ok='yes', id=request['id'], error={'a': 1})


def give_descriptors(client, request):
    data = json.dumps({'ok': True, 'id': request['id'], 'eventfd': True}).encode() + b'\n'
    null = os.open('/dev/null', os.O_RDONLY)
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [null] * 6))]
    client.sendmsg([data], rights)
    os.close(null)


def give_none(client, request):
    say(client, ok=True, id=request['id'])


def descriptors():
    return len(os.listdir('/proc/self/fd'))


def check(h, serve, results, call='subscribe', seconds=0.5, words=''):
    with Pretender(serve):
        before, begun = descriptors(), time.monotonic()
        answer = getattr(h, call)([BOOK], seconds=seconds)
        took = time.monotonic() - begun
        t.check(answer[0] in results and words in answer[1], '%s: %s' % (serve.__name__, answer))
        t.check(took < seconds + 20, '%s: %.1f s' % (serve.__name__, took))
        t.check(all(c.isprintable() for c in answer[1]), repr(answer[1]))
        for fd in answer[2:]:
            if fd >= 0:
                os.close(fd)
        t.wait_until(lambda: descriptors() <= before + 1, 30, '%s: descriptors left: %d, then %d' % (
            serve.__name__, before, descriptors()))  # the pretender's own side goes a little later


def main():
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '5') as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, BOOK, '--live'), 30, 'a live book')
        h = Handle(hogad.segment)
        check(h, say_nothing, [-errno.ETIMEDOUT], seconds=0.3, words='has not answered in time')
        check(h, say_endlessly, [-errno.EMSGSIZE, -errno.ETIMEDOUT], seconds=5)
        check(h, say_garbage_first, [0], seconds=30)
        check(h, hang_up, [-errno.EPIPE, -errno.ECONNRESET], seconds=30, words='has closed the connection')
        check(h, refuse_with_escapes, [-errno.ENOENT], seconds=30, words='a?')
        check(h, refuse_strangely, [-errno.EREMOTEIO], seconds=30)
        check(h, give_descriptors, [0], seconds=30)
        check(h, give_descriptors, [0], call='eventfd', seconds=30)
        check(h, give_none, [-errno.EPROTO], call='eventfd', seconds=30, words='no descriptor')
        h.close()


main()
