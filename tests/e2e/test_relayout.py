#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hogad comes back with another layout (books_max, depth): a new file under the old name. Readers that are attached go
on by themselves, with another epoch of the same numbers, whether hogad went in order or was killed."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t  # noqa: E402


class Lines:
    """`hoga watch -j`, a document at a time."""

    def __init__(self, segment):
        self.process = t.Process(t.program('hoga'), 'watch', 'upbit:KRW-BTC', '-j', '-d', '50', '--segment', segment)

    def until(self, state, levels):
        for _ in range(2000):
            line = json.loads(self.process.line())
            if line['state'] == state and len(line['bids']) == levels:
                return line
        raise AssertionError('no line %s with %d levels' % (state, levels))


def relayout(sim, hogad, readers, depth, is_killed):
    segment = hogad.segment
    inode = os.stat(segment).st_ino
    if is_killed:
        hogad.kill()
    else:
        t.check(hogad.stop() == 0, 'hogad ends in order')
    for reader in readers:
        t.check(reader.until('down', reader.levels)['reason'] in ('daemon-silent', 'daemon-stopped'), 'why')
    after = t.Hogad(sim, segment=segment, daemon='depth = %d\nbooks_max = %d' % (depth, 16 + depth))
    for reader in readers:
        reader.until('live', depth)
        reader.levels = depth
    t.check(os.stat(segment).st_ino != inode, 'another file')
    return after


def main():
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '50') as sim:
        hogad = t.Hogad(sim)
        t.live(hogad, 'upbit:KRW-BTC')
        readers = [Lines(hogad.segment) for _ in range(3)]
        for reader in readers:
            reader.until('live', 30)
            reader.levels = 30
        hogad = relayout(sim, hogad, readers, 10, is_killed=False)
        hogad = relayout(sim, hogad, readers, 20, is_killed=True)
        t.wait_until(lambda: t.hoga(hogad, 'check').returncode == 0, 30, 'check')
        for reader in readers:
            t.check(reader.process.stop() == 0, 'watch ends with 0')
        t.check(hogad.stop() == 0, 'hogad ends')


if __name__ == '__main__':
    main()
