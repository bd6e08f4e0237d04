#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hoga check`: 0 only if what should be live is live, by every road: states, ages, patterns, silence, no segment; the
same in JSON and as a monitoring plugin with its four exit codes and performance data."""

import re

from cli_support import FAILED, Segment, hoga, t, validated

PLUGIN = re.compile(r'HOGA (OK|WARNING|CRITICAL) - (\d+)/(\d+) live(, source \w+)?(; [^|]+)? \| '
                    r'live=\d+;;\d+:;0;\d+ heard=(?:\d+\.\d{3}s|U);([\d.]*);([\d.]*);0 '
                    r'changed=(?:\d+\.\d{3}s|U);([\d.]*);([\d.]*);0\n$')
CODES = {'OK': 0, 'WARNING': 1, 'CRITICAL': 2}
STATES = {'empty': 0, 'syncing': 1, 'stale': 3, 'gap': 4, 'crossed': 5, 'lagging': 6, 'down': 7, 'halted': 8, 'failed': 9}


def check(segment, code, *words):
    """Three ways of one question: words, JSON, plugin. code: 0, 1, or 'WARNING'."""
    is_bad = code == 1
    text = hoga(segment, 'check', *words, code=int(is_bad))[0]
    document = validated(hoga(segment, 'check', '-j', *words, code=int(is_bad))[0])
    t.check(document['ok'] is not is_bad and document['warn'] is (code == 'WARNING'), document)
    plugin_code = 2 if is_bad else 1 if code == 'WARNING' else 0
    line = hoga(segment, 'check', '--nagios', *words, code=plugin_code)[0]
    match = PLUGIN.match(line)
    t.check(match and CODES[match.group(1)] == plugin_code, line)
    return text, document, match


def every_state_but_live_is_a_problem(segment):
    for word, number in STATES.items():
        segment.book('KRW-BTC', state=number)
        text, document, match = check(segment, 1, 'krw-btc')
        t.check(text.startswith('upbit:KRW-BTC: ' + word), text)
        t.check(document['books'][0]['ok'] is False and document['books'][0]['state'] == word, document)
        t.check(match.group(2) == '0' and word in match.group(5), match.group(0))
    segment.book('KRW-BTC', state=2)
    text = check(segment, 0, 'krw-btc')[0]
    t.check(text == '1 of 1 live\n', text)


def names_and_patterns(segment):
    segment.book('KRW-XRP', '-', '-', FAILED, 3)
    check(segment, 0, 'upbit:krw-btc', 'KRW-ETH')
    check(segment, 0, 'krw-[be]*')
    text, _, match = check(segment, 1)
    t.check(text == 'upbit:KRW-XRP: failed: no-snapshot: the venue sent nothing for it: not listed there, or misspelt\n', text)
    t.check(match.group(2, 3) == ('2', '3') and 'no-snapshot' in match.group(5), match.group(0))
    check(segment, 1, 'krw-*')
    t.check(hoga(segment, 'check', 'krw-btc', 'krw-none', code=1)[1].startswith('hoga: krw-none: not listed'), 'a name')
    t.check('not listed' in hoga(segment, 'check', 'okx:*', code=1)[1], 'a pattern without a match')
    for words in (('krw-none',), ('okx:*',), ('krw-btc', 'none')):
        line = hoga(segment, 'check', '--nagios', *words, code=3)[0]
        t.check(re.match(r'HOGA UNKNOWN - \S+: not listed\n$', line), line)
    t.check(hoga(segment, 'check', '-n', '1', code=1)[0].count('\n') == 1, '-n shortens the list, not the judgement')


def ages_have_limits(segment):
    """HEARD goes on by itself in this segment, CHANGED does not."""
    names = ('krw-btc', 'krw-eth')
    check(segment, 0, *names, '--max-age', '60000', '--max-quiet', '600000', '--warn-age', '50000', '--warn-quiet', '500000')
    text, document, match = check(segment, 1, *names, '--max-quiet', '0')
    t.check(re.match(r'upbit:KRW-\w+: changed .* ago, more than 0 ms\n', text) and text.count('\n') == 2, text)
    t.check(match.group(2, 3) == ('2', '2') and match.group(8, 9) == ('', '0.000'), match.group(0))
    t.check(all(b['ok'] is False and b['state'] == 'live' for b in document['books']), 'live, and too old')
    text, document, match = check(segment, 'WARNING', *names, '--warn-quiet', '0', '--max-quiet', '600000')
    t.check(text.count('warning: changed') == 2 and text.endswith('2 of 2 live\n'), text)
    t.check(all(b['warn'] and b['ok'] for b in document['books']), document)
    t.check(match.group(8, 9) == ('0.000', '600.000') and 'changed' in match.group(5), match.group(0))
    t.check(check(segment, 1, *names, '--warn-quiet', '0', '--max-quiet', '0')[2].group(1) == 'CRITICAL', 'the worse counts')
    t.check('heard' in check(segment, 1, *names, '--max-age', '0', '--warn-quiet', '0')[0], 'HEARD over its limit')
    for wrong in (('--max-age', '-1'), ('--warn-age', 'x'), ('--warn-quiet', ''), ('--max-quiet', '1.5')):
        hoga(segment, 'check', *wrong, code=2)


def a_name_cannot_forge_performance_data(segment):
    segment.book('A|B', '-', '-', FAILED, 3)
    t.check('upbit:A/B' in check(segment, 1, 'A|B')[2].group(5), 'one bar in the line')
    segment.say('free', 'A|B')


def a_connection_that_is_down(segment):
    segment.say('link', 7, 18)
    text, _, match = check(segment, 1, 'krw-btc')
    t.check('down: back-off' in text and 'back-off' in match.group(5), text)
    segment.say('link', 2, 0)
    check(segment, 0, 'krw-btc')


def silence_is_never_0(segment):
    segment.say('mute')
    t.wait_until(lambda: 'daemon-silent' in hoga(segment, 'book', 'krw-btc')[0], 30, 'hogad is silent')
    text, _, match = check(segment, 1, 'krw-btc')
    t.check('hogad is silent since' in text and 'hogad is silent; ' in match.group(5), text)
    segment.say('unmute')
    t.wait_until(lambda: 'daemon-silent' not in hoga(segment, 'book', 'krw-btc')[0], 30, 'hogad is back')
    check(segment, 0, 'krw-btc')
    segment.stop()
    text, _, match = check(segment, 1, 'krw-btc')
    t.check('hogad was stopped' in text, text)
    for words in ((), ('krw-btc',), ('-j',)):
        hoga(None, 'check', '--segment', segment.path + '-none', *words, code=1)
    line = hoga(None, 'check', '--nagios', '--segment', segment.path + '-none', code=3)[0]
    t.check(re.match(r'HOGA UNKNOWN - \S+-none: no segment there\n$', line), line)


with Segment() as seg:
    hoga(seg, 'check', code=1)
    t.check(hoga(seg, 'check', '--nagios', code=3)[0] == 'HOGA UNKNOWN - no book is carried\n', 'nothing is carried')
    seg.book('KRW-BTC')
    seg.book('KRW-ETH')
    every_state_but_live_is_a_problem(seg)
    names_and_patterns(seg)
    ages_have_limits(seg)
    a_name_cannot_forge_performance_data(seg)
    a_connection_that_is_down(seg)
    silence_is_never_0(seg)
with Segment(source=2) as seg:
    seg.book('KRW-BTC')
    text_, _, match_ = check(seg, 0)
    t.check('source simulator' in text_ and match_.group(4) == ', source simulator', 'the source is said')
