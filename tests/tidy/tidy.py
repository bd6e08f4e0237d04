#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tidy.py [RULE...]: what the house style promises and a program can see. Prints `file:line: what` and exits 1 if there
is anything to print; 77 if a tool is missing. Without arguments all rules run. test_tidy.py shows that each can fail."""
import os
import re
import subprocess
import sys
import tempfile

import documented
import layers
from tree import Tree, lines_of, words

ATOMICS = r'\b(__atomic_\w+|__sync_\w+|_Atomic|atomic_\w+|stdatomic)\b'
LOGS = r'\b(log_(err|warn|notice|info|debug|event)|LOG_EVENT_)\s*\('
PRINTS = r'\b(printf|fprintf|vfprintf|vprintf|dprintf|puts|fputs|putchar|perror|syslog|sd_journal\w*|warnx?|errx?)\s*\('
FUNCTION_MAX = 70
FILE_MAX = 500
LINE_MAX = 120
SIZE_MAX = 1 << 20

# (folders, name patterns, forbidden expression, why). A folder ending in a file name stands for that file.
WORDS = [
    (('shm', 'daemon', 'client/lib', 'client/include'), 'chd', r'\b(float|double|strtod|strtof|atof)\b',
     'prices are integers'),
    (('',), 'chd', r'\bvolatile\b', 'atomics of shm/ instead'),
    (('',), 'ch', r'\bgoto\b', 'clean up by attribute'),
    (('daemon/venue',), 'ch', r'(?i)cjson', 'cJSON reads numbers as doubles'),
    (('daemon', 'client'), 'ch', ATOMICS, 'atomics live in shm/'),
    (('daemon/venue', 'daemon/book', 'shm', 'client'), 'ch', LOGS, 'this layer returns, it does not log'),
    (('daemon/core',), 'c', LOGS, 'this layer returns, it does not log'),
    (('daemon/core', 'daemon/venue', 'daemon/book', 'shm', 'client/lib'), 'ch', PRINTS, 'this layer does not print'),
    (('daemon/venue', 'daemon/book', 'daemon/feed', 'daemon/publish'), 'ch',
     r'core/clock\.h|\b(clock_gettime|gettimeofday|time)\s*\(', 'time comes in struct feed_input'),
    (('shm', 'daemon', 'client', 'tests/sim'), 'ch', r'\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca)\s*\(',
     'unbounded'),
    (('tests',), 'chps', words(r'\b(u|nano|clock_nano|)sle', r'ep\s*\('), 'synchronise on the thing itself'),
    (('tests',), 's', words(r'(^|[;&|]|\bdo)\s*sle', r'ep\s+[0-9.$]'), 'synchronise on the thing itself'),
    (('',), 'chdpsm', words(r'\b(TO', r'DO|FIX', r'ME|XX', r'X|HA', r'CK|st', r'ub|place', r'holder|not imple', r'mented)\b'),
     'hides unfinished work'),
    (('',), 'chdpsmo', words(r'(/wo', r'rk/(main|shared)|/ho', r'me/[a-z]+/)'), 'a path of one machine'),
]
# core/log.c is where log lines are made.
WORDS_EXCEPT = {('daemon/core/log.h', LOGS), ('daemon/core/log.c', LOGS), ('daemon/core/log.c', PRINTS)}


def rule_words(tree):
    for folders, kinds, expression, why in WORDS:
        search = re.compile(expression).search
        for path in tree.files(folders, kinds):
            if (path, expression) in WORDS_EXCEPT:
                continue
            for number, line in lines_of(tree, path):
                found = search(line)
                if found:
                    yield '%s:%d: "%s": %s' % (path, number, found.group(0).strip(), why)


def rule_layers(tree):
    yield from layers.check_includes(tree)
    yield from layers.check_links(tree)


def rule_length(tree):
    for path in tree.files(('',), 'chps'):
        text = tree.read(path)
        if text.count('\n') > FILE_MAX:
            yield '%s: %d lines, limit %d' % (path, text.count('\n'), FILE_MAX)
    for path in tree.files(('',), 'ch'):
        start, name = 0, ''
        for number, line in lines_of(tree, path):
            if len(line) > LINE_MAX:
                yield '%s:%d: %d columns, limit %d' % (path, number, len(line), LINE_MAX)
            if re.match(r'[A-Za-z_].*\(', line):
                name = line.split('(')[0].split()[-1].lstrip('*')
            if line.startswith('{'):
                start = number
            elif line.startswith('}') and start:
                if number - start > FUNCTION_MAX:
                    yield '%s:%d: %s() has %d lines, limit %d' % (path, start, name, number - start, FUNCTION_MAX)
                start = 0


def rule_spdx(tree):
    for path in tree.files(('',), 'chdpsmo'):
        if 'SPDX-License-Identifier: MIT' not in '\n'.join(tree.read(path).split('\n')[:4]):
            yield '%s: no SPDX line at the top' % path


def gtk_flags():
    """Where GTK's headers are; None where they are not installed."""
    done = subprocess.run(['pkg-config', '--cflags', 'gtk4'], capture_output=True, text=True)
    return [word.replace('-I', '-isystem', 1) for word in done.stdout.split()] if done.returncode == 0 else None


