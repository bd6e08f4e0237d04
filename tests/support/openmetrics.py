# SPDX-License-Identifier: MIT
"""A strict reader of OpenMetrics 1.0 text as `hoga metrics` may use it (gauge, counter, histogram). What the standard
forbids is an AssertionError. families(text) -> {name: {'type', 'unit', 'help', 'samples': {(name, labels): value}}}."""

import re

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
SAMPLE = re.compile(r'(%s)(?:\{(.*)\})? (\S+)$' % NAME)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
SUFFIXES = {'gauge': ('',), 'counter': ('_total',), 'histogram': ('_bucket', '_sum', '_count')}
ESCAPES = {'\\n': '\n', '\\"': '"', '\\\\': '\\'}


def require(condition, what):
    if not condition:
        raise AssertionError('OpenMetrics: %s' % what)


def unescape(text):
    return re.sub(r'\\.', lambda m: ESCAPES[m.group(0)], text)


def labels_of(text, line):
    found, at = [], 0
    while at < len(text):
        match = LABEL.match(text, at)
        require(match, 'labels of %r' % line)
        found.append((match.group(1), unescape(match.group(2))))
        at = match.end()
        require(match.group(3) == ',' or at == len(text), 'labels of %r' % line)
    require(len({k for k, _ in found}) == len(found), 'a label twice: %r' % line)
    return tuple(sorted(found))


def check_histogram(name, samples):
    series = {}
    for (sample, labels), value in samples.items():
        rest = tuple(p for p in labels if p[0] != 'le')
        row = series.setdefault(rest, {'buckets': []})
        if sample == name + '_bucket':
            row['buckets'].append((dict(labels)['le'], value))
        else:
            row[sample[len(name):]] = value
    for rest, row in series.items():
        edges = [float(le) for le, _ in row['buckets']]
        require(edges == sorted(set(edges)) and edges[-1] == float('inf'), '%s%s: edges %s' % (name, rest, edges))
        counts = [count for _, count in row['buckets']]
        require(counts == sorted(counts) and counts[-1] == row['_count'] and '_sum' in row, '%s%s: %s' % (name, rest, row))


def metadata(found, line):
    match = re.match(r'# (TYPE|UNIT|HELP) (%s) (.*)$' % NAME, line)
    require(match, 'no line of metadata: %r' % line)
    word, name, value = match.groups()
    if word == 'TYPE':
        require(name not in found and value in SUFFIXES, 'TYPE once, and known: %r' % line)
        found[name] = {'type': value, 'unit': '', 'help': None, 'samples': {}}
    require(list(found)[-1:] == [name] and not found[name]['samples'], 'families in one piece, metadata first: %r' % line)
    if word == 'UNIT':
        require(name.endswith('_' + value), 'the unit ends the name: %r' % line)
        found[name]['unit'] = value
    if word == 'HELP':
        require(found[name]['help'] is None and value, 'HELP once, and not empty: %r' % line)
        found[name]['help'] = unescape(value)


def families(text):
    require(text.endswith('# EOF\n') and text.count('# EOF') == 1, 'the last line is # EOF')
    require('\n\n' not in text and '\r' not in text, 'no empty lines')
    found = {}
    for line in text.split('\n')[:-2]:
        if line.startswith('#'):
            metadata(found, line)
            continue
        match = SAMPLE.match(line)
        require(match and found, 'no sample: %r' % line)
        name, family = list(found)[-1], found[list(found)[-1]]
        require(match.group(1) in [name + s for s in SUFFIXES[family['type']]], '%r is none of %s' % (line, name))
        key = (match.group(1), labels_of(match.group(2) or '', line))
        require(key not in family['samples'], 'twice: %r' % line)
        family['samples'][key] = float(match.group(3))
    for name, family in found.items():
        require(family['help'], '%s has no HELP' % name)
        if family['type'] == 'histogram':
            check_histogram(name, family['samples'])
    return found
