#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""report.py [--strict] RESULTS: print what tests/run collected. RESULTS is a folder of NN-SUITE.xml (JUnit, from ctest) and
NN-SUITE.tsv (STATUS, NAME, SECONDS, REASON: what tests/run did itself). A time per suite, every failed and every skipped
test with its reason, last the line `N passed, N failed, N skipped`. Exit 1 if anything failed or nothing ran.

With --strict a skip is a failure unless its reason is in MACHINE_CANNOT."""
import os
import re
import sys
import xml.etree.ElementTree

# What a machine may truly be unable to do; everything else that is missing can be installed or mounted.
MACHINE_CANNOT = [
    r'not root',                        # run once more as root
    r'systemd-nspawn cannot',           # no namespaces or no overlay in this container
    r'no second user id',               # no unprivileged uid to be an outsider with
    r'one processor only',
    r'no internet',
]


def test_reason(case):
    """The last line a skipped test said, else ctest's own word."""
    out = case.findtext('system-out') or ''
    lines = [line.strip() for line in out.split('\n') if line.strip()]
    for line in reversed(lines):
        found = re.search(r'(?i)\bskip(?:ped|ping)?\b:?\s*(.*)', line)
        if found and found.group(1):
            return found.group(1)
    skipped = case.find('skipped')
    return lines[-1] if lines else skipped.get('message', '') if skipped is not None else ''


def read_junit(path):
    for case in xml.etree.ElementTree.parse(path).getroot().iter('testcase'):
        status = {'run': 'passed', 'fail': 'failed'}.get(case.get('status'), 'skipped')
        if case.find('skipped') is not None:
            status = 'skipped'
        if case.get('status') == 'notrun' and case.find('skipped') is None:
            status = 'failed'
        yield status, case.get('name'), float(case.get('time') or 0), test_reason(case) if status == 'skipped' else ''


def read_tsv(path):
    with open(path, encoding='utf-8') as f:
        for line in f:
            status, name, seconds, reason = (line.rstrip('\n').split('\t') + ['', '', ''])[:4]
            yield status, name, float(seconds or 0), reason


def main():
    strict = '--strict' in sys.argv[1:]
    folder = [a for a in sys.argv[1:] if not a.startswith('--')][0]
    total = {'passed': 0, 'failed': 0, 'skipped': 0}
    print('\n%-12s %6s %6s %6s %8s' % ('suite', 'passed', 'failed', 'skip', 'seconds'))
    failed, skipped, suites = [], [], {}
    for name in sorted(os.listdir(folder)):
        stem, end = os.path.splitext(name)
        if end not in ('.xml', '.tsv'):
            continue
        suite = stem.split('-', 1)[1]
        count = suites.setdefault(suite, {'passed': 0, 'failed': 0, 'skipped': 0, 'seconds': 0.0})
        for status, test, seconds, reason in (read_junit if end == '.xml' else read_tsv)(os.path.join(folder, name)):
            if status == 'time':
                count['seconds'] = seconds
                continue
            if status == 'skipped':
                may = any(re.search(r, reason) for r in MACHINE_CANNOT)
                skipped.append('  %s/%s: %s%s' % (suite, test, reason, '' if may or not strict else ' [--strict: failed]'))
                status = 'skipped' if may or not strict else 'failed'
            if status == 'failed' and not reason.startswith('skip'):
                failed.append('  %s/%s %s' % (suite, test, reason))
            count[status] += 1
            total[status] += 1
    for suite, c in suites.items():
        print('%-12s %6d %6d %6d %8.1f' % (suite, c['passed'], c['failed'], c['skipped'], c['seconds']))
    if skipped:
        print('\nskipped:\n' + '\n'.join(skipped))
    if failed:
        print('\nfailed:\n' + '\n'.join(failed))
    print('\n%(passed)d passed, %(failed)d failed, %(skipped)d skipped' % total)
    return 1 if total['failed'] or not total['passed'] else 0


if __name__ == '__main__':
    sys.exit(main())
