#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What scripts read from `hoga`: every -j output fits the schema, numbers are exact, exit codes are the contract's."""

from cli_support import FAILED, LIVE, Segment, hoga, problems, t, validated
import json

BIDS = '1165015:50000001,1165010:100000000,1165009:1'
ASKS = '1165021:30000000,1165025:9000000000000000000,1165031:7'


def books_are_exact(segment):
    book = validated(hoga(segment, 'book', 'UPBIT:krw-btc', '-j')[0])['books'][0]
    t.check(book['name'] == 'upbit:KRW-BTC' and book['venue'] == 'upbit' and book['symbol'] == 'KRW-BTC', 'names')
    t.check(book['bids'] == [['116501.5', '0.50000001'], ['116501', '1'], ['116500.9', '0.00000001']], book['bids'])
    t.check(book['asks'][1] == ['116502.5', '90000000000'], book['asks'])
    t.check(book['state'] == 'live' and book['reason'] == '' and book['proof'] == 'sequence', 'the verdict')
    t.check(book['mid'] == '116501.8' and book['spread'] == '0.6', 'arithmetic')
    one = validated(hoga(segment, 'book', 'krw-btc', '-j', '-d', '1')[0])['books'][0]
    t.check(len(one['bids']) == len(one['asks']) == 1 and one['n_bids'] == 3, 'depth')
    grouped = validated(hoga(segment, 'book', 'krw-btc', '-j', '--group', '0.5')[0])['books'][0]
    t.check(grouped['bids'] == [['116501.5', '0.50000001'], ['116501', '1'], ['116500.5', '0.00000001']], grouped)
    wide = validated(hoga(segment, 'book', 'krw-btc', '-j', '--group', '1000')[0])['books'][0]
    t.check(wide['bids'] == [['116000', '1.50000002']] and wide['asks'] == [['117000', '90000000000.30000007']], wide)
    fine = validated(hoga(segment, 'book', 'krw-btc', '-j', '--group', '0.25')[0])['books'][0]
    t.check(fine['asks'][0] == ['116502.25', '0.3'], fine['asks'])
    below = validated(hoga(segment, 'book', 'neg', '-j', '--group', '10')[0])['books'][0]
    t.check(below['bids'] == [['-10', '1'], ['-20', '1']] and below['asks'] == [['0', '2'], ['10', '1']], below)


def every_verb_fits_the_schema(segment):
    books = validated(hoga(segment, 'ls', '-j')[0])['books']
    t.check([b['symbol'] for b in books] == ['KRW-BTC', 'NEG', 'KRW-XRP'], 'directory order')
    t.check(len(validated(hoga(segment, 'ls', '-j', '-n', '1')[0])['books']) == 1, 'count')
    info = validated(hoga(segment, 'info', 'krw-xrp', '-j')[0])['books'][0]
    t.check(info['state'] == 'failed' and info['reason'] == 'no-snapshot' and info['depth'] == 30, 'info')
    stat = validated(hoga(segment, 'stat', '-j')[0])
    t.check(stat['counters'][0]['value'] == 9007199254740993, 'counters beyond 53 bits are exact')
    t.check(stat['connections'][0]['n_connects'] == 2 and stat['latencies'][0]['count'] == 1, 'stat')
    t.check(validated(hoga(segment, 'stat', '-j', '-f', 'no*')[0])['counters'] == [], 'filter')
    line = validated(hoga(segment, 'watch', 'krw-btc', '-j', '-n', '1')[0])
    t.check(line['symbol'] == 'KRW-BTC' and line['schema'] == 1, 'watch')
    validated(hoga(segment, 'doctor', '-j', code=1)[0])


def check_answers(segment):
    t.check(validated(hoga(segment, 'check', '-j', code=1)[0])['ok'] is False, 'one book failed')
    t.check(validated(hoga(segment, 'check', '-j', 'krw-btc')[0])['ok'] is True, 'this one lives')
    t.check('no-snapshot' in hoga(segment, 'check', code=1)[0], 'why not')
    hoga(segment, 'check', 'krw-btc', '--max-age', '60000', '--max-quiet', '600000')
    hoga(segment, 'check', 'krw-btc', '--max-quiet', '0', code=1)
    hoga(segment, 'check', 'nothing-*', code=1)
    ok = hoga(segment, 'check', '--nagios', 'krw-btc', '--max-age', '60000')[0]
    t.check(ok.startswith('HOGA OK - 1/1 live | live=1;;1:;0;1 heard=0.') and ok.count('\n') == 1, ok)
    t.check(hoga(segment, 'check', '--nagios', code=2)[0].startswith('HOGA CRITICAL - 2/3 live; upbit:KRW-XRP'), 'bad')
    t.check(hoga(segment, 'check', '--nagios', 'zzz', code=3)[0].startswith('HOGA UNKNOWN'), 'unknown')
    hoga(segment, '--segment', segment.path + '-none', 'check', '--nagios', code=3)
    hoga(segment, 'check', '--segment', segment.path + '-none', code=1)


def a_dead_daemon_is_down(segment):
    segment.stop()
    document = validated(hoga(segment, 'book', 'krw-btc', '-j')[0])
    t.check(document['daemon']['alive'] is False and document['daemon']['stopped'] is True, 'daemon')
    t.check(document['books'][0]['state'] == 'down', 'effective state')
    t.check(document['books'][0]['bids'][0] == ['116501.5', '0.50000001'], 'the last verified levels stay')
    hoga(segment, 'check', 'krw-btc', code=1)
    hoga(segment, 'check', '--nagios', 'krw-btc', code=2)
    t.check('daemon-stopped' in hoga(segment, 'book', 'krw-btc', '--live', '-j', code=1)[1], '--live')


with Segment() as seg:
    t.check(validated(hoga(seg, 'ls', '-j')[0])['books'] == [], 'an empty segment')
    hoga(seg, 'check', code=1)
    hoga(seg, 'check', '--nagios', code=3)
    seg.book('KRW-BTC', BIDS, ASKS, LIVE, 0, (1, 8))
    seg.book('NEG', '-5:1,-11:1', '-3:1,0:1,1:1')
    seg.book('KRW-XRP', '-', '-', FAILED, 3)
    t.check(problems({}, {'type': 'string'}, 1, '$') and json.dumps(1) == '1', 'the validator can refuse')
    books_are_exact(seg)
    every_verb_fits_the_schema(seg)
    check_answers(seg)
    a_dead_daemon_is_down(seg)
