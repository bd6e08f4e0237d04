#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is no segment, or not for us: every verb says so in words and exits 1 (check --nagios: 3), none crashes or
waits. Spoilt bytes, links, a fifo, a folder, and readers inside and outside the group."""

import os
import shutil
import struct
import subprocess

from cli_support import HOGA, Segment, environment, hoga, t

VERBS = (('ls',), ('info', 'KRW-BTC'), ('book', 'KRW-BTC'), ('watch', 'KRW-BTC'), ('stat',), ('check',), ('doctor',),
         ('ls', '-j'), ('stat', '-j'), ('book', 'KRW-BTC', '-f'))
OUTSIDER, GROUP = 61234, 61235


def refused(path, *words):
    """Every verb refuses `path`, and says one of `words`."""
    for verb in VERBS:
        done = subprocess.run([HOGA, *verb, '--segment', path], env=environment(None), capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL)
        said = done.stderr if verb[0] != 'doctor' else done.stdout
        t.check(done.returncode == 1, '%s of %s exits %d: %s' % (verb, path, done.returncode, said))
        t.check(path in said and any(w in said for w in words), '%s of %s: %s' % (verb, path, said))
        t.check(verb[0] == 'doctor' or (said.startswith('hoga: ' + path + ': ') and said.count('\n') == 1), said)
    done = subprocess.run([HOGA, 'check', '--nagios', '--segment', path], capture_output=True, text=True, timeout=60,
                          env=environment(None))
    t.check(done.returncode == 3 and done.stdout.startswith('HOGA UNKNOWN - ' + path), done.stdout)


def spoilt_files(segment):
    with open(segment.path, 'rb') as f:
        sound = f.read()
    path = segment.path + '-spoilt'

    def spoil(*changes, size=None):
        data = bytearray(sound[:size])
        for offset, form, value in changes:
            struct.pack_into(form, data, offset, value)
        with open(path, 'wb') as f:
            f.write(data)
        os.chmod(path, 0o640)

    for words, changes, size in (
            (('damaged',), (), 0), (('damaged',), (), 100), (('damaged',), (), 4096), (('damaged',), (), len(sound) - 1),
            (('damaged',), ((0, '<Q', 0x4141414141414141),), None), (('ABI 9.',), ((8, '<I', 9),), None),
            (('damaged',), ((16, '<Q', 1 << 60),), None), (('damaged',), ((24, '<I', 0xfffffff8),), None),
            (('damaged',), ((28, '<I', 1000),), None), (('damaged',), ((40, '<I', 3),), None),
            (('damaged',), ((36, '<I', 0),), None), (('damaged',), ((256 + 32 + 8, '<Q', (1 << 64) - 64),), None),
            (('damaged',), ((256 + 32 + 24, '<Q', 1 << 61),), None),
            (('building',), ((64, '<Q', 0),), None), (('replaced',), ((64, '<Q', 2),), None)):
        spoil(*changes, size=size)
        refused(path, *words)
    spoil()
    os.chmod(path, 0o660)
    refused(path, 'may write it')


def things_that_are_no_file(segment):
    folder = os.path.dirname(segment.path)
    fifo, link, loop = (os.path.join(folder, n) for n in ('fifo', 'link', 'loop'))
    os.mkfifo(fifo)
    refused(fifo, 'not a regular file')
    refused(folder, 'not a regular file')
    refused('/dev/null', 'not a regular file')
    os.symlink(loop, loop)
    refused(loop, 'symbolic links', 'Too many levels')
    refused(os.path.join(folder, 'nothing', 'books'), 'no segment there')
    refused(segment.path + '/books', 'no directory')
    os.symlink(segment.path, link)  # named by the reader itself: followed
    t.check('KRW-BTC' in hoga(None, 'ls', '--segment', link)[0], 'a link to a segment')


class Outsider:
    """Another user's `hoga`: a copy of the tool and its library where that user may run them."""

    def __init__(self):
        self.folder = t.scratch()
        os.chmod(self.folder, 0o755)
        self.tool = shutil.copy(HOGA, self.folder)
        shutil.copy(os.path.join(os.path.dirname(HOGA), '..', 'lib', 'libhoga.so.0'), self.folder)

    def run(self, path, groups, *arguments):
        env = environment(None, USER='trader', LD_LIBRARY_PATH=self.folder)
        return subprocess.run([self.tool, *arguments, '--segment', path], env=env, capture_output=True, text=True,
                              cwd='/', timeout=60, user=OUTSIDER, group=OUTSIDER, extra_groups=groups)


def the_group_decides(segment):
    """As under /run/hoga/main: folder 0750, file 0640 and wake 0660, all of them of the group."""
    folder, outsider = os.path.dirname(segment.path), Outsider()
    os.chown(folder, -1, GROUP)
    os.chmod(folder, 0o750)
    for suffix in ('', '.wake'):
        os.chown(segment.path + suffix, -1, GROUP)
    done = outsider.run(segment.path, [], 'ls')
    t.check(done.returncode == 1 and 'permission denied' in done.stderr and
            'sudo usermod -aG hoga trader, then log in again\n' in done.stderr, done.stderr)
    done = outsider.run(segment.path, [GROUP], 'ls')
    t.check(done.returncode == 0 and 'KRW-BTC' in done.stdout, done.stderr)
    done = outsider.run(segment.path, [GROUP], 'doctor')
    t.check('readers can announce that they sleep' in done.stdout, done.stdout)
    os.chmod(folder, 0o755)  # the file's own mode keeps an outsider out as well
    t.check(outsider.run(segment.path, [], 'book', 'KRW-BTC').returncode == 1, 'an outsider')
    # A member may cut the page on which sleepers announce themselves: nobody is hurt.
    with t.Process(HOGA, 'watch', 'KRW-BTC', env=environment(segment)) as watch:
        watch.line()
        os.truncate(segment.path + '.wake', 0)
        for price in ('90:1', '91:1'):
            segment.book('KRW-BTC', bids=price)
            t.wait_until(lambda: price[:2] in watch.line(), 30, 'a line after the page was cut')


if __name__ == '__main__':
    with Segment() as seg:
        seg.book('KRW-BTC')
        spoilt_files(seg)
        things_that_are_no_file(seg)
        if os.geteuid() == 0:
            the_group_decides(seg)
