#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""trades.py HOGAD HOGA VENUE...: the recorded trades, replayed into a segment and read by another process. As many as
each golden counts, by instrument; those of Upbit to the last digit. Without captures the exit code is 77, skipped."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, '%s: exit %d: %s' % (' '.join(command), done.returncode, done.stderr[-400:])
    return done.stdout


def shown(hoga, segment, name, n):
    return json.loads(run(hoga, 'trades', name, '-j', '-n', str(n), '--segment', segment))['trades']


def recorded(capture):
    """Upbit's trades as they lie in the capture, by market: numbers as text, read by nothing of ours."""
    names = {'ty': 'type', 'cd': 'code', 'tp': 'trade_price', 'tv': 'trade_volume', 'ab': 'ask_bid', 'sid': 'sequential_id',
             'ttms': 'trade_timestamp'}
    trades = {}
    with open(capture, encoding='utf-8') as lines:
        for line in lines:
            text = json.loads(line).get('text')
            if not text or not text.startswith('{'):
                continue
            one = json.loads(text, parse_float=str, parse_int=str,
                             object_pairs_hook=lambda pairs: {names.get(k, k): v for k, v in pairs})
            if one.get('type') == 'trade':
                trades.setdefault(one['code'], []).append(one)
    return trades


def check_upbit(hoga, segment, capture):
    for code, want in recorded(capture).items():
        have = shown(hoga, segment, 'upbit:' + code, 128)
        assert len(have) == min(128, len(want)), '%s: %d' % (code, len(have))
        for mine, theirs in zip(have, want[-len(have):]):
            assert mine['id'] == theirs['sequential_id'], '%s: %s' % (mine, theirs)
            assert Decimal(mine['price']) == Decimal(theirs['trade_price']), '%s: %s' % (mine, theirs)
            assert Decimal(mine['size']) == Decimal(theirs['trade_volume']), '%s: %s' % (mine, theirs)
            assert mine['side'] == {'BID': 'buy', 'ASK': 'sell'}[theirs['ask_bid']], '%s: %s' % (mine, theirs)
            assert mine['venue_ns'] == theirs['trade_timestamp'] + '000000', '%s: %s' % (mine, theirs)


def check(hogad, hoga, capture, segment):
    with open(re.sub(r'\.jsonl(\.zst)?$', '.golden.json', capture), encoding='utf-8') as file:
        golden = json.load(file)
    venue = os.path.basename(os.path.dirname(capture))
    want = {symbol: one['trades'] for symbol, one in golden.get('symbols', {}).items() if one.get('trades')}
    if golden['kind'] == 'parse' or not want:
        return False
    run(hogad, '--replay', capture, '--segment', segment)
    counters = {row['name']: int(row['value']) for row in json.loads(run(hoga, 'stat', '-j', '--segment', segment))['counters']}
    assert counters['trades'] + counters['trades_repeated'] + counters['trades_left_out'] == sum(want.values()), counters
    if counters['trades_repeated'] + counters['trades_left_out'] == 0:
        for symbol, n in want.items():
            last = shown(hoga, segment, '%s:%s' % (venue, symbol), 1)
            assert last and int(last[0]['number']) == n, '%s: %s, not %d' % (symbol, last, n)
    if venue == 'upbit' and capture.endswith('.jsonl'):
        check_upbit(hoga, segment, capture)
    return True


def main():
    hogad, hoga, venues = sys.argv[1], sys.argv[2], sys.argv[3:]
    shared = os.environ.get('HOGA_SHARED') or os.path.join(os.path.dirname(TOP), 'shared')
    captures = sorted(c for venue in venues for c in glob.glob(os.path.join(shared, 'captures', venue, '*.jsonl*'))
                      if '-legacy' not in c)
    if not captures:
        print('skipped: no captures in HOGA_SHARED (%s)' % shared)
        return 77
    failed = n = 0
    with tempfile.TemporaryDirectory(prefix='hoga-trades-') as folder:
        for i, capture in enumerate(captures):
            try:
                n += check(hogad, hoga, os.path.realpath(capture), os.path.join(folder, str(i)))
            except (AssertionError, KeyError, ValueError, subprocess.TimeoutExpired) as problem:
                failed += 1
                print('FAILED  %s: %s: %s' % (capture, type(problem).__name__, problem))
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
    print('%d captures with trades, %d failed' % (n, failed))
    return 1 if failed or n == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
