# SPDX-License-Identifier: MIT
"""Man pages against the code, in both directions: what a program says, takes or exports stands in its man page, and what
stands there exists. Each table of TABLES names where a kind of word is found in the code and where in the pages; a
finding says what to write. Pages are mdoc: a word is documented by an `.It` line of the right section."""
import os
import re

HOGA, HOGAD, CONF, LIB, SIM = ('client/man/hoga.1', 'daemon/man/hogad.8', 'daemon/man/hoga.conf.5', 'client/man/libhoga.3',
                               'tests/sim/hoga-sim.1')
MACROS = {'Li', 'Ic', 'Cm', 'Fl', 'Ar', 'No', 'Ns', 'Fn', 'Fo', 'Ev', 'Op', 'Oo', 'Oc', 'Dv', 'Pa', 'Xr', 'Pq', 'Va', 'Er'}


class Page:
    """One man page: its sections, and the arguments of macros in them."""

    def __init__(self, tree, path):
        self.path = path
        self.lines = [line for line in (tree.read(path) if tree.has(path) else '').split('\n')
                      if not line.startswith('.\\"')]

    def part(self, section, subsection=''):
        """The lines of `.Sh section`, or of `.Ss subsection` in it; '' for all of them."""
        now, below, found = '', '', []
        for line in self.lines:
            if line.startswith('.Sh '):
                now, below = line[4:].strip(), ''
            elif line.startswith('.Ss '):
                below = line[4:].strip()
            elif now == section and (not subsection or below == subsection):
                found.append(line)
        return found

    def items(self, section, subsection=''):
        return [arguments(line) for line in self.part(section, subsection) if line.startswith('.It ')]

    def words(self, macro, section, subsection=''):
        return {word for item in self.items(section, subsection) for m, word in item if m == macro}


def arguments(line):
    """[(macro, word)] of one macro line; `Fl Fl x` and `Fl -x` are both ('Fl', '-x')."""
    pairs, macro = [], ''
    line = line.lstrip('.').replace('Fl Fl ', 'Fl -')
    for token in re.findall(r'"[^"]*"|\S+', line):
        if token in MACROS or token in ('It', 'Nm'):
            macro = token
        elif token not in (',', ':', '|', '.', ';'):
            pairs.append((macro, token.strip('"').replace('\\&', '').replace('\\-', '-')))
    return pairs


def match_all(tree, path, expression, flags=re.M | re.S):
    return re.findall(expression, tree.read(path), flags) if tree.has(path) else []


def table_text(tree, path, name):
    """What stands between the braces of a C table."""
    found = match_all(tree, path, r'\b%s\[\] = \{\n(.*?)\n\};' % name)
    return found[0] if found else ''


def call_end(text, start):
    """Index behind the parenthesis that closes the one at `start`; strings are passed over."""
    depth, at = 0, start
    while at < len(text):
        if text[at] == '"':
            at += 1
            while at < len(text) and text[at] != '"':
                at += 2 if text[at] == '\\' else 1
        depth += (text[at:at + 1] == '(') - (text[at:at + 1] == ')')
        at += 1
        if depth == 0:
            return at
    return at


def log_calls(tree):
    """(path, line, event or None, fields) of every log call in the daemon."""
    for path in tree.files(('daemon',), 'ch'):
        if path.startswith('daemon/core/log.'):
            continue
        text = tree.read(path)
        for found in re.finditer(r'\b(?:log_(?:err|warn|notice|info|debug|event)|LOG_EVENT_)\s*\(', text):
            call = text[found.end() - 1:call_end(text, found.end() - 1)]
            has_level = found.group(0).startswith(('log_event', 'LOG_EVENT_')) # then it comes before the event
            event = re.match((r'\([^"]*,\s*"' if has_level else r'\(\s*"') + r'([^"]+)"\s*[,)]', call)
            yield (path, text.count('\n', 0, found.start()) + 1, event and event.group(1),
                   set(re.findall(r'\bF_(?:STR|U64|I64)\s*\(\s*"([^"]+)"', call)))


