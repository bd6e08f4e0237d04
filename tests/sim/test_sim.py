# SPDX-License-Identifier: MIT
"""hoga-sim over a real socket: the dialect, its errors and limits, formats, truth, replay, faults, how it ends."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

import hoga_test as t  # noqa: E402
import sealed  # noqa: E402
from ws_client import Client, Closed, Ended, Refused, BINARY, CLOSE, PING, PONG  # noqa: E402

SYMBOLS = 'KRW-BTC,KRW-DOGE,BTC-ITAM,USDT-BTC'


def request(*codes, form='DEFAULT', **more):
    return json.dumps([{'ticket': 'test'}, dict({'type': 'orderbook', 'codes': list(codes)}, **more),
                       {'format': form}])


def subscribed(sim, *codes, **more):
    client = Client(sim.url, sim.ca)
    client.send(request(*codes, **more))
    return client


def plain(text):
    """A number as it stood on the wire, as the truth spells it."""
    value = format(Decimal(text), 'f')
    return value.rstrip('0').rstrip('.') if '.' in value else value


def read(payload):
    """One frame with numbers kept as text; SIMPLE keys written out."""
    names = {'ty': 'type', 'cd': 'code', 'tms': 'timestamp', 'obu': 'orderbook_units', 'ap': 'ask_price',
             'bp': 'bid_price', 'as': 'ask_size', 'bs': 'bid_size', 'st': 'stream_type', 'lv': 'level',
             'tas': 'total_ask_size', 'tbs': 'total_bid_size'}
    book = json.loads(payload, parse_float=str, parse_int=str,
                      object_pairs_hook=lambda pairs: {names.get(k, k): v for k, v in pairs})
    return book[0] if isinstance(book, list) else book


def side(book, name):
    units = [(plain(u[name + '_price']), plain(u[name + '_size'])) for u in book['orderbook_units']]
    return [list(u) for u in units if u[0] != '0' and u[1] != '0']


def check_truth(sim, book, depth=30):
    truth = sim.truth(book['code'], int(book['timestamp']))
    for name in ('bid', 'ask'):
        t.check(side(book, name) == truth[name + 's'][:depth], '%s of %s equal the truth' % (name, book['code']))


def upgrade_answers_as_the_sheet_says(sim):
    with Client(sim.url) as client:
        t.check(client.headers['remaining-req'] == 'group=websocket; min=300; sec=3', 'remaining-req')
        t.check(client.headers['limit-by-ip'] == 'Yes', 'limit-by-ip')
        client.send(b'abc', PING)
        t.check(client.frame() == (PONG, True, b'abc'), 'a ping is answered')
    for path, status in (('/websocket/v2', 404),):
        try:
            Client(sim.url, path=path)
            t.check(False, 'refused')
        except Refused as refused:
            t.check(refused.status == status, 'status')


def books_come_first_as_snapshot_and_equal_the_truth(sim):
    with subscribed(sim, 'KRW-BTC', 'BTC-ITAM.5', 'USDT-BTC.10', 'krw-eth', 'KRW-NONE') as client:
        seen = {}
        while min((len(v) for v in seen.values()), default=0) < 5 or len(seen) < 3:
            opcode, payload, n = client.message()
            book = read(payload)
            t.check(opcode == BINARY and n == 1, 'binary, whole')
            seen.setdefault(book['code'], []).append(book)
    t.check(sorted(seen) == ['BTC-ITAM', 'KRW-BTC', 'USDT-BTC'], 'unknown and lower-case codes are ignored')
    for code, books in seen.items():
        depth = 5 if code == 'BTC-ITAM' else 30
        t.check([b['stream_type'] for b in books] == ['SNAPSHOT'] + ['REALTIME'] * (len(books) - 1), 'stream_type')
        t.check(all(len(b['orderbook_units']) == depth for b in books), 'padded to the depth')
        stamps = [int(b['timestamp']) for b in books]
        t.check(stamps == sorted(set(stamps)), 'timestamps grow')
        for book in books:
            check_truth(sim, book, depth)
    t.check(all(re.match(r'0$|\d\.\d+E-[67]$', u['ask_price']) for b in seen['BTC-ITAM'] for u in b['orderbook_units']),
            'small prices have exponents')


def every_format_spells_numbers_its_own_way(sim):
    patterns = {
        'DEFAULT': r'^\{"type":"orderbook","code":"KRW-BTC","timestamp":\d{13},"total_ask_size":\d+\.\d{8},'
                   r'.*\{"ask_price":1\.\d+E8,"bid_price":1\.\d+E8,"ask_size":\d+\.\d{8},"bid_size":\d+\.\d{8}\}',
        'SIMPLE': r'^\{"ty":"orderbook","cd":"KRW-BTC","tms":\d{13},"tas":[\d.E-]+,"tbs":[\d.E-]+,'
                  r'"obu":\[\{"ap":\d{9},"bp":\d{9},"as":[\d.E-]+,"bs":[\d.E-]+\}',
        'JSON_LIST': r'^\[\{"type":"orderbook".*\}\]$',
        'SIMPLE_LIST': r'^\[\{"ty":"orderbook".*\}\]$',
    }
    with Client(sim.url) as client:
        for form, pattern in patterns.items():
            client.send(request('KRW-BTC', form=form, is_only_snapshot=True))
            while True:
                text = client.message()[1].decode()
                if '"SNAPSHOT"' in text:
                    break
            t.check(re.search(pattern, text), '%s: %s' % (form, text[:200]))
            check_truth(sim, read(text))


def a_new_request_replaces_the_set_and_can_be_listed(sim):
    with subscribed(sim, 'KRW-BTC', 'USDT-BTC') as client:
        client.message()
        client.send(request('KRW-DOGE', is_only_realtime=True, level=1))
        client.send('[{"ticket":"u"},{"method":"LIST_SUBSCRIPTIONS"}]')
        codes = set()
        listed = None
        while listed is None or len(codes) < 1:
            answer = json.loads(client.message()[1])
            if 'method' in answer:
                listed, codes = answer, set()
            elif listed:
                t.check(answer['stream_type'] == 'REALTIME', 'only realtime')
                t.check(answer['level'] == 1 and all(u['bid_price'] % 1 == 0 for u in answer['orderbook_units']),
                        'grouped by whole won')
                codes.add(answer['code'])
        t.check(listed == {'method': 'LIST_SUBSCRIPTIONS', 'ticket': 'u',
                           'result': [{'type': 'orderbook', 'codes': ['KRW-DOGE'], 'level': 1}]}, 'list: %s' % listed)
        t.check(codes == {'KRW-DOGE'}, 'the old set is gone')


def wrong_requests_are_answered_by_name_then_closed(sim):
    cases = (('{}', 'WRONG_FORMAT'), ('[', 'WRONG_FORMAT'), ('[{"ticket":"x"}] x', 'WRONG_FORMAT'),
             ('[{"type":"orderbook","codes":["KRW-BTC"]}]', 'NO_TICKET'), ('[{"ticket":"x"}]', 'NO_TYPE'),
             ('[{"ticket":"x"},{"codes":["KRW-BTC"]}]', 'NO_TYPE'), ('[{"ticket":"x"},{"type":"orderbook"}]', 'NO_CODES'),
             ('[{"ticket":"x"},{"type":"orderbook","codes":[]}]', 'INVALID_PARAM'),
             ('[{"ticket":"x"},{"type":"nope","codes":["KRW-BTC"]}]', 'INVALID_PARAM'),
             ('[{"ticket":"x"},{"type":"orderbook","codes":["KRW-BTC"]},{"format":"X"}]', 'WRONG_FORMAT'),
             ('[{"ticket":"x"},{"type":"myOrder"}]', 'INVALID_AUTH'))
    for text, name in cases:
        with Client(sim.url) as client:
            client.send(text)
            t.check(json.loads(client.message()[1])['error']['name'] == name, '%s: %s' % (text, name))
            try:
                client.message()
                t.check(False, 'closed')
            except Closed as closed:
                t.check(closed.code == 1000, 'close 1000')


def limits_are_enforced_and_counted():
    with t.Sim('--symbols', 'KRW-BTC', '--idle', '10000') as sim:
        for i in range(2):
            try:
                Client(sim.url, headers=['Origin: http://x']).close()
                t.check(i == 0, 'the second Origin within 10 s is refused')
            except Refused as refused:
                t.check(i == 1 and refused.status == 429, '429')
        with Client(sim.url) as client:
            client.socket.sendall(6 * client.framed('[{"ticket":"u"},{"method":"LIST_SUBSCRIPTIONS"}]'))  # within a second
            try:
                while True:
                    client.message()
            except Closed as closed:
                t.check(closed.code == 1008, 'six requests in a second')

        def is_refused():
            try:
                Client(sim.url).close()
                return False
            except Refused as refused:
                return refused.status == 429
        t.wait_until(is_refused, 30, 'more than five upgrades in a second', every=0)
        stats = sim.stats()
        t.check(stats['origin_violations'] == 1 and stats['origin_headers'] == 2, 'origin: %s' % stats)
        t.check(stats['request_violations'] == 1 and stats['connect_violations'] >= 1, 'counted: %s' % stats)
        t.wait_until(lambda: sim.stats()['open'] == 0, 5, 'all closed')

    with t.Sim('--symbols', 'KRW-BTC', '--idle', '2000', '--rate', '0') as sim, subscribed(sim, 'KRW-BTC') as client:
        client.message()
        try:
            client.message()
            t.check(False, 'an idle socket is closed')
        except Ended as ended:
            t.check(not ended.is_reset, 'without a close frame')


def steps_sets_and_raw_bytes_are_exact():
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '0') as sim, subscribed(sim, 'KRW-BTC') as client:
        client.message()
        last = sim.step('KRW-BTC', 300)['timestamp']
        books = [read(client.message()[1]) for _ in range(300)]
        t.check(int(books[-1]['timestamp']) == last, 'the last step')
        for book in books:
            check_truth(sim, book)
        exact = [['100.5', '0.00000001'], ['99', '12345678.9']]
        answer = sim.set('KRW-BTC', exact, [['101', '3']])
        book = read(client.message()[1])
        t.check(side(book, 'bid') == exact == answer['bids'] and side(book, 'ask') == [['101', '3']], 'set')
        check_truth(sim, book)
        unit = book['orderbook_units'][2]
        t.check(len(book['orderbook_units']) == 30 and unit == dict.fromkeys(unit, '0'), 'thin sides are padded')
        sim.op('raw', text='not json')
        t.check(client.message()[1] == b'not json', 'raw')
        sim.op('raw', b64='gQJoaQ==', wire=True)
        t.check(client.frame() == (1, True, b'hi'), 'raw on the wire')
        for wrong in ({'op': 'nope'}, {'op': 'truth', 'symbol': 'KRW-BTC', 'timestamp': 1}, {'op': 'step', 'n': 0},
                      {'op': 'set', 'symbol': 'KRW-BTC', 'bids': [['1e5', '1']], 'asks': []}, {'op': 'last'}):
            t.check(sim.ask(**wrong).get('error'), 'refused: %s' % wrong)


def sealed_books_tell_whole_from_torn():
    with t.Sim('--symbols', 'KRW-BTC,BTC-ITAM', '--rate', '0', '--sealed') as sim:
        with subscribed(sim, 'KRW-BTC', 'BTC-ITAM') as client:
            client.message(), client.message()
            sim.step(n=1100)
            last = {'KRW-BTC': 1, 'BTC-ITAM': 1}
            for _ in range(2200):
                book = read(client.message()[1])
                last[book['code']] += 1
                if last[book['code']] % 20 == 0:
                    seq = sealed.check(side(book, 'bid'), side(book, 'ask'))
                    t.check(seq == last[book['code']], 'sequence %d of %s' % (seq, book['code']))
            torn = side(book, 'ask')
            torn[17][1] = '1'
            t.check(sealed.check(side(book, 'bid'), torn) == 0, 'a torn book is seen')


def flat_out_over_tls_stays_true():
    with t.Sim('--tls', '--rate', 'max', '--symbols', 'KRW-BTC', '--lossless') as sim:
        with subscribed(sim, 'KRW-BTC') as client:
            stamps = [int(read(client.message()[1])['timestamp']) for _ in range(2000)]
            t.check(all(b == a + 1 for a, b in zip(stamps[1:], stamps[2:])), 'lossless: nothing is skipped')
            sim.op('pause')
            t.wait_until(lambda: sim.last('KRW-BTC')['timestamp'] == sim.last('KRW-BTC')['timestamp'], 5, 'paused')
            last = sim.last('KRW-BTC')['timestamp']
            while True:
                book = read(client.message()[1])
                if int(book['timestamp']) == last:
                    break
            check_truth(sim, book)
        t.check(os.path.exists(sim.ca), 'the authority is there')
        t.check(sim.stop() == 0 and not os.path.exists(sim.ca), 'it is taken away')


def replay_sends_payloads_and_fragments_as_recorded():
    folder = t.scratch()
    path = os.path.join(folder, 'made.jsonl')
    lines = [{'t': 10**18, 'ev': 'open'}, {'t': 10**18, 'ev': 'tx', 'text': 'x'},
             {'t': 10**18, 'ev': 'rx', 'text': '{"a":"\u00e9\u0000\\u0000"}'},
             {'t': 10**18, 'ev': 'rx', 'text': 'abcd', 'frags': ['ab', '', 'cd']},
             {'t': 10**18 + 10**8, 'ev': 'rx', 'b64': '/wA='}, {'t': 10**18, 'ev': 'close'},
             {'t': 10**18, 'ev': 'open'}, {'t': 10**18, 'ev': 'rx', 'text': 'second'}]
    with open(path, 'w') as file:
        file.write('\n'.join(json.dumps(line) for line in lines) + '\n')
    with t.Sim('--replay', path, '--once') as sim:
        with subscribed(sim, 'KRW-BTC') as client:
            got = [client.message() for _ in range(3)]
            t.check(got == [(BINARY, '{"a":"\u00e9\0\\u0000"}'.encode(), 1), (BINARY, b'abcd', 3),
                            (BINARY, b'\xff\x00', 1)], 'payloads: %s' % got)
            t.check(client.frame()[0] == CLOSE, 'closed where the capture closes')
        with subscribed(sim, 'KRW-BTC') as client:
            t.check(client.message()[1] == b'second', 'goes on after the next open')
            t.check(client.frame()[0] == CLOSE, 'closed at the end')
            client.send(b'\x03\xe8', CLOSE)
            t.check(sim.wait() == 0, '--once ends')


def replay_serves_the_shared_captures():
    for name in ('cf-20210417.jsonl', 'synthetic-shapes.jsonl', 'synthetic-hostile-garbage.jsonl.zst'):
        path = os.path.join(t.SHARED, 'captures', 'upbit', name)
        if not os.path.exists(path):
            print('skipped: %s is absent (HOGA_SHARED)' % name)
            continue
        text = open(path, 'rb').read()
        if name.endswith('.zst'):
            text = subprocess.run(['zstd', '-dc', path], stdout=subprocess.PIPE, check=True).stdout
        events = [json.loads(line) for line in text.splitlines() if line.strip()]
        wanted = [e for e in events if e['ev'] == 'rx']
        with t.Sim('--replay', path, '--speed', 'max') as sim:
            client, got = None, 0
            while got < len(wanted):
                client = client or subscribed(sim, 'KRW-BTC')
                try:
                    opcode, payload, n = client.message()
                except Closed:
                    client.close()
                    client = None
                    continue
                event = wanted[got]
                if 'b64' not in event:
                    t.check(payload == event['text'].encode(), '%s: payload %d' % (name, got))
                t.check(n == len(event.get('frags', [0])), '%s: fragments of %d' % (name, got))
                got += 1
            t.wait_until(lambda: sim.stats()['replay']['done'], 5, 'all sent and drained')
            client.close()


def faults_happen_on_demand():
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '0', '--lenient') as sim:
        def fresh():
            client = subscribed(sim, 'KRW-BTC')
            client.message()
            return client

        def stamps(client, n):
            sim.step('KRW-BTC', n)
            return [int(read(client.message()[1])['timestamp']) for _ in range(n)]

        for script, is_reset in (('drop', False), ('rst', True), ('halfclose', False)):
            with fresh() as client:
                sim.fault(script)
                try:
                    client.message()
                    t.check(False, 'ended')
                except Ended as ended:
                    t.check(ended.is_reset == is_reset, script)
        with fresh() as client:
            sim.fault('repeat')
            sim.step('KRW-BTC', 1)
            first, second = client.message()[1], client.message()[1]
            t.check(first == second, 'repeat')
            sim.fault('reorder')
            sim.step('KRW-BTC', 1)
            newer, older = read(client.message()[1]), read(client.message()[1])
            t.check(int(newer['timestamp']) > int(older['timestamp']), 'reorder')
            sim.fault('crossed')
            sim.step('KRW-BTC', 2)
            book = read(client.message()[1])
            t.check(Decimal(side(book, 'bid')[0][0]) >= Decimal(side(book, 'ask')[0][0]), 'crossed')
            check_truth(sim, book)
            book = read(client.message()[1])
            t.check(Decimal(side(book, 'bid')[0][0]) < Decimal(side(book, 'ask')[0][0]), 'and straight again')
            sim.fault('garbage@2f')
            sim.step('KRW-BTC', 2)
            client.message(), client.message()
            try:
                json.loads(client.message()[1].decode('latin-1'))
                t.check(False, 'garbage')
            except ValueError:
                pass
            sim.fault('fragment:7')
            sim.step('KRW-BTC', 1)
            t.check(client.message()[2] == 7, 'fragments')
            sim.fault('fragment:1,bigframe:1MB')
            payload = client.message()[1]
            t.check(len(payload) > 1 << 20, 'bigframe')
            check_truth(sim, read(payload))
            sim.fault('drip:100/5')
            stamps(client, 1)
            sim.fault('drip:0')
            stamps(client, 20)
            began = time.monotonic()
            sim.fault('stall:300ms')
            sim.step('KRW-BTC', 1)
            client.message()
            t.check(time.monotonic() - began >= 0.3, 'stalled')
            sim.fault('nopong')
            client.send(b'x', PING)
            t.wait_until(lambda: sim.stats()['pings'] == 1, 5, 'the ping has arrived')
            sim.fault('nopong:0s ping')
            t.check(client.frame()[0] == PING, 'a server ping, and no pong before it')
            client.send(b'y', PING)
            t.check(client.frame() == (PONG, True, b'y'), 'pongs again')
            sim.fault('skew:-5s')
            sim.fault('error:INVALID_PARAM')
            t.check(json.loads(client.message()[1])['error']['name'] == 'INVALID_PARAM', 'error')
            t.check(client.frame()[0] == CLOSE, 'then closed')
        for script, what in (('badclose', CLOSE), ('badframe', 3), ('maintenance:600s', CLOSE)):
            with fresh() as client:
                sim.fault(script)
                t.check(client.frame()[0] == what, script)
        try:
            Client(sim.url)
            t.check(False, 'maintenance')
        except Refused as refused:
            t.check(refused.status == 503, '503')
        sim.fault('maintenance:0s; http:418:retry=7:n=2; refuse:1')
        try:
            Client(sim.url)
            t.check(False, 'refused')
        except (Ended, ConnectionResetError, BrokenPipeError):
            pass
        for _ in range(2):
            try:
                Client(sim.url)
                t.check(False, '418')
            except Refused as refused:
                t.check(refused.status == 418 and refused.headers['retry-after'] == '7', 'Retry-After')
        with fresh() as client:
            sim.fault('age:50ms')
            t.check(client.frame()[0] == CLOSE, 'age')
        sim.fault('age:0s, oldset')
        with fresh() as client:
            before = sim.stats()['requests']
            client.send(request('KRW-NONE'))
            t.wait_until(lambda: sim.stats()['requests'] > before, 5, 'the new request has arrived')
            stamps(client, 2)
            sim.step('KRW-BTC', 1)
            client.send(b'z', PING)
            t.check(client.frame() == (PONG, True, b'z'), 'two frames of the old set, no third')
        sim.fault('oldset:0, unknown:KRW-BTC')
        with subscribed(sim, 'KRW-BTC') as client:
            client.send(b'', PING)
            t.check(client.frame()[0] == PONG, 'an unknown symbol is silence')
        for wrong in ('gap', 'checksum', 'nope', 'drop@x', 'drip', 'stall:5', 'bigframe:1TB', 'http:99', 'drop:1'):
            t.check(sim.ask('fault', script=wrong).get('error'), 'refused: ' + wrong)


def a_notice_ends_nothing_before_its_time():
    """OKX says that it will close: until then what is asked for is answered."""
    with t.Sim('--symbols', 'BTC-USDT', '--rate', '50', venue='okx') as sim:
        client = Client(sim.url, sim.ca)
        client.send('{"op":"subscribe","args":[{"channel":"books5","instId":"BTC-USDT"}]}')
        client.message()  # it is known there
        sim.fault('closing:60s')
        t.check(any(b'64008' in client.message()[1] for _ in range(1000)), 'the notice')
        client.send('{"op":"subscribe","args":[{"channel":"trades","instId":"BTC-USDT"}]}')
        t.check(any(b'"trades"' in client.message()[1] for _ in range(1000)), 'and an answer after it')


def slow_clients_skip_to_the_newest(sim_arguments=('--rate', 'max', '--symbols', 'KRW-BTC')):
    with t.Sim(*sim_arguments) as sim, subscribed(sim, 'KRW-BTC') as slow, subscribed(sim, 'KRW-BTC') as fast:
        slow.message()
        t.wait_until(lambda: fast.message() and sim.stats()['frames_skipped'] > 0, 30, 'frames are skipped', every=0)
        sim.op('pause')
        last = sim.last('KRW-BTC')['timestamp']
        while int(read(slow.message()[1])['timestamp']) < last:
            pass
        t.check(sim.is_running(), 'still there')


def it_ends_in_order_and_says_what_is_wrong():
    sim = t.program('hoga-sim')
    with t.Sim('--symbols', 'KRW-BTC') as one:
        t.check(stat.S_IMODE(os.stat(one.control).st_mode) == 0o600, 'control is 0600')
        t.check(one.stop(signal.SIGINT) == 0 and not os.path.exists(one.control), 'SIGINT')
    with t.Sim('--symbols', 'KRW-BTC') as one:
        one.op('quit')
        t.check(one.wait() == 0, 'quit')
    wrong = ((['--venue', 'upbit', '--listen', '0.0.0.0:0'], 1, 'not a loopback address'),
             (['--venue', 'upbit', '--listen', '192.168.0.1:1'], 1, 'not a loopback address'), ([], 2, '--venue'),
             (['--venue', 'nope'], 2, 'no dialect'), (['--venue', 'upbit', '--rate', 'x'], 2, '--rate'),
             (['--venue', 'upbit', '--symbols', 'krw-btc'], 1, 'no symbol'),
             (['--venue', 'upbit', '--fault', 'gap'], 1, 'no sequence numbers'),
             (['--venue', 'upbit', '--replay', '/nonexistent'], 1, 'No such file'), (['--bogus'], 2, 'usage'))
    for words, code, text in wrong:
        done = subprocess.run([sim] + words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        t.check(done.returncode == code and text in done.stderr.decode(), '%s: %s' % (words, done))
    for word, text in (('--help', '--venue NAME'), ('--version', 'hoga-sim ')):
        done = subprocess.run([sim, word], stdout=subprocess.PIPE, timeout=60)
        t.check(done.returncode == 0 and text in done.stdout.decode(), word)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sim, '--venue', 'upbit'], stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    t.check(done.stderr == b'' and done.returncode == 0, 'quiet on a closed pipe')
    with t.Sim('--listen', '[::1]:0', '--symbols', 'KRW-BTC') as six, subscribed(six, 'KRW-BTC') as client:
        client.message()


def a_client_that_goes_during_the_handshake_is_no_harm():
    with t.Sim('--tls', '--symbols', 'KRW-BTC') as sim:
        for hello in (b'', b'\x16\x03\x01', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(40)):
            with socket.create_connection(('127.0.0.1', sim.port)) as client:
                client.sendall(hello)
        t.check('upgrades' in sim.stats() and sim.is_running(), 'it still answers')


def main():
    with t.Sim('--symbols', SYMBOLS, '--rate', '50', '--lenient') as sim:
        for part in (upgrade_answers_as_the_sheet_says, books_come_first_as_snapshot_and_equal_the_truth,
                     every_format_spells_numbers_its_own_way, a_new_request_replaces_the_set_and_can_be_listed,
                     wrong_requests_are_answered_by_name_then_closed):
            part(sim)
            print('ok', part.__name__, flush=True)
    for part in (limits_are_enforced_and_counted, steps_sets_and_raw_bytes_are_exact, sealed_books_tell_whole_from_torn,
                 flat_out_over_tls_stays_true, a_client_that_goes_during_the_handshake_is_no_harm,
                 replay_sends_payloads_and_fragments_as_recorded,
                 replay_serves_the_shared_captures, faults_happen_on_demand, a_notice_ends_nothing_before_its_time, slow_clients_skip_to_the_newest,
                 it_ends_in_order_and_says_what_is_wrong):
        part()
        print('ok', part.__name__, flush=True)


main()
