#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The words about `hoga`: the man page has every verb, option and JSON field, and every sentence has its Korean."""

import json
import os
import re
import shutil
import subprocess

from cli_support import SCHEMA_PATH, hoga, t

CLIENT = os.path.join(t.TOP, 'client')
VERBS = re.findall(r'^    \{ "([a-z]+)",', open(os.path.join(CLIENT, 'cli', 'main.c')).read(), re.M)


def the_man_page_has_everything():
    path = os.path.join(CLIENT, 'man', 'hoga.1')
    with open(path) as f:
        page = f.read()
    t.check(len(VERBS) >= 7, 'verbs are found in the table')
    for verb in VERBS:
        t.check('.It Cm %s\n' % verb in page, 'the man page has %s' % verb)
        for option in re.findall(r'--([a-z-]+)', hoga(None, 'help', verb)[0]):
            t.check(re.search(r'Fl -%s\b' % option, page), 'the man page has --%s' % option)
    with open(SCHEMA_PATH) as f:
        fields = json.load(f)['$defs']['book']['properties']
    for field in fields:
        t.check(re.search(r'\b%s\b' % field, page), 'the man page has %s' % field)
    if shutil.which('mandoc'):
        done = subprocess.run(['mandoc', '-Tlint', '-Wwarning', path], capture_output=True, text=True, check=False)
        t.check(done.returncode == 0 and not done.stdout, done.stdout)
    else:
        print('without mandoc: not installed')


def every_sentence_is_translated():
    po = os.path.join(CLIENT, 'po', 'ko.po')
    if not all(shutil.which(p) for p in ('xgettext', 'msgcmp', 'msgfmt')):
        print('without the catalogue: gettext is not installed')
        return
    done = subprocess.run([os.path.join(CLIENT, 'po', 'update-po'), '--print'], capture_output=True, check=True)
    template = os.path.join(t.scratch(), 'hoga.pot')
    with open(template, 'wb') as f:
        f.write(done.stdout)
    for command in (['msgcmp', po, template], ['msgfmt', '--check', '-o', os.devnull, po]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        t.check(done.returncode == 0 and 'warning' not in done.stderr, done.stderr)


the_man_page_has_everything()
every_sentence_is_translated()
