# SPDX-License-Identifier: MIT
"""hogad as a service of a booted machine: installed, with a simulator to dial, and what its checks share."""
import os
import re
import subprocess

from installing import install
from machine import children, wait_until

PORT = 18080  # nobody else is in the machine's network
BOOKS = '/run/hoga/main/books'
SIM = '''[Service]
ExecStart=%(bin)s/hoga-sim --venue upbit --listen 127.0.0.1:%(port)d --symbols KRW-BTC,KRW-ETH,KRW-XRP,KRW-SOL --rate 20
StandardOutput=truncate:/run/sim.out
'''
WATCHDOG_S = 5  # systemd/hogad.service
CONF = '[upbit]\nsymbols = %s\nurl = %s\n'
# Simulated books never use a default path. The watchdog is the unit's own: a busy machine may let hogad stand for a second.
DROP_IN = '[Service]\nEnvironment=HOGA_SEGMENT=/run/hoga/%s/books\n'
# Numbers that ordinary users have: a system user's things are not taken away when it logs out.
USERS = '''u reader 1501 "reads" /run/reader /bin/sh
m reader hoga
u operator 1502 "gives orders" /tmp /bin/sh
m operator hoga-admin
u outsider 1503 "may not" /tmp /bin/sh
'''


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
    return machine.run(as_user(user, installed(machine, 'hoga'), *arguments))


def wait_live(machine, name='upbit:KRW-BTC', *arguments):
    wait_until(lambda: hoga(machine, 'root', 'book', '--live', name, *arguments)[0] == 0, 10, '%s live' % name)


def inode(machine):
    return machine.run_ok(['stat', '-c', '%i', BOOKS]).strip()


def as_user(user, *command):
    return (['setpriv', '--reuid', user, '--regid', user, '--init-groups', '--'] if user != 'root' else []) + list(command)


def main_pid(machine, unit='hogad'):
    return machine.property(unit, 'MainPID')


def restarts(machine, unit='hogad'):
    return int(machine.property(unit, 'NRestarts'))


class Reader:
    """`hoga watch` of a member of group hoga, and the file that it has mapped: the same one for as long as it runs."""

    def __init__(self, machine, number=0):
        self.machine = machine
        self.out = open(os.path.join(machine.folder, 'reader%d.out' % number), 'w+', encoding='utf-8')
        command = as_user('reader', installed(machine, 'hoga'), 'watch', '--json', 'upbit:KRW-BTC')
        self.child = subprocess.Popen(machine.command(command), stdin=subprocess.DEVNULL, stdout=self.out,
                                      stderr=subprocess.STDOUT)
        wait_until(self.mapped, 10, 'the reader to map the books')
        self.inode = self.mapped()

    def mapped(self):
        """The inode of the mapping, or None."""
        for pid in children(self.child.pid):
            try:
                with open('/proc/%d/maps' % pid, encoding='utf-8') as f:
                    found = re.search(r' (\d+) +\S*hoga/main/books\n', f.read())
            except OSError:
                continue
            if found:
                return found.group(1)
        return None

    def n_lines(self):
        return os.path.getsize(self.out.name)

    def check_goes_on(self, what):
        """New lines, by the same mapping."""
        before = self.n_lines()
        wait_until(lambda: self.n_lines() > before, 10, 'the reader to see a change after ' + what)
        assert self.mapped() == self.inode, 'the reader had to map another file after ' + what

    def stop(self):
        for pid in children(self.child.pid):
            os.kill(pid, 15)
        code = self.child.wait(60)
        self.out.close()
        assert code == 0, 'the reader ended with %d' % code
