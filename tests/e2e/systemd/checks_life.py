# SPDX-License-Identifier: MIT
"""A service that is killed, starved of its venues, replaced by a newer build, stopped: it is there again, and who reads
goes on reading by the mapping it had."""
import json
import os
import shutil
import time

from installing import install
from machine import wait_until
from service import WATCHDOG_S, hoga, inode, installed, main_pid, restarts, wait_live

KILLS = 50
STOP_S = 1.0
STOP_TRIES = 4
DOWN_S = 1.5 * WATCHDOG_S
SOCKETS = ['hogad.socket', 'hogad-admin.socket']


def check_fifty_kills(machine, reader):
    """In a row, as soon as it is back; systemd never gives up, and the file stays."""
    before, begun = inode(machine), restarts(machine)
    for n in range(KILLS):
        pid = main_pid(machine)
        machine.run_ok(['kill', '-9', pid])
        wait_until(lambda: main_pid(machine) not in ('0', pid) and
                   machine.property('hogad', 'ActiveState') == 'active', 10, 'hogad again after kill %d' % (n + 1))
    assert restarts(machine) >= begun + KILLS, 'restarts: %d' % (restarts(machine) - begun)
    wait_live(machine)
    assert inode(machine) == before, 'a kill made a new file'
    assert hoga(machine, 'root', 'log-level')[0] == 0, 'the sockets did not come back'
    machine.run_ok(['test', '!', '-e', '/run/hoga/main/books.ask'])  # it was given them, and made none
    reader.check_goes_on('fifty kills')


def check_venues_down(machine, reader):
    """Nothing to dial, for as long as that is: no restart, and it says what is wrong."""
    pid = main_pid(machine)
    machine.run_ok(['systemctl', 'stop', 'sim.service'])
    wait_until(lambda: 'upbit ' in machine.property('hogad', 'StatusText'), 10, 'the reason in STATUS')
    down = time.monotonic()
    wait_until(lambda: time.monotonic() - down > DOWN_S, 2 * DOWN_S, 'the time to pass')
    assert main_pid(machine) == pid, 'a dead venue ended hogad'
    assert machine.property('hogad', 'StatusText').startswith('0/'), machine.property('hogad', 'StatusText')
    code, out = hoga(machine, 'root', 'check')
    assert code == 1, 'hoga check without a venue: %d: %s' % (code, out)
    machine.run_ok(['systemctl', 'start', 'sim.service'])
    wait_live(machine)
    assert main_pid(machine) == pid, 'hogad was restarted for its venue'
    reader.check_goes_on('the venue was down')


def newer(path, before, after):
    """The program as another build of it would be: put in place by rename, as packages are."""
    with open(path, 'rb') as f:
        image = f.read()
    assert before in image, '%s does not hold %s' % (path, before)
    with open(path + '.new', 'wb') as f:
        f.write(image.replace(before, after))
    shutil.copymode(path, path + '.new')
    os.rename(path + '.new', path)


def check_newer_build(machine, reader):
    """Installed over a running daemon with readers attached, then restarted into: another version, the same file."""
    before = inode(machine)
    install(machine.root)  # as `cmake --install` does it, over the running programs
    reader.check_goes_on('an installation over it')
    program = machine.root + installed(machine, 'hogad')
    version = machine.run_ok([installed(machine, 'hogad'), '--version']).split()[1]
    later = version[:-1] + chr(ord(version[-1]) + 1)
    newer(program, b'\0' + version.encode() + b'\0', b'\0' + later.encode() + b'\0')
    reader.check_goes_on('a newer build was put in place')
    machine.run_ok(['systemctl', 'restart', 'hogad'])
    wait_live(machine)
    assert later in hoga(machine, 'root', 'doctor')[1], 'the newer build does not run'
    assert inode(machine) == before, 'the newer build made a new file'
    reader.check_goes_on('the restart into a newer build')
    newer(program, b'\0' + later.encode() + b'\0', b'\0' + version.encode() + b'\0')
    machine.run_ok(['systemctl', 'restart', 'hogad'])
    wait_live(machine)


def stopped_in(machine):
    """Seconds from the order to stop to its end, by the machine's own systemd."""
    begun, ended = (int(machine.property('hogad', name)) for name in ('ActiveExitTimestampMonotonic', 'InactiveEnterTimestampMonotonic'))
    return (ended - begun) / 1e6


