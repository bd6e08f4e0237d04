#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hoga trades, and the day in info and book: exact numbers in words and in JSON that fits the schema, what was missed and
what may be missing, following one trade after the other, books that go, daemons that keep none."""

import signal

from cli_support import HOGA, Segment, environment, hoga, t, validated

NAME = 'upbit:KRW-BTC'


def words_and_numbers(segment):
    out = hoga(segment, 'trades', 'krw-btc')[0]
    t.check('no trades yet' in out and 'simulator' not in out, out)
    segment.say('trade', 'KRW-BTC', 2 ** 64 - 1, 11653900050, 1, 2, 1)
    segment.say('trade', 'KRW-BTC', 2 ** 53 + 1, 9223372036854775807, 9223372036854775807, 1, 0)
    segment.say('trade', 'KRW-BTC', 0, 100, 100000000, 0, 0)
    out = hoga(segment, 'trades', NAME, '--utc')[0].splitlines()
    t.check(out[0].startswith(NAME) and 'may be missing' in out[1], out)
    t.check(out[2].split() == ['01:07:42.047', 'UTC', 'SELL', '116,539,000.5', '0.00000001', '#18446744073709551615'], out)
    t.check(out[3].split()[2:] == ['BUY', '92,233,720,368,547,758.07', '92,233,720,368.54775807', '#9007199254740993'], out)
    t.check(out[4].split()[2:] == ['-', '1', '1', '#0'], out)
    document = validated(hoga(segment, 'trades', NAME, '-j')[0])
    t.check([trade['id'] for trade in document['trades']] == [str(2 ** 64 - 1), str(2 ** 53 + 1), '0'], document)
    first = document['trades'][0]
    t.check((first['price'], first['size'], first['side'], first['after_gap'], first['number']) ==
            ('116539000.5', '0.00000001', 'sell', True, '1'), first)
    t.check(first['venue_ns'] == '1730336862047000000', first)
    t.check(document['trades'][1]['price'] == '92233720368547758.07', document)
    t.check(len(validated(hoga(segment, 'trades', NAME, '-j', '-n', '2')[0])['trades']) == 2, 'the last two')
    for i in range(30):
        segment.say('trade', 'KRW-BTC', 1000 + i, 100, 1, 1, 0)
    t.check(len(validated(hoga(segment, 'trades', NAME, '-j', '-n', '100')[0])['trades']) == 16, 'as many as are kept')
    t.check(len(hoga(segment, 'trades', NAME, '-n', '3')[0].splitlines()) == 4, 'a head and three')


def tail(segment, *arguments):
    return t.Process(HOGA, 'trades', NAME, '-f', *arguments, env=environment(segment))


def one_after_the_other(segment):
    with tail(segment, '-j') as process:
        lines = [validated(process.line()) for _ in range(16)]
        segment.say('trade', 'KRW-BTC', 5000, 100, 1, 1, 0)
        lines.append(validated(process.line()))
        t.check(lines[-1]['id'] == '5000' and lines[-1]['missed'] == 0 and lines[-1]['name'] == NAME, lines[-1])
        process.send_signal(signal.SIGSTOP)
        for i in range(40):
            segment.say('trade', 'KRW-BTC', 6000 + i, 100, 1, 1, 0)
        process.send_signal(signal.SIGCONT)
        lines.append(validated(process.line()))
        t.check(lines[-1]['missed'] == 40 - 16 and lines[-1]['id'] == str(6000 + 40 - 16), lines[-1])
        for _ in range(15):
            process.line()
        segment.say('free', 'KRW-BTC')
        t.check(process.wait(t.STOP_SECONDS) == 1, 'a book that is gone ends it')
    segment.book('KRW-BTC')
    segment.say('trade', 'KRW-BTC', 1, 100, 1, 1, 1)
    out = hoga(segment, 'trades', NAME, '-f', '-n', '1')[0].splitlines()
    t.check(out[-1].endswith('#1') and 'may be missing' in out[-2], out)
    with tail(segment) as process:
        while '#1' not in process.line():
            pass
        process.send_signal(signal.SIGSTOP)
        for i in range(20):
            segment.say('trade', 'KRW-BTC', 7000 + i, 100, 1, 1, 0)
        process.send_signal(signal.SIGCONT)
        t.check(process.line() == 'missed 4', 'said in words')
        process.send_signal(signal.SIGINT)
        t.check(process.wait(t.STOP_SECONDS) == 0, 'Ctrl+C is a good end')


def the_day_beside_the_book(segment):
    empty = validated(hoga(segment, 'book', NAME, '-j')[0])['books'][0]['day']
    t.check(empty['last'] is None and empty['period'] == 'unknown', empty)
    t.check('last ' not in hoga(segment, 'book', NAME)[0], 'nothing known, nothing said')
    segment.say('day', 'KRW-BTC', 1165390005, -1234565, 351938)
    day = validated(hoga(segment, 'info', NAME, '-j')[0])['books'][0]['day']
    t.check((day['last'], day['change'], day['previous_close'], day['ask_total'], day['period']) ==
            ('116539000.5', '-123456.5', None, '0.00351938', '24h'), day)
    out = hoga(segment, 'book', NAME)[0]
    t.check('last 116,539,000.5  -123,456.5 (-0.11 %) 24h\n' in out and 'previous close' not in out, out)
    t.check("venue's totals: ask 0.00351938, bid 0.00351938\n" in out, out)
    out = hoga(segment, 'info', NAME)[0]
    t.check('-123,456.5 (-0.11 %)' in out and '24 hours' in out and 'volume' not in out, out)


with Segment() as seg:
    seg.book('KRW-BTC')
    words_and_numbers(seg)
    one_after_the_other(seg)
    the_day_beside_the_book(seg)
    for wrong in (['trades'], ['trades', NAME, NAME], ['trades', NAME, '-n', '0'], ['trades', NAME, '--live']):
        hoga(seg, *wrong, code=2)
    t.check('not listed' in hoga(seg, 'trades', 'upbit:KRW-NOT', code=1)[1], 'an unknown name')
