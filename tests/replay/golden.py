#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""golden.py HOGAD [VENUE...]: replay recorded traffic and compare the trace with what an independent reference made.

Stricter than a comparison of hashes in order: each message's line and number, the levels at every checkpoint and at the
end, the counts, which lines are refused and why, and the single messages of the parse goldens. Captures lie in
$HOGA_SHARED/captures (default: ../shared beside the repository); without them the exit code is 77, skipped."""
import collections
import glob
import hashlib
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
APPLIED = ('snapshot', 'update', 'crossed', 'checksum')
KEYS_APPLIED = ['line', 'venue', 'symbol', 'k', 'event', 'state', 'reason', 'bids', 'asks']
KEYS_OTHER = ['line', 'venue', 'symbol', 'event', 'state', 'reason']
NUMBER = re.compile(r'(0|[1-9][0-9]*)(\.[0-9]*[1-9])?')


def trace(hogad, capture, *options):
    venue = os.path.basename(os.path.dirname(capture))
    run = subprocess.run([hogad, '--replay', capture, '--trace', *options], capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, '%s: exit %d: %s' % (capture, run.returncode, run.stderr[-400:])
    messages = [json.loads(line) for line in run.stdout.splitlines()]
    for m in messages:
        wanted = KEYS_APPLIED if m['event'] in APPLIED else KEYS_OTHER
        assert list(m) == wanted, 'line %s: keys %s' % (m['line'], list(m))
        assert m['venue'] == venue
        for side in ('bids', 'asks'):
            for price, size in m.get(side, []):
                assert NUMBER.fullmatch(price) and NUMBER.fullmatch(size), 'line %d: %s %s' % (m['line'], price, size)
    return messages


def text_of(message, depth):
    return ''.join('%s %s %s\n' % (letter, price, size)
                   for letter, side in (('b', 'bids'), ('a', 'asks')) for price, size in message[side][:depth])


def check_verdict(message):
    bids, asks = message['bids'], message['asks']
    verdict = {'crossed': ('crossed', 'crossed-book'), 'checksum': ('gap', 'checksum')}.get(message['event'], ('live', ''))
    # A book known to lack a level, because no exact number holds it, shows the others and is not called live.
    assert (message['state'], message['reason']) in (verdict, ('failed', 'number-range')), 'line %d' % message['line']
    for side, sign in ((bids, -1), (asks, 1)):
        prices = [sign * as_integer(price) for price, _ in side]
        assert prices == sorted(set(prices)), 'line %d: order' % message['line']


def as_integer(text):
    whole, _, part = text.partition('.')
    return int(whole + part.ljust(18, '0')[:18])


def check_symbol(symbol, golden, messages, n_holdable):
    assert len(messages) == golden['applied'], '%s: %d of %d' % (symbol, len(messages), golden['applied'])
    assert [m['k'] for m in messages] == list(range(1, len(messages) + 1))
    have = [hashlib.sha256(text_of(m, 30).encode()).hexdigest()[:8] for m in messages]
    want = golden['trace30']
    want = [want[i:i + 8] for i in range(0, len(want), 8)] if isinstance(want, str) else want
    assert have[:n_holdable] == want[:n_holdable], '%s: message %d differs' % (symbol, next(
        (i + 1 for i, pair in enumerate(zip(have, want)) if pair[0] != pair[1]), min(len(have), len(want)) + 1))
    digests = {depth: hashlib.sha256() for depth in (10, 15, 30)}
    points = {p['k']: p for p in golden.get('checkpoints', []) + [golden['final']] if p['k'] <= n_holdable}
    for m in messages:
        check_verdict(m)
        for depth, digest in digests.items():
            digest.update(('#%d\n' % m['k'] + text_of(m, depth)).encode())
        point = points.pop(m['k'], None)
        if point is None:
            continue
        # `final` of a golden names the capture's last line, not the message's.
        if point is not golden['final']:
            assert m['line'] == point['line'], '%s: message %d is of line %d' % (symbol, m['k'], m['line'])
        assert m['bids'] == point['bids'] and m['asks'] == point['asks'], '%s: levels of %d' % (symbol, m['k'])
        for depth, digest in digests.items():
            assert digest.hexdigest() == point['sha%d' % depth], '%s: sha%d at %d' % (symbol, depth, m['k'])
    assert not points, '%s: checkpoints never reached: %s' % (symbol, sorted(points))


def check_gaps(golden, messages):
    """Gaps and bad checksums stand on the lines that the golden names."""
    for event, rows in (('gap', 'gap_list'), ('checksum', 'checksum_bad_list')):
        want = sorted((row[0], symbol) for symbol, one in golden['symbols'].items() for row in one.get(rows) or [])
        assert sorted((m['line'], m['symbol']) for m in messages if m['event'] == event) == want, event


def check_book(golden, messages, n_holdable):
    fit = golden.get('variants', {}).get('fit')
    by_symbol = collections.defaultdict(list)
    for m in messages:
        if m['event'] in APPLIED:
            by_symbol[m['symbol']].append(m)
    body = {symbol: one for symbol, one in (fit or golden)['symbols'].items() if one.get('applied')}
    assert sorted(body) == sorted(by_symbol), 'symbols %s' % sorted(by_symbol)
    for symbol, one in body.items():
        check_symbol(symbol, one, by_symbol[symbol], n_holdable)
    crossed = sorted(line for one in golden['symbols'].values() for line in one.get('crossed_lines', []))
    applied = {m['line'] for m in messages if m['event'] in APPLIED}
    assert [m['line'] for m in messages if m['event'] == 'crossed'] == [line for line in crossed if line in applied]
    check_gaps(golden, messages)
    check_refused(fit or golden, messages)


def check_refused(golden, messages):
    refused = [m for m in messages if m['event'] == 'refused']
    named = dict(map(tuple, golden['rejected_lines']))
    for m in refused:
        assert m['reason'] in ('malformed', 'number-range', 'too-many-levels'), m
        if m['line'] in named:
            fits = named[m['line']] != 'book does not fit'
            assert (m['reason'] == 'number-range') != fits, 'line %d: %s' % (m['line'], m['reason'])
    missed = set(named) - {m['line'] for m in refused}
    assert not missed, 'lines %s should be refused' % sorted(missed)
    # A golden names at most fifty; beyond those the number counts.
    assert len({m['line'] for m in refused}) == golden['counts'].get('rejected', 0), '%d refused' % len(refused)


def check_parse(name, golden, messages):
    """Updates that follow no snapshot show no levels; that they were read is what is seen of them."""
    # A venue's own best bid and ask is an instrument of its own here; the goldens call it by the plain symbol.
    assert [(m['line'], m['symbol'].partition('@')[0]) for m in messages] == [(w['line'], w['symbol']) for w in golden['messages']]
    for m, want in zip(messages, golden['messages']):
        if want['kind'] == 'delta' and m['line'] not in PARTIAL.get(name, ()):
            assert m['event'] in ('ignored', 'buffered', 'update', 'checksum'), 'line %d: %s' % (m['line'], m['event'])
            continue
        assert m['event'] in ('snapshot', 'checksum'), 'line %d: %s' % (m['line'], m['event'])
        for side, sign in (('bids', -1), ('asks', 1)):
            kept = {level[0]: level for level in want[side] if level[0] != '0' and level[1] != '0'}
            kept = sorted(kept.values(), key=lambda level: sign * as_integer(level[0]))
            assert m[side] == kept, 'line %d: %s' % (m['line'], side)


# "@depth20": a whole book, as the captures' README says of partial-depth streams; its parse golden calls it an update.
PARTIAL = {'binance/samples-cmp': (8, 9, 10, 11)}
# A size of 20 digits fits no int64 mantissa (design 3.10): from that message on the books differ in that one level.
HOLDABLE = {'binance/synthetic-levels': 313}


def check(hogad, capture):
    with open(re.sub(r'\.jsonl(\.zst)?$', '.golden.json', capture), encoding='utf-8') as file:
        golden = json.load(file)
    if golden['kind'] == 'parse':
        check_parse(re.search(r'[^/]*/[^/.]*(?=[.][^/]*$)', capture).group(), golden, trace(hogad, capture, '--depth', '1000'))
    else:
        check_book(golden, trace(hogad, capture), next((n for name, n in HOLDABLE.items() if name in capture), 1 << 30))


def main():
    hogad, venues = sys.argv[1], sys.argv[2:]
    shared = os.environ.get('HOGA_SHARED') or os.path.join(os.path.dirname(TOP), 'shared')
    captures = sorted(c for venue in venues for c in glob.glob(os.path.join(shared, 'captures', venue, '*.jsonl*')))
    if not captures and os.path.isdir(os.path.join(shared, 'captures')):
        print('there is no recording of %s' % ', '.join(venues))
        return 0
    if not captures:
        print('skipped: no captures in HOGA_SHARED (%s)' % shared)
        return 77
    failed = 0
    for capture in captures:
        try:
            check(hogad, os.path.realpath(capture))
            print('ok      %s' % capture)
        except (AssertionError, KeyError, ValueError, subprocess.TimeoutExpired) as problem:
            failed += 1
            print('FAILED  %s: %s: %s' % (capture, type(problem).__name__, problem))
    print('%d captures, %d failed' % (len(captures), failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
