# SPDX-License-Identifier: MIT
"""A real systemd to test the units with: an overlay of this machine's root on a tmpfs, booted by systemd-nspawn in its
own namespaces, without a network but loopback. Nothing that is written inside reaches the host."""
import ctypes
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

BOOT_S = 120
LEAST_S = 60  # no wait is given up sooner, whatever limit it names: the machine that this one runs on may be busy
TARGET = '[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n'


class Cannot(Exception):
    """This machine cannot do it; the text says why."""


def run(command, timeout=120, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=timeout, **options)
    return done.returncode, done.stdout


def mount(*arguments):
    code, out = run(['mount'] + list(arguments))
    if code != 0:
        raise Cannot('systemd-nspawn cannot be used: mount: %s' % out.strip())


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid), encoding='ascii') as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def comm(pid):
    try:
        with open('/proc/%d/comm' % pid, encoding='ascii') as f:
            return f.read().strip()
    except OSError:
        return ''


def wait_until(question, seconds, what):
    """Ask until the answer is true: what is waited for lives in another process and has no handle of its own."""
    seconds = max(seconds, LEAST_S)
    end = time.monotonic() + seconds
    while True:
        is_last = time.monotonic() > end
        answer = question()
        if answer:
            return answer
        if is_last:
            raise AssertionError('not within %g s: %s' % (seconds, what))
        select.select([], [], [], 0.02)


class Machine:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='hoga-machine.')
        self.root = os.path.join(self.folder, 'root')
        self.nspawn = None
        self.init = 0

    def __enter__(self):
        try:
            self.make_tree()
        except BaseException:
            self.__exit__()
            raise
        return self

    def make_tree(self):
        # A mount namespace of our own: if we are killed, the kernel takes the mounts away with us.
        if ctypes.CDLL(None, use_errno=True).unshare(0x00020000) != 0:
            raise Cannot('systemd-nspawn cannot be used: no mount namespace')
        mount('--make-rprivate', '/')
        mount('-t', 'tmpfs', '-o', 'size=1G,mode=755', 'tmpfs', self.folder)
        for name in ('upper', 'work', 'root'):
            os.mkdir(os.path.join(self.folder, name))
        mount('-t', 'overlay', 'overlay', '-o', 'lowerdir=/,upperdir=%s/upper,workdir=%s/work' % (
            self.folder, self.folder), self.root)
        self.write('etc/machine-id', '')
        self.write('etc/hostname', 'hogatest\n')
        self.write('etc/systemd/system/hoga-ci.target', TARGET)
        shutil.rmtree(os.path.join(self.root, 'var/log/journal'), ignore_errors=True)

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)

    def boot(self):
        log = os.path.join(self.folder, 'boot.log')
        with open(log, 'w', encoding='utf-8') as out:
            self.nspawn = subprocess.Popen(
                ['systemd-nspawn', '-q', '-D', self.root, '--boot', '--register=no', '--keep-unit', '--private-network',
                 '--machine=hogatest%d' % os.getpid(), '--console=pipe', '--', 'systemd.unit=hoga-ci.target'],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        try:
            wait_until(self.find_init, BOOT_S, 'the boot of the machine')
        except AssertionError:
            with open(log, encoding='utf-8', errors='replace') as f:
                raise Cannot('systemd-nspawn cannot boot here: %s' % f.read()[-500:].strip().replace('\n', ' / ')) from None
        self.run(['systemctl', 'is-system-running', '--wait'], timeout=BOOT_S)
        # A container without CAP_NET_ADMIN can make the network and not switch loopback on.
        code, out = self.run(['cat', '/sys/class/net/lo/flags'])
        if code != 0 or not int(out.strip() or '0', 16) & 1:
            raise Cannot('systemd-nspawn cannot switch loopback on here')

    def find_init(self):
        if self.nspawn.poll() is not None:
            raise AssertionError('systemd-nspawn ended')
        for pid in children(self.nspawn.pid):
            if comm(pid) == 'systemd' and os.path.exists('/proc/%d/root/run/systemd/private' % pid):
                self.init = pid
        return self.init

    def command(self, command):
        return ['nsenter', '-t', str(self.init), '-m', '-u', '-i', '-n', '-p', '-r', '-w', '--'] + list(command)

    def run(self, command, timeout=120):
        return run(self.command(command), timeout=timeout)

    def run_ok(self, command, timeout=120):
        code, out = self.run(command, timeout)
        assert code == 0, '%s: exit %d: %s' % (' '.join(command), code, out)
        return out

    def property(self, unit, name):
        return self.run_ok(['systemctl', 'show', '-P', name, unit]).strip()

    def stop(self):
        if self.init:
            try:
                os.kill(self.init, signal.SIGRTMIN + 4)
            except ProcessLookupError:
                pass
        if self.nspawn:
            try:
                self.nspawn.wait(60)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()

    def __exit__(self, *_):
        self.stop()
        run(['umount', '-R', self.root])
        run(['umount', '-l', self.folder])  # also where a check that failed has left a file open
        shutil.rmtree(self.folder, ignore_errors=True)
