#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hoga doctor` in made-up worlds: for each thing that can be wrong between a reader and its books it says which, in
words, and what to do; exit 1 where something is bad."""

import os
import re
import shutil
import signal
import struct
import subprocess

from cli_support import FAILED, Segment, environment, hoga, t, validated
from test_cli_hostile import GROUP, OUTSIDER, Outsider

LINE = re.compile(r'(ok|warn|bad) +(.*)$')


def doctor(segment, *words, env=None, code=0):
    """[(finding, text, remedy)], the same from the words and from JSON."""
    out = hoga(segment, 'doctor', *words, env=env, code=code)[0]
    document = validated(hoga(segment, 'doctor', '-j', *words, env=env, code=code)[0])
    t.check(document['ok'] is (code == 0), document)
    rows = parse(out)
    t.check([r[0] for r in rows] == [c['finding'] for c in document['checks']], out)
    return rows


def parse(out):
    rows = []
    for line in out.split('\n'):
        match = LINE.match(line)
        if match:
            rows.append([match.group(1), match.group(2), ''])
        elif line.startswith('      -> '):
            rows[-1][2] = line[9:]
        else:
            t.check(line == '', 'a line of no known form: %r' % line)
    return rows


def finds(rows, finding, text, remedy=''):
    t.check(any(r[0] == finding and re.search(text, r[1]) and re.search(remedy, r[2]) for r in rows),
            '%s %s -> %s in:\n%s' % (finding, text, remedy, '\n'.join(map(str, rows))))


def all_is_well(segment):
    rows = doctor(segment)
    finds(rows, 'ok', r'^path: named by HOGA_SEGMENT')
    finds(rows, 'ok', r'^version: hogad and hoga \S+, ABI 1\.\d+')
    finds(rows, 'ok', r'^hogad: alive, heartbeat \d+ ms ago')
    finds(rows, 'ok', r'^connection upbit: live, 1 books')
    finds(rows, 'ok', r'^books: 1 of 1 live')
    t.check(not any(r[0] == 'bad' for r in rows), rows)


def other_versions(segment):
    with open(segment.path, 'r+b') as f:  # a header's words, shm/hoga_abi.h
        f.seek(192)
        kept = f.read(32)
        f.seek(192)
        f.write(b'0.0.9\0'.ljust(32, b'\0'))
        f.flush()
        finds(doctor(segment), 'warn', r'^version: hogad 0\.0\.9, hoga ', 'install the same version of both')
        f.seek(192)
        f.write(kept)
    with open(segment.path, 'rb') as f:
        data = bytearray(f.read())
    for offset, form, value, text, remedy in ((8, '<I', 9, r'ABI 9\.', 'update this program'), (64, '<Q', 2, 'replaced by another', ''),
                                              (64, '<Q', 0, 'still building', 'try again'), (0, '<Q', 1, 'damaged', 'restart hogad')):
        spoilt = bytearray(data)
        struct.pack_into(form, spoilt, offset, value)
        path = segment.path + '-spoilt'
        with open(path, 'wb') as f:
            f.write(spoilt)
        os.chmod(path, 0o640)
        rows = doctor(None, '--segment', path, code=1)
        finds(rows, 'ok', r'^path: named by --segment')
        finds(rows, 'bad', '^%s: .*%s' % (re.escape(path), text), remedy)


def no_segment_anywhere():
    folder = t.scratch()
    rows = doctor(None, env=environment(None, XDG_RUNTIME_DIR=folder), code=1)
    finds(rows, 'warn', '^%s/hoga/main/books: no segment there' % folder)
    if not os.path.exists('/run/hoga/main/books'):
        finds(rows, 'bad', '^path: no segment can be read', 'sudo systemctl start hogad')


def a_wrong_path_while_another_lives():
    folder = t.scratch()
    os.makedirs(os.path.join(folder, 'hoga', 'main'), mode=0o700)
    live = os.path.join(folder, 'hoga', 'main', 'books')
    with Segment(path=live) as segment:
        segment.book('KRW-BTC')
        env = environment(None, XDG_RUNTIME_DIR=folder, HOGA_SEGMENT=folder + '/wrong')
        rows = doctor(None, env=env, code=1)
        finds(rows, 'bad', '^%s/wrong: no segment there' % folder)
        finds(rows, 'bad', '^path: a live hogad publishes in %s, and not in %s/wrong' % (live, folder), 'unset HOGA_SEGMENT')
        rows = doctor(None, '--segment', folder + '/wrong', env=env, code=1)
        finds(rows, 'bad', '^path: a live hogad publishes in', 'leave --segment away')
        with Segment() as other:
            other.book('KRW-BTC')
            other.stop()
            rows = doctor(other, env=environment(other, XDG_RUNTIME_DIR=folder), code=1)
            finds(rows, 'bad', 'a live hogad publishes in ' + live, 'unset HOGA_SEGMENT')
        rows = doctor(None, env=environment(None, XDG_RUNTIME_DIR=folder))
        finds(rows, 'ok', '^%s: a segment that can be read' % live)


def books_and_connections(segment):
    segment.book('KRW-XRP', '-', '-', FAILED, 3)
    rows = doctor(segment, code=1)
    finds(rows, 'bad', '^upbit:KRW-XRP: failed: no-snapshot', 'mend its name .*hoga ls --all')
    finds(rows, 'bad', '^books: 1 of 2 live')
    segment.say('free', 'KRW-XRP')
    for number, word, remedy in ((19, 'resolve-failed', 'resolv.conf'), (20, 'connect-failed', 'firewall'),
                                 (22, 'tls-failed', 'timedatectl'), (23, 'http-refused', '403'), (18, 'back-off', 'log'),
                                 (26, 'no-sign-of-life', 'network'), (13, 'maintenance', 'wait')):
        segment.say('link', 7, number)
        rows = doctor(segment, code=1)
        finds(rows, 'bad', '^connection upbit: down: %s: \\w' % word, remedy)
    segment.say('link', 2, 0)
    all_is_well(segment)


def the_pretended_is_said():
    with Segment(source=2) as segment:
        segment.book('KRW-BTC')
        finds(doctor(segment), 'warn', "^source: simulator: these are not the market's numbers", 'another segment')
    with Segment() as segment:
        finds(doctor(segment, code=1), 'bad', '^books: none is carried', 'symbols')


def a_silent_daemon(segment):
    segment.say('mute')
    t.wait_until(lambda: 'is silent' in hoga(segment, 'ls')[0], 30, 'silence')
    finds(doctor(segment, code=1), 'bad', '^hogad: is silent since', 'start hogad')
    segment.say('unmute')
    segment.stop()
    finds(doctor(segment, code=1), 'bad', '^hogad: was stopped', 'start hogad')


def a_real_daemon():
    """Stopped by a signal; its connection refused with the reason; its control sockets there and away."""
    with t.Hogad(venue='url = ws://127.0.0.1:1/') as hogad:
        def found(text):
            return [r for r in parse(t.hoga(hogad, 'doctor').stdout) if re.search(text, r[1])]
        t.wait_until(lambda: found('^connection upbit: down: connect-failed'), 60, 'the reason of a refused connection')
        t.wait_until(lambda: found('^control socket ask: hogad answers'), 30, 'the control socket answers in a second')
        os.unlink(hogad.segment + '.ask')
        t.check('hogad.socket' in found('^control socket ask: .*no control socket')[0][2], 'and is missed')
        hogad.send_signal(signal.SIGSTOP)
        row = t.wait_until(lambda: found('^hogad: is silent since .* was stopped by a signal'), 30, 'a stopped process')[0]
        t.check(row[0] == 'bad' and row[2] == 'sudo kill -CONT %d' % hogad.pid, row)
        hogad.send_signal(signal.SIGCONT)
        t.wait_until(lambda: found('^hogad: alive'), 30, 'alive again')
        hogad.kill()
        t.wait_until(lambda: found('^hogad: is silent since .*frozen'), 30, 'a process that is gone')


class World:
    """The system's own path in a mount namespace of its own: /run/hoga/main is the segment's folder, and there is a group
    hoga with or without the user trader."""

    def __init__(self, segment, members):
        self.folder, self.segment_folder = t.scratch(), os.path.dirname(segment.path)
        os.chmod(self.folder, 0o755)
        for name, line in (('group', 'hoga:x:%d:%s\n' % (GROUP, members)), ('passwd', 'trader:x:%d:%d::/:/bin/sh\n' %
                                                                            (OUTSIDER, OUTSIDER))):
            with open('/etc/' + name) as f, open(os.path.join(self.folder, name), 'w') as g:
                g.write(''.join(l for l in f if not l.startswith(('hoga:', 'trader:'))) + line)
        self.outsider = Outsider()

    def doctor(self, groups):
        script = ('mount --bind "$1/group" /etc/group && mount --bind "$1/passwd" /etc/passwd && mount -t tmpfs tmpfs /run '
                  '&& mkdir -p /run/hoga/main && mount --bind "$2" /run/hoga/main && exec setpriv --reuid %d --regid %d %s '
                  '"$3" doctor' % (OUTSIDER, OUTSIDER, '--groups %d' % GROUP if groups else '--clear-groups'))
        env = environment(None, LD_LIBRARY_PATH=self.outsider.folder, XDG_RUNTIME_DIR='/nonexistent')
        done = subprocess.run(['unshare', '--mount', 'sh', '-c', script, '-', self.folder, self.segment_folder,
                               self.outsider.tool], env=env, cwd='/', capture_output=True, text=True, timeout=60)
        if 'unshare' in done.stderr or 'mount' in done.stderr:
            return None
        return done.returncode, parse(done.stdout)


def groups_decide(segment):
    folder = os.path.dirname(segment.path)
    os.chown(folder, -1, GROUP)
    os.chmod(folder, 0o750)
    for suffix in ('', '.wake'):
        os.chown(segment.path + suffix, -1, GROUP)
    world = World(segment, '')
    answer = world.doctor(groups=False)
    if answer is None:
        print('without the worlds of other users: no mount namespaces here')
        return
    code, rows = answer
    t.check(code == 1, rows)
    finds(rows, 'bad', '^/run/hoga/main/books: permission denied', 'sudo usermod -aG hoga')
    finds(rows, 'warn', '^group hoga: you are no member', '^sudo usermod -aG hoga trader, then log in again$')
    code, rows = World(segment, 'trader').doctor(groups=False)
    finds(rows, 'warn', '^group hoga: you are a member, but this session began before', 'log in again')
    t.check(code == 1, 'still not permitted')
    code, rows = World(segment, 'trader').doctor(groups=True)
    finds(rows, 'ok', '^group hoga: you are a member')
    finds(rows, 'ok', '^/run/hoga/main/books: a segment that can be read .*group hoga, mode 0640')
    t.check(code == 0, rows)


no_segment_anywhere()
a_wrong_path_while_another_lives()
the_pretended_is_said()
with Segment() as seg:
    seg.book('KRW-BTC')
    all_is_well(seg)
    other_versions(seg)
    books_and_connections(seg)
    if os.geteuid() == 0 and shutil.which('unshare') and shutil.which('setpriv'):
        groups_decide(seg)
    else:
        print('without the worlds of other users: not root')
    a_silent_daemon(seg)
a_real_daemon()
