# SPDX-License-Identifier: MIT
"""What the venue lists, from its REST host to `hoga ls --all` and `hoga info`; patterns that follow listings and
delistings; and a REST host that fails, which touches no book. Upbit's socket is hoga-sim, its REST host is our own."""

import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cli'))
import hoga_test as t
from cli_support import validated
from rest_server import RestServer

SYMBOLS = ('KRW-BTC', 'KRW-ETH', 'KRW-XRP')
NAMES = {'KRW-BTC': ('비트코인', 'Bitcoin'), 'KRW-ETH': ('이더리움', 'Ethereum'), 'KRW-XRP': ('엑스알피(리플)', 'XRP'),
         'BTC-ETH': ('이더리움', 'Ethereum')}
UTC = dict(os.environ, LC_ALL='C.UTF-8')


def market(symbol, warning=False, **cautions):
    korean, english = NAMES[symbol]
    return {'market': symbol, 'korean_name': korean, 'english_name': english,
            'market_event': {'warning': warning, 'caution': dict({'PRICE_FLUCTUATIONS': False}, **cautions)}}


def listing(*markets):
    return json.dumps([one if isinstance(one, dict) else market(one) for one in markets], ensure_ascii=False)


def details(path):
    return json.dumps([{'market': symbol, 'quote_currency': 'KRW', 'tick_size': '1000',
                        'supported_levels': ['0', '10000', '100000']} for symbol in path.split('=')[1].split(',')])


def hogad(sim, rest, symbols, every_s=1, **more):
    return t.Hogad(sim, symbols, venue='rest_url = ' + rest.url, daemon='catalogue_s = %d' % every_s, **more)


def live(daemon, *symbols):
    """Exactly these are carried, and all are live."""
    books = json.loads(t.hoga(daemon, 'ls', '--json').stdout or '{"books":[]}')['books']
    return {b['symbol']: b['state'] for b in books} == {symbol: 'live' for symbol in symbols}


def carries(daemon, *symbols):
    """Exactly these, in whatever state: how a busy machine treats hogad is not asked for."""
    books = json.loads(t.hoga(daemon, 'ls', '--json').stdout)['books']
    return sorted(b['symbol'] for b in books) == sorted(symbols)


def carried(daemon):
    return t.hoga(daemon, 'ls').stdout


def patterns_follow_listings_and_delistings(sim):
    with RestServer() as rest:
        rest.answer('/v1/market/all', listing('KRW-BTC', 'KRW-ETH', 'BTC-ETH'))
        rest.answer('/v1/orderbook/instruments', details)
        with hogad(sim, rest, ['KRW-*']) as daemon:
            t.wait_until(lambda: live(daemon, 'KRW-BTC', 'KRW-ETH'), 30, 'what is listed and matches')
            before = t.book(daemon, 'upbit:KRW-BTC')
            rest.answer('/v1/market/all', listing('KRW-BTC', 'KRW-ETH', 'KRW-XRP'))
            t.wait_until(lambda: live(daemon, *SYMBOLS), 30, 'a new listing is subscribed')
            rest.answer('/v1/market/all', listing('KRW-BTC', 'KRW-XRP'))
            t.wait_until(lambda: live(daemon, 'KRW-BTC', 'KRW-XRP'), 30, 'a delisting is dropped')
            after = t.book(daemon, 'upbit:KRW-BTC')
            t.check(before['id'] == after['id'] and before['epoch'] == after['epoch'], 'the others are not touched')
            t.check('catalogue.listed venue=upbit symbol=KRW-XRP' in daemon.log(), daemon.log())
            t.check('catalogue.delisted venue=upbit symbol=KRW-ETH' in daemon.log(), daemon.log())