def check_stop(machine, reader):
    """At once, and for good: neither reader nor client starts it again; then the same file once more."""
    before, took = inode(machine), []
    while not took or (took[-1] >= STOP_S and len(took) < STOP_TRIES):
        if took:
            machine.run_ok(['systemctl', 'start', 'hogad'])
            wait_live(machine)
        machine.run_ok(['systemctl', 'stop', 'hogad'])
        took.append(stopped_in(machine))
    assert took[-1] < STOP_S, 'stopping took %s s' % took
    assert machine.property('hogad', 'Result') == 'success', machine.property('hogad', 'Result')
    assert inode(machine) == before, 'the file went with the daemon'
    assert hoga(machine, 'root', 'check')[0] == 1, 'hoga check is content without a daemon'
    code, out = hoga(machine, 'reader', 'subscribe', '--for', '0', 'upbit:KRW-BTC')
    assert code == 1 and '/run/hogad/ask: no control socket there' in out, 'a client got %d: %s' % (code, out)
    for unit in ['hogad.service'] + SOCKETS:
        state = machine.property(unit, 'ActiveState')
        assert state == 'inactive', '%s is %s after the stop' % (unit, state)
    machine.run_ok(['systemctl', 'start', 'hogad'])
    wait_live(machine)
    assert inode(machine) == before, 'a start after a stop made a new file'
    reader.check_goes_on('stop and start')


def check_socket_starts(machine):
    """Where the sockets alone are started, the first who asks starts the daemon."""
    machine.run_ok(['systemctl', 'stop', 'hogad'])
    machine.run_ok(['systemctl', 'start'] + SOCKETS)
    assert machine.property('hogad', 'ActiveState') == 'inactive', 'the sockets started it'
    code, out = hoga(machine, 'root', 'log-level')
    assert code == 0 and out.strip() == 'notice', 'the one who asked got %d: %s' % (code, out)
    wait_until(lambda: machine.property('hogad', 'ActiveState') == 'active', 10, 'whoever answered is active')
    wait_live(machine)


def check_journal(machine):
    """Entries have their fields, and what comes of the units' own commands is there too."""
    def entries():
        out = machine.run_ok(['journalctl', '--no-pager', '-o', 'json', '-u', 'hogad', 'HOGA_EVENT=book.state'])
        rows = [json.loads(line) for line in out.splitlines()]
        return [e for e in rows if e.get('HOGA_SYMBOL') == 'KRW-BTC' and e.get('HOGA_STATE') == 'live']
    live = wait_until(entries, 30, 'an entry for a live book')
    for key, value in (('HOGA_VENUE', 'upbit'), ('HOGA_REASON', ''), ('PRIORITY', '5'), ('SYSLOG_IDENTIFIER', 'hogad'),
                       ('_SYSTEMD_UNIT', 'hogad.service'), ('_COMM', 'hogad')):
        assert live[-1].get(key) == value, '%s is %r: %s' % (key, live[-1].get(key), live[-1])
    message = 'book.state venue=upbit symbol=KRW-BTC state=live reason=""'
    assert live[-1]['MESSAGE'] == message, live[-1]['MESSAGE']
    out = machine.run_ok(['journalctl', '--no-pager', '-o', 'json', '-u', 'hogad', 'HOGA_EVENT=config.refused'])
    assert json.loads(out.splitlines()[-1])['PRIORITY'] == '3', out


FILL = """import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setblocking(False)
try:
    while True:
        s.sendto(b'MESSAGE=x\\n', '/run/systemd/journal/socket')
except BlockingIOError:
    pass
"""


def check_stuck_journal(machine, reader):
    """A journal that stands still, with its queue full, stops no book."""
    pid = machine.property('systemd-journald', 'MainPID')
    machine.run_ok(['kill', '-STOP', pid])
    try:
        machine.run_ok(['/usr/bin/python3', '-c', FILL])
        for level in ('debug', 'info', 'notice'):  # each is a line of its own
            code, out = hoga(machine, 'root', 'log-level', level)
            assert code == 0, out
        reader.check_goes_on('the journal stood still')
    finally:
        machine.run(['kill', '-CONT', pid])
