# SPDX-License-Identifier: MIT
"""Numbers as exchanges spell them, exact from the wire to `hoga book --json`: exponents, trailing zeros under a checksum,
ids above 2^53 and 2^63, sizes near 1e12, whatever stands around them. Each frame is served over a socket to a live
hogad; sheets of ../shared/protocols, "precision" and "orderbook frame" of each venue."""
import json
import os
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t


def kraken_checksum(bids, asks):
    """Over the text as it is sent (kraken.md, "Checksum, step by step")."""
    def strip(text):
        return text.replace('.', '').lstrip('0')
    return zlib.crc32(''.join(strip(p) + strip(q) for p, q in asks[:10] + bids[:10]).encode())


def kraken(kind, bids, asks, all_bids, all_asks):
    def side(levels):
        return ', '.join('{"qty": %s, "price": %s}' % (q, p) for p, q in levels)
    return ('{"data": [{"timestamp": "2026-08-16T23:37:03.745044Z", "checksum": %d, "asks": [%s], "bids": [%s], '
            '"symbol": "BTC/USD", "new_key": null}], "type": "%s", "channel": "book"}'
            % (kraken_checksum(all_bids, all_asks), side(asks), side(bids), kind))


KRAKEN_BIDS = [('0.0000010', '25864297.60746318'), ('0.0000009', '0.00000001')]
KRAKEN_ASKS = [('0.0000011', '90000000000.00000000'), ('10.0000000', '100.10000000')]

