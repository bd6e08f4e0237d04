#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hogad as a system service under a real systemd, in one boot (design section 7): ready, reloaded, restarted by the
watchdog and after kills, starved, replaced, stopped, with a reader that keeps its mapping through all of it; who may do
what; what a reader finds in a container; what the journal has."""
import os
import shutil
import signal
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import checks_life
import checks_who
from installing import kept_state
from machine import Cannot, Machine, wait_until
from service import CONF, Reader, hoga, inode, main_pid, prepare, restarts, start, wait_live, write_inside

SCRAPE = 'import urllib.request as r; print(r.urlopen("http://127.0.0.1:9852/metrics", timeout=60).read().decode())'


def check_ready(machine):
    assert machine.property('hogad', 'ActiveState') == 'active'
    wait_live(machine)
    wait_until(lambda: '2/2 live' in machine.property('hogad', 'StatusText'), 5, 'STATUS=2/2 live')
    out = wait_until(lambda: [out for code, out in [hoga(machine, 'reader', 'book', '--live', 'upbit:KRW-BTC')] if code == 0], 10,
                     'a live book for a reader')[0]
    assert 'simulator' in out, 'the source does not show: %s' % out


def is_well(metrics):
    return 'hoga_up 1\n' in metrics and 'hoga_books{venue="upbit",state="live"} 2\n' in metrics


def check_scrape(machine):
    """A scrape reads the segment as any member of the group."""
    machine.run_ok(['systemctl', 'start', 'hoga-metrics.socket'])
    wait_until(lambda: is_well(machine.run_ok(['/usr/bin/python3', '-c', SCRAPE])), 30, 'two live books scraped')
    machine.run_ok(['systemctl', 'stop', 'hoga-metrics.socket'])


def check_restart_keeps_the_file(machine):
    before = inode(machine)
    machine.run_ok(['systemctl', 'restart', 'hogad'])
    wait_live(machine)
    assert inode(machine) == before, 'systemctl restart made a new file'


def check_comes_back(machine, number, what):
    """Killed by `number`, it is started again, adopts its file and is live."""
    before, begun = inode(machine), restarts(machine)
    machine.run_ok(['kill', '-%d' % number, main_pid(machine)])
    wait_until(lambda: restarts(machine) > begun, 10, 'a restart after %s' % what)
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
    wait_until(lambda: 'hoga: /etc/hoga/hoga.conf:2: no-such-word: unknown word' in
               machine.run_ok(['journalctl', '--no-pager', '-o', 'cat', '-u', 'hogad']), 10, 'the reason in the journal')
    wait_live(machine, 'upbit:KRW-XRP')
    assert machine.property('hogad', 'MainPID') == pid, 'a wrong configuration ended the daemon'
    write_inside(machine, '/etc/hoga/hoga.conf', CONF % ('KRW-BTC KRW-XRP', url))
    machine.run_ok(['systemctl', 'reload', 'hogad'])


def check_second_instance(machine):
    machine.run_ok(['systemctl', 'start', 'hogad@two.service'])
    wait_live(machine, 'upbit:KRW-XRP', '--segment', '/run/hoga/two/books')
    for path in ('/run/hogad/two/ask', '/run/hogad/two/admin'):
        machine.run_ok(['test', '-S', path])
    machine.run_ok(['systemctl', 'reload', 'hogad@two.service'])
    code, out = hoga(machine, 'operator', 'log-level', '--segment', '/run/hoga/two/books')
    assert code == 0 and out.strip() == 'notice', out
    machine.run_ok(['systemctl', 'stop', 'hogad@two.service'])


def run_checks(machine, url):
    """Returns: what could not be shown here, by name."""
    check_ready(machine)
    check_scrape(machine)
    reader, others = Reader(machine), [Reader(machine, n) for n in range(1, 4)]
    checks_who.check_groups(machine)
    checks_who.check_leases(machine)
    checks_who.check_container(machine)
    check_restart_keeps_the_file(machine)
    check_comes_back(machine, signal.SIGKILL, 'kill -9')
    check_comes_back(machine, signal.SIGSTOP, 'a watchdog time-out')
    reader.check_goes_on('restart, kill and watchdog')
    check_reload(machine, url)
    check_second_instance(machine)
    checks_life.check_journal(machine)
    checks_life.check_stuck_journal(machine, reader)
    checks_life.check_venues_down(machine, reader)
    checks_life.check_fifty_kills(machine, reader)
    checks_life.check_newer_build(machine, reader)
    checks_life.check_stop(machine, reader)
    checks_life.check_socket_starts(machine)
    for one in [reader] + others:
        one.check_goes_on('everything')
        one.stop()
    return checks_who.check_logout(machine)


def check_all():
    with Machine() as machine:
        prepare(machine)
        machine.boot()
        try:
            skipped = run_checks(machine, start(machine))
        except AssertionError:
            for unit in ('hogad', 'hogad.socket', 'hogad@two', 'sim'):
                print(machine.run(['systemctl', 'status', '--no-pager', '-n', '20', unit])[1])
            print(machine.run(['journalctl', '--no-pager', '-n', '60', '-u', 'hogad'])[1])
            raise
    if skipped:
        print('not shown here: ' + skipped)


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
