#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The units as systemd reads them: nothing to complain about, and little that the process may do (design section 7)."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
UNITS = os.path.join(TOP, 'systemd')
EXPOSURE_MAX = '12'  # tenths; 1.1 is what is left with internet and local sockets
PROMISED = ['Type=notify', 'Restart=on-failure', 'RestartSec=100ms', 'StartLimitIntervalSec=0', 'RuntimeDirectoryMode=0750',
            'RuntimeDirectoryPreserve=yes', 'Group=hoga', 'User=hogad']
REFUSED = ['DynamicUser=', 'RemoveIPC=', 'Type=notify-reload']


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120, **options)
    return done.returncode, done.stdout


def directives(path):
    with open(path, encoding='utf-8') as f:
        return [line.strip() for line in f if line.strip() and not line.startswith(('#', '['))]


def copy_units(work):
    """The programs are not installed where this runs; everything else is read as it stands."""
    for base, _, names in os.walk(UNITS):
        for name in names:
            if not name.endswith(('.service', '.socket')):
                continue
            copy = os.path.join(work, os.path.relpath(os.path.join(base, name), UNITS))
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            with open(os.path.join(base, name), encoding='utf-8') as f, open(copy, 'w', encoding='utf-8') as g:
                g.write(re.sub('/usr/bin/hogad?', '/bin/true', f.read()))


def check_system_unit(name, work):
    rows = directives(os.path.join(UNITS, name))
    failures = ['%s: no %s' % (name, p) for p in PROMISED if p not in rows]
    failures += ['%s: %s' % (name, r) for r in rows if r.startswith(tuple(REFUSED))]
    copy = os.path.join(work, name)
    code, out = run(['systemd-analyze', 'verify', '--man=no', copy])
    if code != 0 or out.strip():
        failures.append('%s: systemd-analyze verify: exit %d: %s' % (name, code, out))
    code, out = run(['systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=' + EXPOSURE_MAX, copy])
    if code != 0:
        failures.append('%s: too exposed: %s' % (name, out.strip().split('\n')[-1]))
    return failures


def check_sockets(work):
    """Each has its group, goes with its daemon, and lies outside the runtime directory."""
    failures = []
    for name, group, path in (('hogad', 'hoga', 'ask'), ('hogad-admin', 'hoga-admin', 'admin')):
        for at, folder in (('', ''), ('@', '%i/')):
            unit = name + at + '.socket'
            rows = directives(os.path.join(UNITS, unit))
            wanted = ['SocketGroup=' + group, 'SocketMode=0660', 'FileDescriptorName=' + path,
                      'ListenStream=/run/hogad/' + folder + path,
                      'PartOf=hogad%s.service' % ('@%i' if at else ''), 'TriggerLimitIntervalSec=0', 'StartLimitIntervalSec=0']
            failures += ['%s: no %s' % (unit, row) for row in wanted if row not in rows]
        code, out = run(['systemd-analyze', 'verify', '--man=no', os.path.join(work, name + '.socket')])
        if code != 0 or out.strip():
            failures.append('%s.socket: systemd-analyze verify: exit %d: %s' % (name, code, out))
    return failures


def check_metrics(work):
    """One scrape is a reader without network, and the socket lies on loopback."""
    failures = []
    for name, wanted in (('hoga-metrics@.service', ['StandardInput=socket', 'StandardOutput=socket', 'SupplementaryGroups=hoga',
                                                    'PrivateNetwork=yes', 'ExecStart=/usr/bin/hoga metrics --http']),
                         ('hoga-metrics.socket', ['Accept=yes', 'ListenStream=127.0.0.1:9852'])):
        rows = directives(os.path.join(UNITS, name))
        failures += ['%s: no %s' % (name, row) for row in wanted if row not in rows]
        code, out = run(['systemd-analyze', 'verify', '--man=no', os.path.join(work, name)])
        if code != 0 or out.strip():
            failures.append('%s: systemd-analyze verify: exit %d: %s' % (name, code, out))
    code, out = run(['systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=' + EXPOSURE_MAX,
                     os.path.join(work, 'hoga-metrics@.service')])
    return failures + (['hoga-metrics@.service: too exposed: %s' % out.strip().split('\n')[-1]] if code else [])


def check_user_unit(work):
    copy = os.path.join(work, 'user/hogad.service')
    os.makedirs(os.path.join(work, 'run'), mode=0o700)
    env = dict(os.environ, XDG_RUNTIME_DIR=os.path.join(work, 'run'), HOME=work)
    code, out = run(['systemd-analyze', 'verify', '--user', '--man=no', copy], env=env)
    return ['user/hogad.service: exit %d: %s' % (code, out)] if code != 0 or out.strip() else []


def check_users_and_folders():
    code, out = run(['systemd-sysusers', '--dry-run', os.path.join(UNITS, 'sysusers.d/hoga.conf')])
    return [] if code == 0 and 'Failed' not in out else ['sysusers.d/hoga.conf: exit %d: %s' % (code, out)]


def main():
    if os.geteuid() != 0 and not os.path.isdir('/run/systemd'):
        print('skipped: no systemd ever ran here (a container): systemd-analyze wants /run/systemd, which root can make')
        sys.exit(77)
    for tool in ('systemd-analyze', 'systemd-sysusers'):
        if not shutil.which(tool):
            print('skipped: package missing: systemd (%s)' % tool)
            return 77
    work = tempfile.mkdtemp(prefix='hoga-units.')
    try:
        copy_units(work)
        failures = check_system_unit('hogad.service', work) + check_system_unit('hogad@.service', work)
        failures += check_sockets(work) + check_metrics(work)
        failures += check_user_unit(work) + check_users_and_folders()
    finally:
        shutil.rmtree(work)
    print('\n'.join(failures))
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
