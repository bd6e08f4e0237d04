#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hoga metrics`: valid OpenMetrics for every state of daemon and books, bounded series, HTTP for a socket unit, and the
bundled scrape example and alert rules, in Prometheus' own hands where it is installed."""

import glob
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import urllib.request

from cli_support import FAILED, HOGA, Segment, environment, hoga, t
from openmetrics import families

CONF = os.path.join(t.TOP, 'conf', 'prometheus')
ACCEPT = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'


def read(segment, *words, **more):
    text = hoga(segment, 'metrics', *words, **more)[0]
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        list(text_string_to_metric_families(text))
    except ImportError:
        print('without a second parser: python3-prometheus-client is not installed')
    return families(text)


def value(found, name, **labels):
    family = found[re.sub('_total$', '', name)]
    return family['samples'].get((name, tuple(sorted(labels.items()))))


def everything_is_told(segment):
    found = read(segment)
    t.check(value(found, 'hoga_up') == 1 and value(found, 'hoga_epoch') == 1, 'the daemon')
    t.check(0 <= value(found, 'hoga_heartbeat_age_seconds') < 0.5, 'its heartbeat')
    t.check(value(found, 'hoga_books', venue='upbit', state='live') == 2, 'books by state')
    t.check(value(found, 'hoga_books', venue='upbit', state='failed') == 1, 'books by state')
    t.check(value(found, 'hoga_books', venue='upbit', state='gap') == 0, 'states without a book too')
    link = {'venue': 'upbit', 'connection': '0'}
    t.check(value(found, 'hoga_connection_up', **link) == 1, 'a connection')
    t.check(value(found, 'hoga_connection_state', state='live', **link) == 1, 'its state')
    t.check(value(found, 'hoga_connection_state', state='down', **link) == 0, 'no other state')
    t.check(value(found, 'hoga_connection_reconnects_total', **link) == 1, 'reconnects')
    t.check(value(found, 'hoga_connection_heard_age_seconds', **link) < 0.5, 'last sign of life')
    t.check(('hoga_frames_total', ()) in found['hoga_frames']['samples'], 'counters')
    t.check('hoga_frames_total 9007199254740993\n' in hoga(segment, 'metrics')[0], 'beyond 53 bits they are exact')
    t.check(found['hoga_frames']['help'] == 'messages received from venues', 'with their sentences')
    stage = {'venue': 'upbit', 'stage': 'decode'}
    latency = found['hoga_latency_seconds']['samples']
    t.check(value(found, 'hoga_latency_max_seconds', **stage) == 1.5e-06, 'latencies')
    t.check(latency[('hoga_latency_seconds_count', tuple(sorted(stage.items())))] == 1, 'count')
    t.check(latency[('hoga_latency_seconds_sum', tuple(sorted(stage.items())))] == 1.5e-06, 'sum')
    by_edge = {dict(labels).get('le'): n for (name, labels), n in latency.items() if name.endswith('_bucket')}
    t.check(by_edge['0.000001023'] == 0 and by_edge['0.000002047'] == 1 == by_edge['+Inf'], by_edge)
    t.check(not any(name.startswith('hoga_book_') for name in found), 'no series for each book unless asked')


def series_of_books_are_bounded(segment):
    found = read(segment, 'krw-btc', 'A"*')
    t.check(value(found, 'hoga_book_live', venue='upbit', symbol='KRW-BTC') == 1, 'by name')
    t.check(value(found, 'hoga_book_live', venue='upbit', symbol='A"B\\C') == 1, 'quotes and backslashes are escaped')
    t.check(len(found['hoga_book_live']['samples']) == 2 and value(found, 'hoga_books_left_out') == 0, 'no others')
    t.check(value(found, 'hoga_book_updates_total', venue='upbit', symbol='KRW-BTC') >= 1, 'updates')
    state = read(segment, 'krw-xrp')['hoga_book_state']['samples']
    t.check(list(state) == [('hoga_book_state', (('reason', 'no-snapshot'), ('state', 'failed'), ('symbol', 'KRW-XRP'),
                                                 ('venue', 'upbit')))], state)
    found = read(segment, '*', '-n', '1')
    t.check(len(found['hoga_book_live']['samples']) == 1 and value(found, 'hoga_books_left_out') == 2, 'a limit')


def serve_once(segment, request):
    """As a socket unit with Accept=yes does: the connection is standard input and output."""
    ours, theirs = socket.socketpair()
    with subprocess.Popen([HOGA, 'metrics', '--http'], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
                          env=environment(segment)) as process:
        theirs.close()
        ours.sendall(request)
        ours.shutdown(socket.SHUT_WR)
        answer = b''
        while True:
            more = ours.recv(65536)
            if not more:
                break
            answer += more
        ours.close()
        t.check(process.wait(t.STOP_SECONDS) == 0, 'hoga metrics --http ends with 0')
    head, _, body = answer.decode().partition('\r\n\r\n')
    t.check(int(re.search(r'Content-Length: (\d+)', head).group(1)) == len(body.encode()) or request.startswith(b'HEAD'), head)
    return head, body


def http_answers(segment):
    head, body = serve_once(segment, b'GET /metrics HTTP/1.1\r\nHost: a\r\naccept: %s\r\n\r\n' % ACCEPT.encode())
    t.check(head.startswith('HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0'), head)
    t.check(families(body)['hoga_up']['samples'], 'a body')
    head, body = serve_once(segment, b'GET /metrics?x=1 HTTP/1.0\n\n')
    t.check('text/plain; version=0.0.4' in head and '# EOF' not in body and '# TYPE hoga_frames_total counter' in body, head)
    t.check(serve_once(segment, b'HEAD /metrics HTTP/1.1\r\n\r\n')[1] == '', 'HEAD has no body')
    for request, status in ((b'GET / HTTP/1.1\r\n\r\n', '404'), (b'POST /metrics HTTP/1.1\r\n\r\n', '405'), (b'', '400'),
                            (b'GET /metrics\r\n\r\n', '400'), (b'\0' * 100, '400'), (b'x' * 9000, '400'),
                            (b'GET /metrics HTTP/1.1\r\nHost', '400')):
        t.check(serve_once(segment, request)[0].startswith('HTTP/1.1 %s ' % status), (request[:40], status))


