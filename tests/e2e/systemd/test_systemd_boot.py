#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hogad as a system service under a real systemd: ready, read by the group and by nobody else, restarted by the watchdog
and after a kill with the same file, reloaded, stopped at once (design section 7)."""
import os
import re
import shutil
import signal
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from installing import install, kept_state
from machine import Cannot, Machine, wait_until

PORT = 18080  # nobody else is in the machine's network
BOOKS = '/run/hoga/main/books'
SIM = '''[Service]
ExecStart=%(bin)s/hoga-sim --venue upbit --listen 127.0.0.1:%(port)d --symbols KRW-BTC,KRW-ETH,KRW-XRP --rate 20
StandardOutput=file:/run/sim.out
'''
CONF = '[upbit]\nsymbols = %s\nurl = %s\n'
# Simulated books never use a default path; the watchdog is shorter so that the test is.
DROP_IN = '[Service]\nEnvironment=HOGA_SEGMENT=/run/hoga/%s/books\nWatchdogSec=1s\n'
USERS = 'u reader - "reads"\nm reader hoga\nu outsider - "may not"\n'
STOP_S = 1.0


def installed(machine, name):
    for prefix in ('/usr/local/bin', '/usr/bin'):
        if os.path.exists(machine.root + os.path.join(prefix, name)):
            return os.path.join(prefix, name)
    raise AssertionError('%s is not installed' % name)


def prepare(machine):
    install(machine.root)
    where = os.path.dirname(installed(machine, 'hogad'))
    machine.write('etc/systemd/system/sim.service', SIM % {'bin': where, 'port': PORT})
    machine.write('etc/systemd/system/hogad.service.d/test.conf', DROP_IN % 'main')
    machine.write('etc/systemd/system/hogad@.service.d/test.conf', DROP_IN % '%i')
    machine.write('etc/sysusers.d/test.conf', USERS)


def start(machine):
    machine.run_ok(['ldconfig'])
    machine.run_ok(['systemd-sysusers'])
    machine.run_ok(['systemd-tmpfiles', '--create', '--prefix=/run/hoga'])
    machine.run_ok(['systemctl', 'start', 'sim.service'])
    url = wait_until(lambda: re.match(r'listening (\S+)', read_inside(machine, '/run/sim.out')), 10, 'the simulator')
    write_inside(machine, '/etc/hoga/hoga.conf', CONF % ('KRW-BTC KRW-ETH', url.group(1)))
    write_inside(machine, '/etc/hoga/two.conf', CONF % ('KRW-XRP', url.group(1)))
    machine.run_ok(['systemctl', 'start', 'hogad.service'])
    return url.group(1)


def read_inside(machine, path):
    code, out = machine.run(['cat', path])
    return out if code == 0 else ''


def write_inside(machine, path, text):
    machine.run_ok(['sh', '-c', 'printf %s "$1" >"$2"', 'sh', text, path])


def hoga(machine, user, *arguments):
    who = ['setpriv', '--reuid', user, '--regid', user, '--init-groups', '--'] if user != 'root' else []
    return machine.run(who + [installed(machine, 'hoga')] + list(arguments))


def wait_live(machine, name='upbit:KRW-BTC', *arguments):
    wait_until(lambda: hoga(machine, 'root', 'book', '--live', name, *arguments)[0] == 0, 10, '%s live' % name)


def inode(machine):
    return machine.run_ok(['stat', '-c', '%i', BOOKS]).strip()


def check_ready(machine):
    assert machine.property('hogad', 'ActiveState') == 'active'
    wait_live(machine)
    wait_until(lambda: '2/2 live' in machine.property('hogad', 'StatusText'), 5, 'STATUS=2/2 live')
    assert machine.run_ok(['stat', '-c', '%a %U %G', BOOKS]).strip() == '640 hogad hoga'
    assert machine.run_ok(['stat', '-c', '%a %U %G', os.path.dirname(BOOKS)]).strip() == '750 hogad hoga'


def check_readers(machine):
    code, out = hoga(machine, 'reader', 'book', '--live', 'upbit:KRW-BTC')
    assert code == 0, 'a member of hoga cannot read: %s' % out
    assert 'simulator' in out, 'the source does not show: %s' % out
    code, out = hoga(machine, 'outsider', 'book', 'upbit:KRW-BTC')
    assert code == 1 and 'ermission denied' in out, 'an outsider got %d: %s' % (code, out)


def check_restart_keeps_the_file(machine):
    before = inode(machine)
    machine.run_ok(['systemctl', 'restart', 'hogad'])
    wait_live(machine)
    assert inode(machine) == before, 'systemctl restart made a new file'


def check_comes_back(machine, number, what):
    """Killed by `number`, it is started again, adopts its file and is live."""
    before, restarts = inode(machine), int(machine.property('hogad', 'NRestarts'))
    machine.run_ok(['kill', '-%d' % number, machine.property('hogad', 'MainPID')])
    wait_until(lambda: int(machine.property('hogad', 'NRestarts')) > restarts, 10, 'a restart after %s' % what)
    wait_until(lambda: machine.property('hogad', 'ActiveState') == 'active', 10, 'active after %s' % what)
    wait_live(machine)
    assert inode(machine) == before, '%s made a new file' % what


def check_reload(machine, url):
    write_inside(machine, '/etc/hoga/hoga.conf', CONF % ('KRW-BTC KRW-XRP', url))
    machine.run_ok(['systemctl', 'reload', 'hogad'])
    wait_live(machine, 'upbit:KRW-XRP')
    pid = machine.property('hogad', 'MainPID')
    write_inside(machine, '/etc/hoga/hoga.conf', '[upbit]\nno-such-word = 1\n')
    code, out = machine.run(['systemctl', 'reload', 'hogad'])
    assert code != 0, 'systemctl reload took a wrong configuration: %s' % out
    said = machine.run_ok(['journalctl', '--no-pager', '-o', 'cat', '-u', 'hogad'])
    assert 'hoga: /etc/hoga/hoga.conf:2: no-such-word: unknown word' in said, said[-2000:]
    wait_live(machine, 'upbit:KRW-XRP')
    assert machine.property('hogad', 'MainPID') == pid, 'a wrong configuration ended the daemon'
    write_inside(machine, '/etc/hoga/hoga.conf', CONF % ('KRW-BTC KRW-XRP', url))
    machine.run_ok(['systemctl', 'reload', 'hogad'])


def check_second_instance(machine):
    machine.run_ok(['systemctl', 'start', 'hogad@two.service'])
    wait_live(machine, 'upbit:KRW-XRP', '--segment', '/run/hoga/two/books')
    machine.run_ok(['systemctl', 'stop', 'hogad@two.service'])


def check_stop(machine):
    before, begun = inode(machine), time.monotonic()
    machine.run_ok(['systemctl', 'stop', 'hogad'])
    took = time.monotonic() - begun
    assert took < STOP_S, 'stopping took %.2f s' % took
    assert machine.property('hogad', 'Result') == 'success', machine.property('hogad', 'Result')
    assert inode(machine) == before, 'the file went with the daemon'
    assert hoga(machine, 'root', 'check')[0] == 1, 'hoga check is content without a daemon'
    machine.run_ok(['systemctl', 'start', 'hogad'])
    wait_live(machine)
    assert inode(machine) == before, 'a start after a stop made a new file'


def check_all():
    with Machine() as machine:
        prepare(machine)
        machine.boot()
        try:
            url = start(machine)
            check_ready(machine)
            check_readers(machine)
            check_restart_keeps_the_file(machine)
            check_comes_back(machine, signal.SIGKILL, 'kill -9')
            check_comes_back(machine, signal.SIGSTOP, 'a watchdog time-out')
            check_reload(machine, url)
            check_second_instance(machine)
            check_stop(machine)
        except AssertionError:
            for unit in ('hogad', 'hogad@two', 'sim'):
                print(machine.run(['systemctl', 'status', '--no-pager', '-n', '20', unit])[1])
            print(machine.run(['journalctl', '--no-pager', '-n', '60', '-u', 'hogad'])[1])
            raise


def main():
    if os.geteuid() != 0:
        print('skipped: not root')
        return 77
    if not shutil.which('systemd-nspawn'):
        print('skipped: package missing: systemd-container')
        return 77
    try:
        with kept_state():
            check_all()
    except Cannot as e:
        print('skipped: %s' % e)
        return 77
    except AssertionError as e:
        print('failed: %s' % e)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