def failures_touch_no_book(sim):
    """No answer, no list, half a list, an empty one: each is refused, and the list that was there stays."""
    with RestServer() as rest:
        rest.answer('/v1/market/all', listing('KRW-BTC', 'KRW-ETH'))
        rest.answer('/v1/orderbook/instruments', details)
        with hogad(sim, rest, ['KRW-*']) as daemon:
            t.wait_until(lambda: live(daemon, 'KRW-BTC', 'KRW-ETH'), 30, 'live')
            for body, status, why in [('{"error":{"name":404}}', 200, 'the answer is no list'),
                                      (listing('KRW-BTC')[:-1], 200, 'the answer cannot be read'),
                                      ('[]', 200, 'the list is empty'),
                                      ('busy', 503, 'refused')]:
                rest.answer('/v1/market/all', body, status)
                t.wait_until(lambda: 'why="%s"' % why in daemon.log() or 'why=%s' % why in daemon.log(), 30, why)
                t.check(carries(daemon, 'KRW-BTC', 'KRW-ETH'), carried(daemon))
                t.wait_until(lambda: live(daemon, 'KRW-BTC', 'KRW-ETH'), 30, 'both are live after ' + why)
            t.check('BTC' in t.hoga(daemon, 'ls', '--all').stdout, 'the list stays')
            rest.answer('/v1/market/all', listing('KRW-BTC'))
            t.wait_until(lambda: live(daemon, 'KRW-BTC'), 30, 'and goes on when the venue is well')


def names_are_carried_without_a_list_and_patterns_wait(sim):
    """A restart meanwhile takes no book away, since the segment knows what the pattern stood for."""
    with RestServer() as rest:
        rest.answer('/v1/market/all', 'later', 503)
        with hogad(sim, rest, ['KRW-BTC', 'KRW-*']) as daemon:
            t.wait_until(lambda: live(daemon, 'KRW-BTC'), 30, 'a name needs no list')
            t.check('catalogue.awaited venue=upbit patterns=1' in daemon.log(), daemon.log())
            rest.answer('/v1/market/all', listing('KRW-BTC', 'KRW-ETH'))
            rest.answer('/v1/orderbook/instruments', details)
            t.wait_until(lambda: live(daemon, 'KRW-BTC', 'KRW-ETH'), 30, 'the list came')
            ident = t.book(daemon, 'upbit:KRW-ETH')['id']
            segment = daemon.segment
            daemon.stop()
            rest.answer('/v1/market/all', 'later', 503)
            with hogad(sim, rest, ['KRW-BTC', 'KRW-*'], segment=segment) as second:
                t.wait_until(lambda: live(second, 'KRW-BTC', 'KRW-ETH'), 30, 'as before')
                t.check(t.book(second, 'upbit:KRW-ETH')['id'] == ident, 'the same slot')
                done = t.hoga(second, 'ls', '--all')
                t.check(done.returncode == 1 and "no venue's list has come yet" in done.stderr, done)


def what_is_not_listed_is_said_at_once(sim):
    with RestServer() as rest:
        rest.answer('/v1/market/all', listing(*SYMBOLS))
        rest.answer('/v1/orderbook/instruments', details)
        with hogad(sim, rest, ['KRW-BTC', 'KRW-BTX'], every_s=3600) as daemon:
            book = t.wait_until(lambda: [b for b in [t.book(daemon, 'upbit:KRW-BTX')] if b and b['state'] == 'failed'],
                                30, 'found out')[0]  # from the list: no venue's silence has this reason
            t.check(book['reason'] == 'symbol-unknown', book)
            t.wait_until(lambda: t.book(daemon, 'upbit:KRW-BTC', '--live'), 30, 'the other is live')


def more_than_there_is_room_for(sim):
    with RestServer() as rest:
        rest.answer('/v1/market/all', listing(*SYMBOLS, 'BTC-ETH'))
        rest.answer('/v1/orderbook/instruments', details)
        more = 'catalogue_s = 3600\ncatalogue_max = 3\nbooks_max = 2'
        with t.Hogad(sim, ['KRW-XRP', 'KRW-*'], venue='rest_url = ' + rest.url, daemon=more) as daemon:
            t.wait_until(lambda: live(daemon, 'KRW-BTC', 'KRW-XRP'), 30, 'names first, then in order')
            t.check('catalogue.books_max venue=upbit left_out=1' in daemon.log(), daemon.log())
            t.wait_until(lambda: 'catalogue.full venue=upbit' in daemon.log(), 30, 'said')
            t.wait_until(lambda: t.counters(daemon)['catalogue_full'] > 0, 30, 'counted')
            listed = json.loads(t.hoga(daemon, 'ls', '--all', '--json').stdout)['instruments']
            t.check([one['symbol'] for one in listed] == ['BTC-ETH', 'KRW-BTC', 'KRW-ETH'], listed)