def rules_name_what_there_is(segment):
    """No alert rests on a metric, a label value or a stage that hoga does not have."""
    known = set(re.findall(r'"(hoga_\w+)"', open(os.path.join(t.TOP, 'client/cli/metrics.def')).read()))
    known |= {'hoga_%s_total' % n for n in re.findall(r'COUNTER_ROW\(\w+, "(\w+)"',
                                                      open(os.path.join(t.TOP, 'shm/counters.def')).read())}
    rules = open(os.path.join(CONF, 'hoga.rules.yml')).read()
    used = set(re.findall(r'\b(hoga_\w+)', rules))
    t.check(used and {re.sub('_(bucket|sum|count)$', '', u) for u in used} <= known, sorted(used - known))
    states = set(re.findall(r'HOGA_STATE_ROW\(\d+, \w+, "(\w+)"', open(os.path.join(t.TOP, 'shm/verdict.def')).read()))
    for words in re.findall(r'state!?[=~]+"([a-z|]+)"', rules):
        t.check(set(words.split('|')) <= states, words)
    stage = re.search(r'stage="(\w+)"', rules).group(1)
    sources = glob.glob(os.path.join(t.TOP, 'daemon/pipeline*.c'))
    t.check(any('"%s"' % stage in open(source).read() for source in sources), stage)
    del segment


def promtool_agrees(segment):
    if not shutil.which('promtool'):
        print('without promtool: prometheus is not installed')
        return
    for words in (('check', 'rules', os.path.join(CONF, 'hoga.rules.yml')), ('check', 'config', os.path.join(CONF, 'hoga.yml')),
                  ('test', 'rules', os.path.join(t.TOP, 'tests/e2e/cli/alerts_test.yml'))):
        done = subprocess.run(['promtool', *words], capture_output=True, text=True, timeout=120)
        t.check(done.returncode == 0, '%s: %s%s' % (words, done.stdout, done.stderr))
    done = subprocess.run(['promtool', 'check', 'metrics'], input=hoga(segment, 'metrics', '--classic', '*')[0],
                          capture_output=True, text=True, timeout=120)
    t.check(done.returncode == 0, 'promtool check metrics: %s%s' % (done.stdout, done.stderr))


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def accept_for_ever(listener, segment):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            subprocess.run([HOGA, 'metrics', '--http', 'krw-*'], stdin=connection, stdout=connection, timeout=60,
                           env=environment(segment), check=False)


def prometheus_scrapes_it(segment):
    if not shutil.which('prometheus'):
        print('without Prometheus: it is not installed')
        return
    listener = socket.create_server(('127.0.0.1', 0))
    threading.Thread(target=accept_for_ever, args=(listener, segment), daemon=True).start()
    folder, port = t.scratch(), free_port()
    with open(os.path.join(CONF, 'hoga.yml')) as f:
        text = f.read().replace('127.0.0.1:9852', '127.0.0.1:%d' % listener.getsockname()[1]).replace('15s', '1s')
    with open(os.path.join(folder, 'hoga.yml'), 'w') as f:
        f.write(text.replace('scrape_timeout: 5s', 'scrape_timeout: 1s'))
    shutil.copy(os.path.join(CONF, 'hoga.rules.yml'), folder)

    def ask(query):
        try:
            with urllib.request.urlopen('http://127.0.0.1:%d/api/v1/query?query=%s' % (port, query), timeout=10) as answer:
                return [row['value'][1] for row in json.load(answer)['data']['result']]
        except OSError:
            return []
    with t.Process(shutil.which('prometheus'), '--config.file=' + os.path.join(folder, 'hoga.yml'),
                   '--storage.tsdb.path=' + os.path.join(folder, 'data'), '--web.listen-address=127.0.0.1:%d' % port):
        t.wait_until(lambda: ask('hoga_up') == ['1'], 60, 'Prometheus has scraped hoga_up', every=0.1)
        t.check(ask('hoga_latency_seconds_count') == ['1'] and len(ask('hoga_book_live')) == 2, 'histograms and books')
    listener.close()


def a_dead_daemon_is_0(segment):
    segment.stop()
    found = read(segment, 'krw-btc')
    t.check(value(found, 'hoga_up') == 0, 'down')
    t.check(value(found, 'hoga_books', venue='upbit', state='down') == 3, 'all of its books are down')
    t.check(value(found, 'hoga_connection_up', venue='upbit', connection='0') == 0, 'and its connections')
    out, err = hoga(None, 'metrics', '--segment', segment.path + '-none', code=1)
    t.check(out.startswith('# TYPE hoga_up gauge\n') and families(out)['hoga_up']['samples'] == {('hoga_up', ()): 0}, out)
    t.check('no segment there' in err, err)


with Segment() as seg:
    t.check(value(read(seg), 'hoga_up') == 1, 'a segment without books')
    seg.book('KRW-BTC')
    seg.book('KRW-XRP', '-', '-', FAILED, 3)
    seg.book('A"B\\C')
    everything_is_told(seg)
    series_of_books_are_bounded(seg)
    http_answers(seg)
    rules_name_what_there_is(seg)
    promtool_agrees(seg)
    prometheus_scrapes_it(seg)
    a_dead_daemon_is_0(seg)