def check_events(tree):
    page, events, fields = Page(tree, HOGAD), {}, {}
    for path, line, event, said in log_calls(tree):
        if not event:
            yield '%s:%d: the event of a log call is a literal, so that it can be documented and found' % (path, line)
            continue
        if not re.fullmatch(r'[a-z]+(_[a-z]+)*\.[a-z0-9]+(_[a-z0-9]+)*', event):
            yield '%s:%d: "%s" is no event name: write it as what.happened' % (path, line, event)
        events.setdefault(event, '%s:%d' % (path, line))
        fields.setdefault(event, set()).update(said)
    documented = {}
    for item in page.items('LOG EVENTS'):
        for name in [word for macro, word in item if macro == 'Li']:
            documented[name] = {word for macro, word in item if macro == 'Ar'}
    for event in sorted(events):
        line = ' '.join(['.It Li', event] + (['Ar'] + sorted(fields[event]) if fields[event] else []))
        if event not in documented:
            yield ('%s: the event %s (%s) is not under "LOG EVENTS": add the line `%s`, and say below it what it means '
                   'and what an operator does' % (HOGAD, event, events[event], line))
        elif documented[event] != fields[event]:
            yield '%s: the fields of %s (%s) have changed: its line is `%s`' % (HOGAD, event, events[event], line)
    for event in sorted(set(documented) - set(events)):
        yield '%s: no code logs the event %s: take it away, or mend the name' % (HOGAD, event)
    if not events:
        yield 'daemon: no log call was found: tests/tidy/documented.py looks in the wrong place'


def compare(kind, code, documented, page, place, line):
    """code: word -> where; documented: set of words."""
    if not code:
        yield 'no %s was found in the code: tests/tidy/documented.py looks in the wrong place' % kind
    for word in sorted(set(code) - documented):
        yield '%s: the %s %s (%s) is not under %s: add `%s` and a sentence below it' % (page, kind, word, code[word], place,
                                                                                       line % word)
    for word in sorted(documented - set(code)):
        yield '%s: the %s %s stands under %s and does not exist: take it away, or mend the name' % (page, kind, word, place)


def found_in(path, words):
    return {word: path for word in words if word}


def check_words(tree):
    """The words of the segment."""
    hogad, hoga = Page(tree, HOGAD), Page(tree, HOGA)
    counters = 'shm/counters.def'
    yield from compare('counter', found_in(counters, match_all(tree, counters, r'^COUNTER_ROW\(\w+, "([^"]+)"')),
                       hogad.words('Li', 'COUNTERS'), HOGAD, '"COUNTERS"', '.It Li %s')
    latencies = {}
    for path in tree.files(('daemon',), 'c'):
        latencies.update(found_in(path, match_all(tree, path, r'writer_histogram_name\([^;]*"([^"]+)"\)')))
    yield from compare('latency', latencies, hogad.words('Li', 'LATENCIES'), HOGAD, '"LATENCIES"', '.It Li %s')
    verdict = 'shm/verdict.def'
    for row, kind, title in (('STATE', 'state', 'States'), ('REASON', 'reason', 'Reasons'), ('SOURCE', 'source', 'Sources'),
                             ('PROOF', 'proof', 'Proofs')):
        words = match_all(tree, verdict, r'^HOGA_%s_ROW\(\d+, \w+, "([^"]*)"' % row)
        yield from compare(kind, found_in(verdict, words), hoga.words('Li', 'VERDICT', title), HOGA,
                           '"VERDICT", "%s"' % title, '.It Li %s')


def check_config(tree):
    page, path = Page(tree, CONF), 'daemon/loop/config_words.c'
    rows = re.findall(r'\{ "(\w+)", ([01]),', table_text(tree, path, 'words'))
    for is_daemon, title in (('1', 'Daemon section'), ('0', 'Venue sections')):
        yield from compare('directive', found_in(path, [w for w, d in rows if d == is_daemon]),
                           page.words('Ic', 'DESCRIPTION', title), CONF, '"%s"' % title, '.It Ic %s No = Ar value')