LS_ALL = """\
NAME           STATE  LISTED   KOREAN          ENGLISH   WARNINGS
upbit:BTC-ETH  -      trading  이더리움        Ethereum  investment caution
upbit:KRW-BTC  live   trading  비트코인        Bitcoin   
upbit:KRW-ETH  -      trading  이더리움        Ethereum  caution: PRICE_FLUCTUATIONS
upbit:KRW-XRP  -      trading  엑스알피(리플)  XRP       
"""

INFO_ETH = """\
name                    upbit:KRW-ETH
venue                   upbit
symbol                  KRW-ETH
state                   not subscribed
Korean name             이더리움
English name            Ethereum
base                    ETH
quote                   KRW
listed                  trading
warnings                caution: PRICE_FLUCTUATIONS
tick                    1,000 at the price when it was fetched
lot                     -
smallest order          -
smallest order's value  -
grouping levels         10000 100000
list fetched            TIME
"""

INFO_ETH_JSON = {
    'name': 'upbit:KRW-ETH', 'venue': 'upbit', 'symbol': 'KRW-ETH', 'subscribed': False, 'listed': 'trading',
    'status': None, 'base': 'ETH', 'quote': 'KRW', 'name_korean': '이더리움', 'name_english': 'Ethereum',
    'cautions': 'PRICE_FLUCTUATIONS', 'warnings': ['caution'], 'ticks': [{'from': None, 'tick': '1000'}],
    'groups': ['10000', '100000'], 'tick_is_of_price_now': True, 'lot': None, 'size_min': None, 'value_min': None}


def what_people_and_scripts_see(sim):
    with RestServer() as rest:
        rest.answer('/v1/market/all', listing('KRW-BTC', market('KRW-ETH', PRICE_FLUCTUATIONS=True), 'KRW-XRP',
                                              market('BTC-ETH', warning=True)))
        rest.answer('/v1/orderbook/instruments', details)
        with hogad(sim, rest, ['KRW-BTC'], every_s=3600) as daemon:
            def info():
                return t.hoga(daemon, 'info', 'krw-eth', '--utc', env=UTC).stdout
            t.wait_until(lambda: live(daemon, 'KRW-BTC') and '10000' in info(), 30, 'list and details')
            t.wait_until(lambda: t.hoga(daemon, 'ls', '--all', env=UTC).stdout == LS_ALL, 30,
                         t.hoga(daemon, 'ls', '--all', env=UTC).stdout)
            t.wait_until(lambda: re.sub(r'20\d\d-\S+ \S+ UTC', 'TIME', info()) == INFO_ETH, 30, info())
            document = validated(t.hoga(daemon, 'info', 'upbit:KRW-ETH', '--json').stdout)['instruments'][0]
            t.check(document.pop('fetched_ns').isdigit() and document == INFO_ETH_JSON, document)
            t.check(len(validated(t.hoga(daemon, 'ls', '-a', '-j').stdout)['instruments']) == 4, 'JSON has all')
            t.check(len(validated(t.hoga(daemon, 'ls', '-a', '-j', '-n', '3').stdout)['instruments']) == 3, 'or so many')
            book = validated(t.hoga(daemon, 'info', 'KRW-BTC', '--json').stdout)['books'][0]
            t.check(book['instrument']['subscribed'] and book['instrument']['name_korean'] == '비트코인', book)
            t.check('비트코인' in t.hoga(daemon, 'info', 'KRW-BTC', env=UTC).stdout, 'of a carried one as well')
            matched = [line for line in t.hoga(daemon, 'ls', '-a', 'btc-*', env=UTC).stdout.splitlines() if 'silent' not in line]
            t.check(len(matched) == 2 and 'upbit:BTC-ETH' in matched[1], matched)
            done = t.hoga(daemon, 'ls', '--all', 'DOGE*')
            t.check(done.returncode == 1 and done.stderr.startswith('hoga: DOGE*: not listed'), done)
            done = t.hoga(daemon, 'info', 'upbit:KRW-NONE')
            t.check(done.returncode == 1 and 'not listed' in done.stderr, done)
            asked = rest.asked('/v1/orderbook')
            t.check(asked == ['/v1/orderbook/instruments?markets=BTC-ETH,KRW-BTC,KRW-ETH,KRW-XRP'], asked)
            daemon.send_signal(signal.SIGSTOP)  # a daemon that stands still does not hide what it listed
            t.check('비트코인' in t.hoga(daemon, 'ls', '--all', env=UTC).stdout, 'still there')
            daemon.send_signal(signal.SIGCONT)


