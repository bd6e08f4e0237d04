# SPDX-License-Identifier: MIT
"""The tests of a build with the given labels, once more under valgrind: python3 under_valgrind.py BUILD LABELS LOGS

A test that is a program runs under it; for one that is a script the programs of the build that it is told of do, by way
of a script of the same name. What counts is what valgrind wrote: Criterion runs each test in a child and overlooks what
is said there, and some children die of a signal on purpose, so not every line is a finding. One line a test to standard
output, fields between tabs: status, name, seconds, reason."""
import glob
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

FINDING = re.compile(r'Invalid |ninitialised|definitely lost|points to|Mismatched|overlap')
# The first counts calls of the allocator by taking their place, as valgrind does; the second looks at the kernel's mask
# to see that hogad is ready for a signal, and under valgrind that mask is valgrind's.
LEFT_OUT = ('replay_allocation', 'replay_words')
SKIPPED = 77


def valgrind(logs, name):
    return ['valgrind', '-q', '--vgdb=no', '--trace-children=yes', '--leak-check=full', '--show-leak-kinds=definite',
            '--errors-for-leak-kinds=definite', '--log-file=%s' % os.path.join(logs, name + '.%p')]


def tests(build, labels):
    """Name, command and environment of each."""
    listed = subprocess.run(['ctest', '--test-dir', build, '-L', labels, '--show-only=json-v1'], check=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True)
    for test in json.loads(listed.stdout)['tests']:
        properties = {p['name']: p['value'] for p in test.get('properties', [])}
        environment = dict(word.split('=', 1) for word in properties.get('ENVIRONMENT', []))
        if test['name'] not in LEFT_OUT:
            yield test['name'], test['command'], environment


def is_ours(path, build):
    return (path.startswith(build + os.sep) and '.so' not in os.path.basename(path) and os.path.isfile(path) and
            os.access(path, os.X_OK))


def stand_in(path, logs, name):
    """A script that runs the program under valgrind."""
    folder = os.path.join(logs, name + '.programs')
    os.makedirs(folder, exist_ok=True)
    script = os.path.join(folder, os.path.basename(path))
    with open(script, 'w') as file:
        file.write('#!/bin/sh\nexec %s %s "$@"\n' % (' '.join("'%s'" % word for word in valgrind(logs, name)), path))
    os.chmod(script, 0o755)
    return script


def command_under(command, build, logs, name):
    if not is_ours(command[0], build):
        return [stand_in(word, logs, name) if is_ours(word, build) else word for word in command]
    patience = ['--timeout', '600'] if '-j1' in command else []  # Criterion's
    return valgrind(logs, name) + command + patience


def run(build, logs, test):
    name, command, environment = test
    begun = time.monotonic()
    out_path = os.path.join(logs, name + '.out')
    with open(out_path, 'wb') as out:
        code = subprocess.run(command_under(command, build, logs, name), stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT, cwd=build, env=dict(os.environ, **environment)).returncode
    written = [path for path in glob.glob(os.path.join(logs, name + '.[0-9]*'))]
    findings = sorted(path for path in written if FINDING.search(open(path, errors='replace').read()))
    if code == SKIPPED:
        status, reason = 'skipped', open(out_path, errors='replace').read().strip().split('\n')[-1]
    elif findings:
        status, reason = 'failed', 'valgrind: %s' % ' '.join(findings[:3])
    elif code != 0 or (is_ours(command[0], build) and not written):
        status, reason = 'failed', 'exit %d, log: %s' % (code, out_path)
    else:
        status, reason = 'passed', ''
    print('%s\t%s\t%.1f\t%s' % (status, name, time.monotonic() - begun, reason), flush=True)
    return status != 'failed'


def main():
    build, labels, logs = os.path.abspath(sys.argv[1]), sys.argv[2], os.path.abspath(sys.argv[3])
    os.makedirs(logs, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        results = list(workers.map(lambda test: run(build, logs, test), tests(build, labels)))
    if not results:
        print('failed\tall\t0\tno test has the labels %s' % labels)
    return 0 if results and all(results) else 1


sys.exit(main())