def verb_rows(tree):
    """verb -> letters of its own options."""
    text = re.sub(r'"\s*\n\s*"', '', table_text(tree, 'client/cli/main.c', 'verbs'))
    return dict(re.findall(r'\{ "([a-z-]+)", "[^"]*", -?\d+, -?\d+, "(\w*)", verb_', text))


def check_verbs(tree):
    page, main, options = Page(tree, HOGA), 'client/cli/main.c', 'client/cli/options.c'
    verbs = verb_rows(tree)
    words = {item[0][1] for item in page.items('DESCRIPTION', 'Verbs') if item and item[0][0] == 'Cm'}
    yield from compare('verb', found_in(main, list(verbs) + (['help'] if verbs else [])), words, HOGA, '"Verbs"', '.It Cm %s')
    synopsis = {a[0][1] for a in map(arguments, page.part('SYNOPSIS')) if a and a[0][0] == 'Cm'}
    yield from compare('verb', found_in(main, list(verbs) + (['help'] if verbs else [])), synopsis, HOGA, '"SYNOPSIS"',
                       '.Cm %s')
    rows = re.findall(r'\{ "([a-z-]+)", \'(\w)\', (?:true|false),', table_text(tree, options, 'option_rows'))
    everywhere = ''.join(match_all(tree, options, r'#define EVERYWHERE "(\w+)"'))
    yield from compare('option', found_in(options, ['-' + n for n, c in rows if c in everywhere]),
                       {w for w in page.words('Fl', 'DESCRIPTION', 'Options of every verb') if w[0] == '-'}, HOGA,
                       '"Options of every verb"', '.It Fl %s')
    own, said = {}, set()
    for verb, letters in verbs.items():
        own.update({'%s Fl -%s' % (verb, n): main for n, c in rows if c in letters})
    for item in page.items('DESCRIPTION', 'Options of one verb'):
        for verb in [w for m, w in item if m == 'Cm' and w in verbs]:
            said.update('%s Fl %s' % (verb, w) for m, w in item if m == 'Fl' and w[0] == '-')
    if own:
        yield from compare('option', own, said, HOGA, '"Options of one verb"', '.It Cm %s')


def check_programs(tree):
    """The options of hogad and hoga-sim, and what a script of faults or the control socket of hoga-sim can say."""
    main, options, faults, ops = 'daemon/main.c', 'tests/sim/options.c', 'tests/sim/fault_act.c', 'tests/sim/control_ops.c'
    hogad, sim = Page(tree, HOGAD), Page(tree, SIM)
    for path, table, page, name in ((main, 'words', hogad, HOGAD), (options, 'option_rows', sim, SIM)):
        words = ['-' + w for w in re.findall(r'\{ "([a-z-]+)", ', table_text(tree, path, table))]
        said = {w for w in page.words('Fl', 'DESCRIPTION') if w[0] == '-'}
        if name == SIM:
            said |= {w for line in page.part('SYNOPSIS') for m, w in arguments(line) if m == 'Fl' and w in ('-help', '-version')}
        yield from compare('option', found_in(path, words), said, name, '"DESCRIPTION"', '.It Fl %s')
    rows = match_all(tree, faults, r'^    \{ "(\w+)", ARG_')
    yield from compare('fault', found_in(faults, rows), {w.split(':')[0] for i in sim.items('FAULTS') for m, w in i[:1]}, SIM,
                       '"FAULTS"', '.It Cm %s')
    rows = match_all(tree, ops, r'\{ "(\w+)", op_\w+ \}')
    said = set(re.findall(r'"op":"(\w+)"', '\n'.join(sim.part('CONTROL'))))
    yield from compare('op', found_in(ops, rows), said, SIM, '"CONTROL"', '.It Li {"op":"%s"}')


