# SPDX-License-Identifier: MIT
"""What the tests of `hoga` share: a segment set from here, the tool run against it, and a validator for the part of
JSON Schema that hoga.schema.json uses (an unknown keyword is an error, so that none is passed over)."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'support'))
import hoga_test as t  # noqa: E402

HOGA = t.program('hoga')
LIVE, FAILED, EMPTY = 2, 9, 0
SCHEMA_PATH = os.path.join(t.TOP, 'client', 'cli', 'hoga.schema.json')


class Segment:
    """The program cli_segment; `with` ends it."""

    def __init__(self, source=1, path=None):
        self.path = path or os.path.join(t.scratch(), 'books')
        self.is_alive = True  # as long as it was not told to be silent
        self.process = subprocess.Popen([t.program('cli_segment'), self.path, str(source)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        t.check(self.process.stdout.readline() == 'ok\n', 'cli_segment is ready')

    def say(self, *words):
        self.process.stdin.write(' '.join(str(w) for w in words) + '\n')
        self.process.stdin.flush()
        t.check(self.process.stdout.readline() == 'ok\n', 'cli_segment knows %r' % (words,))
        self.is_alive = self.is_alive and words != ('mute',) or words == ('unmute',)

    def book(self, symbol, bids='100:5', asks='101:7', state=LIVE, reason=0, decimals=(0, 0)):
        self.say('book', symbol, state, reason, decimals[0], decimals[1], bids, asks)

    def stop(self):
        """A clean exit, as hogad's."""
        self.is_alive = False
        self.process.stdin.write('stop\n')
        self.process.stdin.flush()
        t.check(self.process.wait(t.STOP_SECONDS) == 0, 'cli_segment ends')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(t.STOP_SECONDS)


def environment(segment, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(('LC_', 'LANG', 'HOGA_', 'NO_COLOR'))}
    env.update(LC_ALL='C.UTF-8', TZ='Asia/Seoul')
    if segment:
        env['HOGA_SEGMENT'] = segment.path
    env.update(more)
    return env


def says_silent(segment, text):
    """The tool found no sign of life though cli_segment is to give one: a busy machine kept one of the two from the
    processor, and nothing that is tested here."""
    words = ('daemon-silent', 'is silent', '"alive":false', 'hoga_up 0')
    return bool(segment) and segment.is_alive and any(word in text for word in words)


def hoga(segment, *arguments, env=None, code=0):
    """(standard output, standard error) of one run, whose exit code is checked; of a later one while says_silent."""
    for _ in range(100):
        done = subprocess.run([HOGA] + list(arguments), env=env or environment(segment), capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL)
        if not says_silent(segment, done.stdout + done.stderr):
            break
    t.check(done.returncode == code, 'hoga %s exits %d, not %d: %s%s' % (' '.join(arguments), code, done.returncode,
                                                                        done.stdout, done.stderr))
    return done.stdout, done.stderr


TYPES = {'object': dict, 'array': list, 'string': str, 'null': type(None), 'boolean': bool}
NO_RULES = {'$schema', '$id', '$comment', '$defs', 'title', 'description'}


def type_fits(value, name):
    if name == 'integer':
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def problems(root, rule, value, where):
    """All the ways in which `value` breaks `rule`."""
    found = []
    for key, word in rule.items():
        if key == '$ref':
            found += problems(root, root['$defs'][word[len('#/$defs/'):]], value, where)
        elif key == 'anyOf':
            ways = [problems(root, r, value, where) for r in word]
            found += [] if any(not w for w in ways) else ['%s: none of anyOf: %s' % (where, ways)]
        elif key == 'type':
            names = word if isinstance(word, list) else [word]
            found += [] if any(type_fits(value, n) for n in names) else ['%s: not %s' % (where, word)]
        elif key == 'const':
            found += [] if value == word else ['%s: not %r' % (where, word)]
        elif key == 'enum':
            found += [] if value in word else ['%s: %r not in %r' % (where, value, word)]
        elif key == 'pattern':
            found += [] if not isinstance(value, str) or re.search(word, value) else ['%s: %r' % (where, value)]
        elif key == 'minimum':
            found += [] if not isinstance(value, int) or value >= word else ['%s: %r' % (where, value)]
        elif key in ('minItems', 'maxItems'):
            fits = not isinstance(value, list) or (len(value) >= word if key == 'minItems' else len(value) <= word)
            found += [] if fits else ['%s: %s' % (where, key)]
        elif key == 'items':
            for i, item in enumerate(value if isinstance(value, list) else []):
                found += problems(root, word, item, '%s[%d]' % (where, i))
        elif key == 'required':
            found += ['%s.%s: missing' % (where, n) for n in word if isinstance(value, dict) and n not in value]
        elif key == 'properties':
            for name, sub in word.items():
                if isinstance(value, dict) and name in value:
                    found += problems(root, sub, value[name], '%s.%s' % (where, name))
        elif key == 'additionalProperties':
            extra = set(value) - set(rule['properties']) if isinstance(value, dict) else ()
            found += ['%s.%s: unknown' % (where, n) for n in extra]
        elif key not in NO_RULES:
            raise AssertionError('the validator does not know %r' % key)
    return found


def validated(text):
    """The document, which hoga.schema.json must allow."""
    with open(SCHEMA_PATH) as f:
        schema = json.load(f)
    value = json.loads(text)
    broken = problems(schema, schema, value, '$')
    t.check(not broken, 'the schema allows %s: %s' % (text, broken))
    return value
