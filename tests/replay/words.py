#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""words.py HOGAD: what `hogad --replay` promises to those who script against it, on the small captures beside this
file: trace lines, exit codes, words, standard input, pacing, signals, closed pipes."""
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROADS = os.path.join(HERE, 'upbit', 'roads.jsonl')
HOGAD = None
SECONDS = 90


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith('HOGA') and k != 'RUNTIME_DIRECTORY'}
    return {**kept, 'LC_ALL': 'C', **more}


def run(*words, stdin=None):
    return subprocess.run([HOGAD, *words], input=stdin, capture_output=True, timeout=SECONDS, env=environment())


def begin(*words, **options):
    return subprocess.Popen([HOGAD, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
                            **options)


def trace(*words, stdin=None):
    done = run('--replay', *words, '--trace', stdin=stdin)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def read_roads():
    with open(ROADS, 'rb') as file:
        return file.read()


def rx(text):
    return json.dumps({'t': None, 'ev': 'rx', 'url': None, 'text': text}).encode() + b'\n'


class Words(unittest.TestCase):
    def test_every_kind_of_line_gives_the_trace_it_should(self):
        told = [(m['line'], m['symbol'], m.get('k'), m['event'], m['state'], m['reason']) for m in trace(ROADS)]
        self.assertEqual(told, [
            (3, 'KRW-BTC', 1, 'snapshot', 'live', ''),
            (4, 'KRW-ETH', 1, 'snapshot', 'live', ''),
            (6, 'KRW-BTC', 2, 'snapshot', 'live', ''),
            (7, None, None, 'refused', None, 'malformed'),
            (8, 'KRW-ETH', 2, 'snapshot', 'live', ''),
            (9, 'KRW-BTC', 3, 'crossed', 'crossed', 'crossed-book'),
            (10, 'KRW-BTC', None, 'refused', 'failed', 'number-range'),
            (11, 'KRW-BTC', 4, 'snapshot', 'live', ''),
            (11, 'KRW-ETH', 3, 'snapshot', 'live', ''),
            (15, 'KRW-BTC', 5, 'snapshot', 'live', '')])

    def test_a_line_has_exactly_the_documented_bytes(self):
        done = run('--replay', ROADS, '--trace', '--depth', '1')
        self.assertEqual(done.stdout.splitlines()[0].decode(),
                         '{"line":3,"venue":"upbit","symbol":"KRW-BTC","k":1,"event":"snapshot","state":"live",'
                         '"reason":"","bids":[["116538000","0.25"]],"asks":[["116539000","0.5"]]}')

    def test_several_books_of_a_symbol_are_as_many_instruments(self):
        def bybit(depth, kind, last, bid):
            return rx('{"topic":"orderbook.%d.AB","ts":1,"type":"%s","data":{"s":"AB","b":[["%s","1"]],"a":[["9","1"]],'
                      '"u":%d,"seq":1}}' % (depth, kind, bid, last))

        def okx(channel, bid, last=0, before=None):
            action = '' if before is None else '"action":"%s",' % ('snapshot' if before < 0 else 'update')
            return rx('{"arg":{"channel":"%s","instId":"A-B"},%s"data":[{"asks":[["9","1","0","1"]],"bids":[["%s","1",'
                      '"0","1"]],"ts":"1","seqId":%d,"prevSeqId":%d}]}' % (channel, action, bid, last, before or -1))

        def told(venue, *lines):
            return [(m['symbol'], m['event'], [bid for bid, size in m['bids']])
                    for m in trace('-', '--venue', venue, stdin=b''.join(lines))]
        alone = bybit(1, 'snapshot', 70, '2'), bybit(1, 'snapshot', 71, '3')
        self.assertEqual(told('bybit', *alone), [('AB', 'snapshot', ['2']), ('AB', 'snapshot', ['3'])])
        beside = bybit(50, 'snapshot', 7, '1'), alone[0], bybit(50, 'delta', 8, '4'), alone[1]
        self.assertEqual(told('bybit', *beside), [('AB', 'snapshot', ['1']), ('AB@bbo', 'snapshot', ['2']),
                                                  ('AB', 'update', ['4', '1']), ('AB@bbo', 'snapshot', ['3'])])
        self.assertEqual(told('bybit', beside[0], bybit(200, 'snapshot', 90, '5'), beside[2]),
                         [('AB', 'snapshot', ['1']), ('AB@200', 'snapshot', ['5']), ('AB', 'update', ['4', '1'])])
        self.assertEqual(told('okx', okx('bbo-tbt', '1')), [('A-B', 'snapshot', ['1'])])
        # The one that is kept by updates has the plain name, and nothing of the other is left in it.
        self.assertEqual(told('okx', okx('books5', '1'), okx('books', '2', 5, -1), okx('books5', '3'),
                              okx('bbo-tbt', '4'), okx('books', '5', 6, 5)),
                         [('A-B', 'snapshot', ['1']), ('A-B', 'snapshot', ['2']), ('A-B@5', 'snapshot', ['3']),
                          ('A-B@bbo', 'snapshot', ['4']), ('A-B', 'update', ['5', '2'])])

    def test_a_raw_connections_messages_are_what_its_url_says(self):
        spot = rx('{"lastUpdateId":5,"bids":[["1","1"]],"asks":[]}')
        perp = rx('{"e":"depthUpdate","E":1,"T":1,"s":"AB","U":1,"u":2,"pu":0,"b":[["1","1"]],"a":[]}')

        def told(venue, url, message):
            opened = json.dumps({'t': None, 'ev': 'open', 'url': url}).encode() + b'\n'
            return [(m['symbol'], m['event']) for m in trace('-', '--venue', venue, stdin=opened + message)]
        for venue, url, message, wanted in (
                ('binance', 'wss://x:9443/ws/ab@depth20@100ms', spot, [('AB', 'snapshot')]),
                ('binance', 'wss://x/ws/ab@depth5/ab@trade?timeUnit=MICROSECOND', spot, [('AB', 'snapshot')]),
                ('binance', 'wss://x/ws/ab@depth5/cd@depth5', spot, []),
                ('binance', 'wss://x/stream?streams=ab@depth5', spot, []),
                ('binance-usdm', 'wss://x/public/ws/ab@depth10', perp, [('AB', 'snapshot')]),
                ('binance-usdm', 'wss://x/ws/cd@depth/ab@depth10', perp, [('AB', 'snapshot')]),
                ('binance-coinm', 'wss://x/ws/ab@depth', perp, [('AB', 'buffered')]),
                ('binance-coinm', 'wss://x/ws/ab@depth/ab@depth5', perp, [('AB', 'buffered')])):
            with self.subTest(url=url):
                self.assertEqual(told(venue, url, message), wanted)
        # Each line may say it itself.
        named = json.loads(spot)
        named['url'] = 'wss://x/ws/ab@depth20'
        self.assertEqual([m['symbol'] for m in trace('-', '--venue', 'binance', stdin=json.dumps(named).encode())], ['AB'])

    def test_a_file_from_the_middle_of_a_recording_says_so(self):
        def told(**keys):
            line = dict({'t': 1, 'ev': 'open', 'url': None}, **keys)
            done = run('--replay', '-', '--venue', 'upbit', '--trace', stdin=json.dumps(line).encode())
            self.assertEqual((done.returncode, done.stdout), (0, b''))
            return done.stderr.decode()
        self.assertIn('begins in the middle of a recording', told(conn=0))
        self.assertIn('begins in the middle of a recording', told(conn=1, did='fKRW-BTC'))
        self.assertEqual(told(conn=0, did='o1000,30,0 cKRW-BTC'), '')
        self.assertEqual(told(), '')

    def test_a_request_that_is_of_no_book_leaves_live_books_live(self):
        deltas = [rx('{"e":"depthUpdate","E":1,"s":"AB","U":%d,"u":%d,"b":[["1","1"]],"a":[]}' % (u, u)) for u in (6, 6)]
        fetched = json.dumps({'t': None, 'ev': 'http', 'url': 'https://x/api/v3/depth?symbol=AB&limit=5',
                              'text': '{"lastUpdateId":5,"bids":[],"asks":[]}'}).encode() + b'\n'
        ping = json.dumps({'t': None, 'ev': 'tx', 'url': None, 'text': 'ping'}).encode() + b'\n'
        told = [(m['event'], m['state']) for m in
                trace('-', '--venue', 'binance', stdin=fetched + deltas[0] + ping + deltas[1])]
        self.assertEqual(told, [('snapshot', 'live'), ('update', 'live'), ('ignored', 'live')])

    def test_a_capture_that_names_no_depth_is_cut_to_that_of_its_whole_book(self):
        def line(kind, asks):
            text = ('{"channel":"book","type":"%s","data":[{"symbol":"A/B","bids":[],"asks":[%s],"checksum":1}]}'
                    % (kind, ','.join('{"price":%d.0,"qty":1.0}' % price for price in asks)))
            return json.dumps({'t': None, 'ev': 'rx', 'url': None, 'text': text}).encode() + b'\n'

        def last_ask(*lines):
            return [m['asks'][-1][0] for m in trace('-', '--venue', 'kraken', '--depth', '40', stdin=b''.join(lines))]
        self.assertEqual(last_ask(line('snapshot', range(11, 21)), line('update', [5])), ['20', '19'])
        self.assertEqual(last_ask(line('snapshot', range(11, 36)), line('update', [5])), ['35', '34'])
        self.assertEqual(last_ask(line('snapshot', [11]), line('update', [12])), ['11', '12'])

    def test_depth_cuts_what_is_printed(self):
        for depth, wanted in (('1', 1), ('2', 2), ('100', 3)):
            first = trace(ROADS, '--depth', depth)[0]
            self.assertEqual([len(first['bids']), len(first['asks'])], [wanted, wanted])

    def test_standard_input_compressed_files_and_names_give_the_same(self):
        wanted = trace(ROADS)
        packed = None
        if shutil.which('zstd'):
            packed = subprocess.run(['zstd', '-qc', ROADS], capture_output=True, check=True)
        self.assertEqual(trace('-', '--venue', 'upbit', stdin=read_roads()), wanted)
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, 'upbit'))
            path = os.path.join(folder, 'upbit', 'x.jsonl.zst')
            with open(path, 'wb') as file:
                file.write(packed.stdout if packed else read_roads())
            self.assertEqual(trace(path), wanted)
            os.rename(os.path.join(folder, 'upbit'), os.path.join(folder, 'other'))
            path = os.path.join(folder, 'other', 'x.jsonl.zst')
            self.assertEqual(trace(path, '--venue', 'upbit'), wanted)
            done = run('--replay', path)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b'hogad: other: ', done.stderr)

    def test_what_is_wrong_is_said_and_coded(self):
        for words, code, told in (
                (['-'], 2, b'--venue'),
                (['/no/such/file', '--venue', 'upbit'], 1, b'hogad: /no/such/file: No such file'),
                ([ROADS, '--venue', 'nobody'], 2, b'hogad: nobody: '),
                ([ROADS, '--speed', 'fast'], 2, b'hogad: --speed: '),
                ([ROADS, '--speed', '0'], 2, b'hogad: ')):
            done = run('--replay', *words, stdin=b'')
            self.assertEqual((done.returncode, told in done.stderr), (code, True), (words, done))
            self.assertEqual(done.stdout, b'')

    def test_a_damaged_line_is_named_and_skipped_and_the_rest_is_read(self):
        lines = read_roads().splitlines(keepends=True)
        lines[3:3] = [b'{"ev":"rx"\n', b'\x00\xff\n', b'{"t":"x","ev":"rx"}\n']
        done = run('--replay', '-', '--venue', 'upbit', '--trace', stdin=b''.join(lines))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stdout.splitlines()), 10)
        for line in (4, 5, 6):
            self.assertIn(b'hogad: -:%d: ' % line, done.stderr)

    def test_a_flood_of_damaged_lines_is_counted(self):
        done = run('--replay', '-', '--venue', 'upbit', stdin=b'x\n' * 5000)
        self.assertEqual(done.returncode, 1)
        self.assertLess(len(done.stderr.splitlines()), 30)
        self.assertIn(b'5000 lines', done.stderr)

    def test_the_captures_own_clock_paces(self):
        begun = time.monotonic()
        self.assertEqual(len(trace(ROADS, '--speed', '1')), 10)
        took = time.monotonic() - begun
        self.assertGreater(took, 0.145)  # 15 steps of 10 ms
        self.assertEqual(len(trace(ROADS, '--speed', 'max')), 10)

    def test_a_signal_ends_it_with_0_while_it_waits_for_bytes_for_time_and_for_a_reader(self):
        slow = ['--replay', ROADS, '--speed', '0.001', '--trace']
        for number in (signal.SIGINT, signal.SIGTERM):
            with begin('--replay', '-', '--venue', 'upbit', '--trace', stdin=subprocess.PIPE) as waits:
                waits.stdin.write(read_roads())
                waits.stdin.flush()
                self.assert_stops(waits, number)
            with begin(*slow) as waits:
                self.assert_stops(waits, number)
            with begin('--replay', '-', '--venue', 'upbit', '--trace', stdin=subprocess.PIPE) as waits:
                writer = os.dup(waits.stdin.fileno())
                os.set_blocking(writer, False)
                self.fill(writer)
                os.close(writer)
                self.assert_stops(waits, number)

    def fill(self, fd):
        """Feed until nothing moves: the trace's pipe is full and nobody reads it."""
        while select.select([], [fd], [], 1)[1]:
            try:
                os.write(fd, read_roads())
            except BlockingIOError:
                pass

    def assert_stops(self, process, number):
        deadline = time.monotonic() + SECONDS
        # It takes signals once it blocks them; before that they would kill it.
        while int(self.status(process.pid, 'SigBlk'), 16) & 1 << (number - 1) == 0:
            self.assertLess(time.monotonic(), deadline)
            select.select([], [], [], 0.01)
        process.send_signal(number)
        self.assertEqual(process.wait(SECONDS), 0)

    def status(self, pid, key):
        with open('/proc/%d/status' % pid, encoding='ascii') as file:
            return next(line.split()[1] for line in file if line.startswith(key + ':'))

    def test_a_closed_pipe_is_quiet(self):
        with begin('--replay', '-', '--venue', 'upbit', '--trace', stdin=subprocess.PIPE) as process:
            process.stdout.close()
            try:
                process.stdin.write(read_roads() * 2000)
                process.stdin.close()
            except BrokenPipeError:
                pass
            self.assertEqual((process.wait(SECONDS), process.stderr.read()), (0, b''))

    def test_nothing_is_published_unless_told_where(self):
        with tempfile.TemporaryDirectory() as folder:
            env = environment(XDG_RUNTIME_DIR=folder, RUNTIME_DIRECTORY=folder)
            subprocess.run([HOGAD, '--replay', ROADS], check=True, timeout=SECONDS, env=env)
            self.assertEqual(os.listdir(folder), [])
            path = os.path.join(folder, 'books')
            subprocess.run([HOGAD, '--replay', ROADS, '--segment', path], check=True, timeout=SECONDS, env=env)
            self.assertTrue(os.path.exists(path))

    def test_what_a_recording_says_was_done_is_done_and_nothing_else(self):
        """Two connections of OKX that number alike: the second has a book of its own until it takes over."""
        def line(conn, number, price, did, snapshot=False, symbol='A-B'):
            level = '["%d","1","0","1"]' % price
            text = ('{"arg":{"channel":"books","instId":"%s"},"action":"%s","data":[{"asks":[["9","1","0","1"]],"bids":[%s],'
                    '"ts":"1597026383085","checksum":0,"prevSeqId":%d,"seqId":%d}]}' %
                    (symbol, 'snapshot' if snapshot else 'update', level, -1 if snapshot else number - 1, number))
            made = {'t': 1597026383085000000 + number, 'ev': 'rx', 'url': 'wss://x', 'text': text, 'conn': conn}
            return json.dumps(dict(made, did=did) if did else made)

        begun = 'o500,1,0 cA-B cC-D'
        lines = [json.dumps({'t': 1597026383085000000, 'ev': 'open', 'url': 'wss://x', 'conn': 3, 'did': begun + ' fA-B'}),
                 line(3, 10, 1, 'a', snapshot=True),
                 json.dumps({'t': 1597026383085000001, 'ev': 'open', 'url': 'wss://x', 'conn': 7}),
                 line(7, 11, 2, 's', snapshot=True),  # to the book of the one to come
                 line(3, 11, 2, None),
                 line(7, 12, 3, 's wA-B'),            # which takes over here, and is further
                 line(3, 12, 4, '-'),                 # what the old one still brings is nobody's
                 line(7, 13, 5, None),
                 line(7, 1, 1, None, snapshot=True, symbol='E-F'),  # not wanted
                 line(7, 14, 6, '?'),                 # what follows a hole follows nothing
                 line(7, 15, 7, 'dA-B', snapshot=True),
                 line(7, 16, 8, 'cA-B a', snapshot=True)]
        told = [(m['line'], m['symbol'], m.get('k'), m['event'], m.get('bids', [[None]])[0][0])
                for m in trace('-', '--venue', 'okx', stdin='\n'.join(lines).encode())]
        self.assertEqual(told, [(2, 'A-B', 1, 'snapshot', '1'), (5, 'A-B', 2, 'update', '2'), (6, 'A-B', 3, 'snapshot', '3'),
                                (8, 'A-B', 4, 'update', '5'),
                                (12, 'A-B', 1, 'snapshot', '8')])


if __name__ == '__main__':
    HOGAD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