def check_control(tree):
    """What can be asked over hogad's sockets: the rows of the table under "CONTROL"."""
    path, page = 'daemon/hogad_control.c', Page(tree, HOGAD)
    rows = re.findall(r'\{ "([a-z-]+)", [01], \w+ \}', table_text(tree, path, 'verbs'))
    said = {line.split()[1] for line in page.part('CONTROL') if line.startswith('.It ') and ' Ta ' in line} - {'Em'}
    yield from compare('verb', found_in(path, rows), said, HOGAD, '"CONTROL"', '.It %s Ta socket Ta what it does')


def check_library(tree):
    path, page = 'client/lib/hoga.map', Page(tree, LIB)
    exported = found_in(path, match_all(tree, path, r'^\s+(hoga_\w+);'))
    declared = {}
    for header in tree.files(('client/include/hoga',), 'h'):
        text = re.sub(r'/\*.*?\*/', '', tree.read(header), flags=re.S)
        declared.update(found_in(header, re.findall(r'^[\w *]+?\b(hoga_\w+)\([^;{]*\);', text, re.M)))
    synopsis = {a[0][1] for a in map(arguments, page.part('SYNOPSIS')) if a and a[0][0] in ('Fn', 'Fo')}
    described = {w for line in page.part('DESCRIPTION') for m, w in arguments(line) if m == 'Fn'}
    returns = page.words('Fn', 'RETURN VALUES')
    for place, said in (('"SYNOPSIS"', synopsis), ('"DESCRIPTION"', described), ('"RETURN VALUES"', returns)):
        yield from compare('function', exported, said, LIB, place, '.Fn %s')
    for word in sorted(set(declared) ^ set(exported)):
        yield '%s: %s is %s' % (declared.get(word, path), word, 'declared and not exported: add it to ' + path
                                if word in declared else 'exported and declared in no header of client/include/hoga')


def check_environment(tree):
    """What is read from the environment; one direction, since libraries read more of it than we do."""
    for folders, name in ((('client/cli', 'client/lib', 'client/tui'), HOGA), (('daemon',), HOGAD), (('tests/sim',), SIM)):
        page = '\n'.join(Page(tree, name).lines)
        for path in tree.files(folders, 'c'):
            for word in re.findall(r'getenv\("(\w+)"\)', tree.read(path)):
                if not re.search(r'\bEv [^\n]*\b%s\b' % word, page):
                    yield '%s: the variable %s (%s) is not documented: add `.It Ev %s`' % (name, word, path, word)


def check_keys(tree):
    """client/tui/VERB*.c: `static const struct screen_key_help keys[] = { { "name", N_("help") }, }`."""
    page, verbs = Page(tree, HOGA), {}
    for path in tree.files(('client/tui',), 'c'):
        text = table_text(tree, path, 'keys')
        if text:
            verb = re.split(r'[._]', os.path.basename(path))[0]
            verbs.setdefault(verb, {}).update(found_in(path, re.findall(r'\{ "([^"]+)", N_\(', text)))
    for verb, keys in verbs.items():
        title = 'Keys of %s' % verb
        yield from compare('key', keys, page.words('Ic', 'DESCRIPTION', title), HOGA, '"%s"' % title, '.It Ic %s')


def check_metrics(tree):
    path, page = 'client/cli/metrics.def', Page(tree, HOGA)
    if tree.has(path):
        rows = match_all(tree, path, r'^METRIC_ROW\(\w+, "([^"]+)"')
        yield from compare('metric', found_in(path, rows), page.words('Li', 'METRICS'), HOGA, '"METRICS"', '.It Li %s')


CHECKS = (check_events, check_words, check_config, check_verbs, check_programs, check_control, check_library, check_environment, check_keys,
          check_metrics)


def check(tree):
    for one in CHECKS:
        yield from one(tree)
