# SPDX-License-Identifier: MIT
"""Who may do what: an outsider and a member of each group at each socket and at the segment, a reader that logs out, a
reader in a container. The kernel decides, by file modes."""
import os

from machine import wait_until
from service import BOOKS, as_user, hoga, inode, installed, read_inside, wait_live, write_inside

CONNECT = '''import socket, sys
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(sys.argv[1])
except PermissionError:
    sys.exit(13)
s.sendall(b'{"verb":"%s"}\\n' % sys.argv[2].encode())
sys.exit(0 if b'"ok":true' in s.recv(65536) else 1)
'''
EVENTFD = '''import os, select, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b'{"verb":"eventfd","names":["upbit:KRW-BTC"]}\\n')
answer, fds, _, _ = socket.recv_fds(s, 4096, 1)
assert b'"ok":true' in answer, answer
for _ in range(5):
    assert select.select(fds, [], [], 60)[0], 'not rung'
    os.read(fds[0], 8)
'''
ASK, ADMIN = '/run/hogad/ask', '/run/hogad/admin'
REFUSED = 13
HOME = '/run/reader'
# user: the segment, the readers' socket, the operators'
MAY = {'root': (True, True, True), 'reader': (True, True, False), 'operator': (False, False, True),
       'outsider': (False, False, False)}


def connect(machine, user, path, verb):
    return machine.run(as_user(user, '/usr/bin/python3', '-c', CONNECT, path, verb))[0]


def check_groups(machine):
    for path, mode in ((BOOKS, '640 hogad hoga'), (os.path.dirname(BOOKS), '750 hogad hoga'),
                       (ASK, '660 root hoga'), (ADMIN, '660 hogad hoga-admin'), ('/run/hogad', '755 root root')):
        found = machine.run_ok(['stat', '-c', '%a %U %G', path]).strip()
        assert found == mode, '%s: %s instead of %s' % (path, found, mode)
    for user, (segment, ask, admin) in MAY.items():
        code, out = hoga(machine, user, 'book', 'upbit:KRW-BTC')
        assert (code == 0) == segment, '%s at the segment: %d: %s' % (user, code, out)
        assert segment or 'ermission denied' in out, '%s: %s' % (user, out)
        for path, verb, may in ((ASK, 'status', ask), (ADMIN, 'log-level', admin)):
            code = connect(machine, user, path, verb)
            assert code == (0 if may else REFUSED), '%s at %s: %d' % (user, path, code)
    assert connect(machine, 'reader', ASK, 'reload') == 1, 'a reader gave an order'
    code, out = hoga(machine, 'operator', 'log-level')
    assert code == 0 and out.strip() == 'notice', 'an operator: %d: %s' % (code, out)
    code, out = hoga(machine, 'reader', 'reload')
    assert code == 1 and ADMIN + ': permission denied: sudo usermod -aG hoga-admin' in out, out
    for user, words in (('operator', ['control socket ask: %s: permission denied' % ASK, 'takes orders from you']),
                        ('reader', ['control socket ask: hogad answers', 'control socket admin: %s: permission' % ADMIN])):
        out = hoga(machine, user, 'doctor')[1]
        assert all(w in out for w in words), 'hoga doctor to %s: %s' % (user, out)
    code, out = machine.run(as_user('reader', 'sh', '-c', 'echo x >>"$1"', 'sh', BOOKS))
    assert code != 0, 'a reader can write the segment'


def check_leases(machine):
    """A reader has a book carried for as long as it holds its connection."""
    code, out = hoga(machine, 'reader', 'subscribe', '--for', '0', 'upbit:KRW-ETX')
    assert code == 1 and 'did you mean KRW-ETH?' in out, '%d: %s' % (code, out)
    code, out = hoga(machine, 'reader', 'subscribe', '--for', '0', 'upbit:KRW-SOL')
    assert code == 0, out
    wait_live(machine, 'upbit:KRW-SOL')
    code, out = machine.run(as_user('reader', '/usr/bin/python3', '-c', EVENTFD, ASK))
    assert code == 0, 'an eventfd of the sandboxed daemon: %s' % out