# venue, symbol, frames, bids and asks that must be shown.
SHOWN = [
    ('upbit', 'BTC-X',
     ['{"type":"orderbook","code":"BTC-X","timestamp":1790134742106,"total_ask_size":2.6E15,"orderbook_units":['
      '{"ask_price":1.0E-6,"bid_price":9.9E-7,"ask_size":25864297.60746318,"bid_size":5.0E-4},'
      '{"ask_price":1.16539E8,"bid_price":1e-08,"ask_size":9.0E+2,"bid_size":1E-8},'
      '{"ask_price":0,"bid_price":0.0,"ask_size":0,"bid_size":0E-8}],"stream_type":"SNAPSHOT","level":0}'],
     [['0.00000099', '0.0005'], ['0.00000001', '0.00000001']],
     [['0.000001', '25864297.60746318'], ['116539000', '900']]),
    ('upbit', 'KRW-SHIB',
     ['[{"obu":[{"bs":999999999999.5,"as":1000000000000,"bp":1.16538E8,"ap":"116539000"}],"st":"REALTIME",'
      '"tms":1790134773006,"cd":"KRW-SHIB","extra":{"obu":[1]},"ty":"orderbook"}]'],
     [['116538000', '999999999999.5']], [['116539000', '1000000000000']]),
    ('bithumb', 'KRW-X',
     ['{"stream_type":"REALTIME","timestamp":"1783657882348968","level":null,"orderbook_units":['
      '{"bid_size":0.0001,"ask_size":0,"bid_price":1.16204E8,"ask_price":116208000},'
      '{"bid_size":999999999999.5,"ask_size":1000000000000,"bid_price":5.0E-4,"ask_price":116209000.5}],'
      '"code":"KRW-X","type":"orderbook"}'],
     [['116204000', '0.0001'], ['0.0005', '999999999999.5']], [['116209000.5', '1000000000000']]),
    ('coinone', 'KRW-BTC',
     ['{"response_type":"DATA","channel":"ORDERBOOK","data":{"id":"9223372036854775809","timestamp":1790134177753,'
      '"asks":[{"qty":"25864297.60746318","price":"116650000"},{"qty":"0.00000001","price":"116460000.5"}],'
      '"bids":[{"price":"0.00000099","qty":"999999999.99999999"}],"target_currency":"BTC","quote_currency":"KRW"}}',
      # An older id says nothing, whatever it holds.
      '{"response_type":"DATA","channel":"ORDERBOOK","data":{"id":"9223372036854775808","timestamp":1790134177754,'
      '"asks":[],"bids":[{"price":"7","qty":"7"}],"target_currency":"BTC","quote_currency":"KRW"}}'],
     [['0.00000099', '999999999.99999999']], [['116460000.5', '0.00000001'], ['116650000', '25864297.60746318']]),
    ('korbit', 'btc_krw',
     ['{"data":{"bids":[{"qty":"90000000000.00000000","price":"116455000"},{"price":"0.0001","qty":"0.00000001"}],'
      '"asks":[{"price":"116506000.25","qty":"25864297.607463"}],"timestamp":1790134242563},"timestamp":1790134242857,'
      '"symbol":"btc_krw","snapshot":null,"type":"orderbook"}'],
     [['116455000', '90000000000'], ['0.0001', '0.00000001']], [['116506000.25', '25864297.607463']]),
    ('kraken', 'BTC/USD',
     ['{"channel":"status","type":"update","data":[{"system":"online","connection_id":15113583034416118705}]}',
      kraken('snapshot', KRAKEN_BIDS, KRAKEN_ASKS[:1], KRAKEN_BIDS, KRAKEN_ASKS[:1]),
      kraken('update', [('0.0000009', '0.00000000')], KRAKEN_ASKS[1:], KRAKEN_BIDS[:1], KRAKEN_ASKS)],
     [['0.000001', '25864297.60746318']], [['0.0000011', '90000000000'], ['10', '100.1']]),
    ('coinbase', 'BTC-USD',
     ['{"asks":[["116501.00","1000000000000"],["116502.5","864297.607"]],"bids":[["116500.0100000000","1.10"]],'
      '"time":"2026-04-17T16:43:37.075687Z","product_id":"BTC-USD","type":"snapshot"}',
      '{"time":"2026-04-17T16:43:37.175687Z","changes":[["buy","116500.01","0.00"],["buy","0.0000000001","1e-03"],'
      '["sell","116503","999999999999.999"],["sell","116501","0.00000000"]],"product_id":"BTC-USD","type":"l2update","sequence":15113583034416118705}'],
     [['0.0000000001', '0.001']], [['116502.5', '864297.607'], ['116503', '999999999999.999']]),
    ('coinbase-adv', 'BTC-USD',
     ['{"events":[{"updates":[{"new_quantity":"90000000000.5","price_level":"68900.00","side":"bid"},'
      '{"side":"offer","new_quantity":"0.00000001","price_level":"1.16539E8","event_time":"1970-01-01T00:00:00Z"}],'
      '"product_id":"BTC-USD","type":"snapshot"}],"sequence_num":9223372036854775807,"channel":"l2_data",'
      '"timestamp":"2026-04-07T14:30:00.123456789Z"}',
      '{"channel":"l2_data","timestamp":"2026-04-07T14:30:01.123456Z","sequence_num":9223372036854775808,"events":[{'
      '"type":"update","product_id":"BTC-USD","updates":[{"side":"offer","event_time":"2026-04-07T14:30:01.456789Z",'
      '"price_level":"68901.0","new_quantity":"25864297.60746318"}]}]}'],
     [['68900', '90000000000.5']], [['68901', '25864297.60746318'], ['116539000', '0.00000001']]),
]


def serve(venue, symbol, frames, bids, asks):
    capture = os.path.join(t.scratch(), 'numbers.jsonl')
    with open(capture, 'w') as file:
        for event in [{'ev': 'open'}] + [{'ev': 'rx', 'text': frame} for frame in frames]:
            file.write(json.dumps(dict({'t': None, 'url': None}, **event)) + '\n')
    with t.Sim('--replay', capture, '--speed', 'max', '--lossless', '--lenient', venue='recorded') as sim:
        with t.Hogad(sim, [symbol], name=venue) as hogad:
            name = '%s:%s' % (venue, symbol)
            t.wait_until(lambda: is_shown(t.book(hogad, name, '--live'), bids, asks), 5,
                         '%s %s' % (name, (bids, asks, t.book(hogad, name))))
    print('%s: %d levels exact' % (name, len(bids) + len(asks)), flush=True)


def is_shown(book, bids, asks):
    return book and book['bids'] == bids and book['asks'] == asks


for row in SHOWN:
    serve(*row)