def rule_headers(tree):
    """Every header compiles alone; the public ones also as plain C11 and as C++."""
    flags = ['-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', '-I', tree.top, '-I',
             os.path.join(tree.top, 'daemon'), '-I', os.path.join(tree.top, 'client/include'), '-I',
             os.path.join(tree.top, 'tests')]
    for path in tree.files(('',), 'h'):
        ways = [['gcc', '-std=gnu17', '-x', 'c']]
        if path.startswith('client/include/'):
            ways = [['gcc', '-std=c11', '-pedantic', '-x', 'c'], ['g++', '-std=c++11', '-pedantic', '-x', 'c++']]
        elif path.endswith('_cxx.h') or tree.read(path).find('<criterion/') >= 0:
            continue
        more = gtk_flags() if path.startswith('client/gtk/') else []
        if more is None:
            continue
        for way in ways:
            source = '#include "%s"\n' % os.path.join(tree.top, path)
            done = subprocess.run(way + flags + more + ['-'], input=source, capture_output=True, text=True)
            if done.returncode != 0:
                yield '%s: does not compile alone with %s: %s' % (path, way[0], done.stderr.strip()[:400])


def rule_format(tree):
    paths = list(tree.files(('',), 'ch'))
    done = subprocess.run(['clang-format', '--dry-run', '-Werror', '--style=file'] +
                          [os.path.join(tree.top, p) for p in paths], capture_output=True, text=True)
    for line in done.stderr.split('\n'):
        if 'error:' in line:
            yield line.replace(tree.top + '/', '')


TOP = {'CMakeLists.txt', 'CMakePresets.json', 'LICENSE', 'README.md', 'README.ko.md', 'client', 'conf', 'daemon',
       'debian', 'shm', 'systemd', 'tests'}


def rule_names(tree):
    """Names at the top, run bits, sizes."""
    for name in sorted({path.split('/')[0] for path in tree.paths}):
        if name not in TOP and not name.startswith('.'):
            yield '%s: not one of the agreed names of the top level' % name
    for path in tree.paths:
        if tree.size(path) > SIZE_MAX:
            yield '%s: %d bytes, limit %d' % (path, tree.size(path), SIZE_MAX)
        has_bang = tree.starts_with_bang(path)
        if has_bang and not tree.is_executable(path):
            yield '%s: begins with #! and has no run bit' % path
        if tree.is_executable(path) and not has_bang:
            yield '%s: has a run bit and does not begin with #!' % path


def rule_units(tree):
    """hogad.service and hogad@.service carry one list of restrictions."""
    parts = []
    for name in ('systemd/hogad.service', 'systemd/hogad@.service'):
        text = tree.read(name) if tree.has(name) else ''
        at = text.find('# --- what the process cannot do')
        parts.append(text[text.find('\n', at):] if at >= 0 else name)
    if parts[0] != parts[1]:
        yield 'systemd/hogad@.service: its restrictions differ from those of hogad.service'


def rule_venues(tree):
    """An exchange is one row and one adapter; one that was tried over a socket has a simulator dialect."""
    rows = re.findall(r'^VENUE_ROW\((\w+), (\w+), (\w+)\)', tree.read('daemon/venue/venues.def'), re.M)
    for name, file, tried in rows:
        if tried not in ('simulator', 'recordings', 'sheet'):
            yield 'daemon/venue/venues.def: %s: %s is no word for how it was tried' % (name, tried)
        paths = ['daemon/venue/%s.c' % file] + (['tests/sim/dialect_%s.c' % file] if tried == 'simulator' else [])
        for path in paths:
            if not tree.has(path):
                yield 'daemon/venue/venues.def: %s: %s is missing' % (name, path)


def rule_road(tree):
    """What daemon/road.ld puts side by side is there."""
    path = 'daemon/road.ld'
    if not tree.has(path):
        return
    code = '\n'.join(tree.read(source) for source in tree.files(('daemon', 'shm'), 'ch'))
    for number, line in lines_of(tree, path):
        for name in re.findall(r'\*?\.text\.([a-z]\w*)', line):
            if name != 'road' and not re.search(r'\b%s\b' % name, code):
                yield '%s:%d: no function %s' % (path, number, name)


def rule_documented(tree):
    """Man pages have what the code has, and nothing else."""
    yield from documented.check(tree)


def rule_translated(tree):
    """Every sentence for people has its Korean, and ko.po has no other."""
    po = os.path.join(tree.top, 'client/po/ko.po')
    with tempfile.NamedTemporaryFile(prefix='hoga-tidy.', suffix='.pot') as template:
        made = subprocess.run(['sh', os.path.join(tree.top, 'client/po/update-po'), '--print'], stdout=template,
                              stderr=subprocess.PIPE, text=True)
        done = subprocess.run(['msgcmp', po, template.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        words = re.sub(r'\S*/hoga-tidy\.\w+\.pot', 'the sources', done.stdout.replace(tree.top + '/', ''))
    if made.returncode:
        yield 'client/po/update-po: %s' % made.stderr.strip()
    elif done.returncode or 'warning' in words:
        yield '%s\nrun client/po/update-po, then give each empty msgstr of client/po/ko.po its Korean' % words.strip()


RULES = {name[5:]: rule for name, rule in list(globals().items()) if name.startswith('rule_')}
NEEDS = {'format': ['clang-format'], 'headers': ['gcc', 'g++'], 'translated': ['xgettext', 'msgcmp']}


def missing_tool(rule):
    for tool in NEEDS.get(rule, []):
        if not any(os.access(os.path.join(d, tool), os.X_OK) for d in os.environ.get('PATH', '').split(':')):
            return tool
    return None


def main():
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    tree = Tree(top)
    found = 0
    for rule in sys.argv[1:] or RULES:
        tool = missing_tool(rule)
        if tool:
            print('skipped: package missing: %s' % tool)
            return 77
        for finding in RULES[rule](tree):
            print(finding)
            found += 1
    if not tree.paths:
        print('no files under %s' % top)
        found += 1
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