def check_logout(machine):
    """logind takes away what a user leaves in /dev/shm at logout (RemoveIPC); the books are not among it.
    Returns: what could not be shown here, or None."""
    code, out = machine.run(['systemctl', 'start', 'systemd-logind'])
    if code != 0:
        return 'logout of a reader: systemd-logind does not start here: %s' % out.strip()
    before = inode(machine)
    machine.run_ok(['install', '-d', '-o', 'reader', '-g', 'reader', HOME])
    write_home(machine, HOME + '/.config/hoga/hoga.conf', read_inside(machine, '/etc/hoga/two.conf'))
    write_home(machine, HOME + '/.config/systemd/user/hogad.service.d/test.conf',
               '[Service]\nEnvironment=HOGA_SEGMENT=/run/user/1501/hoga/main/books\n')
    if machine.run(['loginctl', 'enable-linger', 'reader'])[0] != 0:
        return 'logout of a reader: loginctl does not work here'
    wait_until(lambda: machine.property('user@1501.service', 'ActiveState') in ('active', 'failed'), 30, 'the user manager')
    if machine.property('user@1501.service', 'ActiveState') == 'failed':
        return 'logout of a reader: user@.service does not start here (libpam-systemd?)'
    write_inside(machine, '/dev/shm/of-reader', 'x')
    machine.run_ok(['chown', 'reader:', '/dev/shm/of-reader'])
    user_unit = check_user_service(machine)
    machine.run_ok(['loginctl', 'disable-linger', 'reader'])
    wait_until(lambda: machine.run(['test', '-e', '/dev/shm/of-reader'])[0] != 0, 20, 'RemoveIPC at logout')
    assert inode(machine) == before, 'the books went with a reader'
    wait_until(lambda: hoga(machine, 'reader', 'book', '--live', 'upbit:KRW-BTC')[0] == 0, 10, 'a live book after its logout')
    return user_unit


def write_home(machine, path, text):
    machine.run_ok(as_user('reader', 'mkdir', '-p', os.path.dirname(path)))
    write_inside(machine, path, text)


def check_user_service(machine):
    """`systemctl --user start hogad` of somebody who has no rights on this host: a daemon and sockets of its own."""
    def user(*command):
        return machine.run(as_user('reader', 'env', 'XDG_RUNTIME_DIR=/run/user/1501', 'HOME=' + HOME, *command))

    code, out = user('systemctl', '--user', 'daemon-reload')
    if code != 0:
        return 'a service of one\'s own: no user manager to talk to here: %s' % out.strip()
    code, out = user('systemctl', '--user', 'start', 'hogad')
    assert code == 0, out + user('systemctl', '--user', 'status', '-n20', 'hogad')[1]
    tool = installed(machine, 'hoga')
    wait_until(lambda: user(tool, 'book', '--live', 'upbit:KRW-XRP')[0] == 0, 10, 'a live book of one\'s own daemon')
    code, out = user(tool, 'log-level')
    assert code == 0 and out.strip() == 'notice', out
    code, out = user('systemctl', '--user', 'reload', 'hogad')
    assert code == 0, out
    code, out = user('systemctl', '--user', 'stop', 'hogad')
    assert code == 0, out
    code, out = user(tool, 'log-level')
    assert code == 1, 'stopped, and yet: ' + out
    return None


def check_container(machine):
    """In mount and pid namespaces of its own, with the directory bound read-only, and nothing else of the host's: reads,
    waits, and cannot write."""
    # A book is not live for a reader while hogad has no processor: a few tries.
    script = '''set -e
soon() { n=0; until "$@" >/dev/null; do n=$((n + 1)); test $n -lt 1000; done; }
mkdir -p /tmp/books && mount --bind /run/hoga/main /tmp/books && mount -o remount,ro,bind /tmp/books
mount -t tmpfs tmpfs /run && mount -t proc proc /proc
test ! -e /run/hoga && test ! -e /run/hogad
soon %(hoga)s book --live upbit:KRW-BTC --segment /tmp/books/books
timeout 60 %(hoga)s watch -n 3 upbit:KRW-BTC --segment /tmp/books/books | wc -l | grep -qx 3
soon %(hoga)s check --segment /tmp/books/books
! touch /tmp/books/x 2>/dev/null
! sh -c 'echo x >>/tmp/books/books' 2>/dev/null
%(hoga)s doctor --segment /tmp/books/books | grep -q 'wake file'
''' % {'hoga': installed(machine, 'hoga')}
    code, out = machine.run(['unshare', '-m', '-p', '-f', '--propagation', 'private', 'sh', '-c', script])
    assert code == 0, 'in a container: exit %d: %s' % (code, out)