def many_come_a_few_at_a_time():
    """More than one turn of the loop takes; and all are there in the end, each once."""
    symbols = ['KRW-T%03d' % i for i in range(100)]
    NAMES.update((symbol, ('시험', 'Test')) for symbol in symbols)
    with t.Sim('--symbols', ','.join(symbols)) as sim, RestServer() as rest:
        rest.answer('/v1/market/all', listing(*symbols))
        rest.answer('/v1/orderbook/instruments', details)
        with hogad(sim, rest, ['KRW-T*']) as daemon:
            t.wait_until(lambda: live(daemon, *symbols), 30, 'all are live')
            rest.answer('/v1/market/all', listing(*symbols[50:]))
            t.wait_until(lambda: live(daemon, *symbols[50:]), 30, 'and half of them go')
            t.check(daemon.log().count('catalogue.delisted') <= 17, 'a long list does not flood the log')


def the_simulator_lists_its_markets():
    """The same against hoga-sim's own REST side, where a market that is made unknown is delisted (Upbit), or halted and
    keeps its book (Binance)."""
    with t.Sim('--symbols', ','.join(SYMBOLS)) as sim:
        with t.Hogad(sim, ['KRW-*'], daemon='catalogue_s = 1') as daemon:
            t.wait_until(lambda: live(daemon, *SYMBOLS), 30, 'all of them')
            t.wait_until(lambda: '100000' in t.hoga(daemon, 'info', 'KRW-BTC').stdout, 30, 'its details')
            sim.fault('unknown:KRW-ETH')
            t.wait_until(lambda: live(daemon, 'KRW-BTC', 'KRW-XRP'), 30, 'a delisting')
        t.check(sim.stats()['connect_violations'] == 0, sim.stats())
    with t.Sim(venue='binance') as sim:
        with t.Hogad(sim, ['*USDT'], name='binance', daemon='catalogue_s = 1') as daemon:
            t.wait_until(lambda: live(daemon, 'BTCUSDT', 'ETHUSDT', 'XRPUSDT'), 30, 'all that match')
            sim.fault('unknown:ETHUSDT')
            t.wait_until(lambda: 'halted' in t.hoga(daemon, 'ls', '-a', 'ETHUSDT').stdout, 30, 'a halt')
            t.check('binance:ETHUSDT' in carried(daemon), carried(daemon))
            t.check(sim.stats()['rest_violations'] == 0, sim.stats())


def main():
    with t.Sim('--symbols', ','.join(SYMBOLS)) as sim:
        patterns_follow_listings_and_delistings(sim)
        failures_touch_no_book(sim)
        names_are_carried_without_a_list_and_patterns_wait(sim)
        what_is_not_listed_is_said_at_once(sim)
        more_than_there_is_room_for(sim)
        what_people_and_scripts_see(sim)
    many_come_a_few_at_a_time()
    the_simulator_lists_its_markets()


if __name__ == '__main__':
    main()
