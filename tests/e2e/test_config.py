# SPDX-License-Identifier: MIT
"""Configuration as an operator meets it: what is wrong is said with file, line and word; nothing of a wrong file is
applied; --print-config prints what loads to the same; where the file is looked for; 300 markets, also by reload."""
import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import hoga_test as t

NOBODY = 65534
TOO_LONG = 'symbols = ' + 'KRW-X' * 40


def hogad(*words, **more):
    return subprocess.run([t.program('hogad'), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, timeout=60, check=False, **more)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)
    return path


def wrong_files_are_refused_in_words():
    path = os.path.join(t.scratch(), 'hoga.conf')
    for text, words in [('[upbit]\nsymbols = KRW-BTC\nsymbol = KRW-ETH\n', ':3: symbol: unknown word in [upbit]'),
                        ('[daemon]\ndepth = many\n', ':2: depth: "many"'),
                        ('[upbit]\nsymbols = KRW-BTC\n' + TOO_LONG + '\n', ':3: line of '),
                        ('[upbit]\nsymbols = KRW-BTC\nurl = http://x/\n', ':3: url: '),
                        ('[upbit]\nsymbols = KRW-BTC\nurl = ws://x:99999/\n', 'url: '),
                        ('[nowhere]\nsymbols = A\n', ':2: [nowhere]: unknown section')]:
        write(path, text)
        for option in ('--check-config', '--print-config'):
            done = hogad('-c', path, option)
            t.check(done.returncode == 1 and not done.stdout, done)
            t.check(done.stderr.startswith('hogad: ' + path) and words in done.stderr, done.stderr)
        done = hogad('-c', path, '--segment', path + '.books')
        t.check(done.returncode == 1 and words in done.stderr and not os.path.exists(path + '.books'), done)
    text = '[daemon]\ncatalogue_s = 0\n[upbit]\nsymbols = KRW-*\n'
    done = hogad('-c', write(path, text), '--check-config')
    t.check(done.returncode == 1 and 'catalogue_s = 0 forbids' in done.stderr and 'name each market' in done.stderr, done)
    done = hogad('-c', os.path.dirname(path), '--check-config')
    t.check(done.returncode == 1 and 'Is a directory' in done.stderr, done)
    done = hogad('-c', path + '.none', '--check-config')
    t.check(done.returncode == 1 and 'No such file' in done.stderr, done)


def what_is_printed_loads_to_the_same():
    folder = t.scratch()
    with open(os.path.join(t.TOP, 'conf', 'hoga.conf')) as file:  # every directive, none left at its default
        text = '\n'.join(line.lstrip(';') for line in file.read().splitlines())
    text = text.replace('books_max = 1024', 'books_max = 77').replace('segment_mode = 0640', 'segment_mode = 0644')
    text = text.replace('log_level = notice', 'log_level = debug').replace('/etc/resolv.conf', folder + '/resolv.conf')
    first = hogad('-c', write(folder + '/a.conf', text), '--print-config')
    t.check(first.returncode == 0, first)
    second = hogad('-c', write(folder + '/b.conf', first.stdout), '--print-config')
    t.check(second.returncode == 0, second)
    t.check(first.stdout.splitlines()[1:] == second.stdout.splitlines()[1:], (first.stdout, second.stdout))  # 0: its name
    for words in ('books_max = 77', '0644', 'debug', folder + '/resolv.conf', '192.0.2.1:3128', 'ws://127.0.0.1:8765',
                  '/tmp/hoga-sim/ca.pem'):
        t.check(words in first.stdout, '%s in %s' % (words, first.stdout))
    write(folder + '/a.conf.d/20.conf', '[daemon]\nlog_level = warn\n')
    write(folder + '/a.conf.d/10.conf', '[daemon]\nlog_level = err\n[upbit]\nsymbols = BTC-ETH\n')
    printed = hogad('-c', folder + '/a.conf', '--print-config').stdout
    t.check('log_level = warn' in printed and 'BTC-ETH' in printed, printed)


def the_file_is_looked_for_in_order():
    """As a user of no importance: XDG_CONFIG_HOME, then HOME/.config, then /etc/hoga, then none."""
    folder = t.scratch()
    os.chmod(folder, 0o755)
    binary = shutil.copy(t.program('hogad'), folder)
    more = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []} if os.geteuid() == 0 else {}
    xdg = write(folder + '/xdg/hoga/hoga.conf', '[upbit]\nsymbols = KRW-XDG\n')
    home = write(folder + '/home/.config/hoga/hoga.conf', '[upbit]\nsymbols = KRW-HOME\n')
    for directory, _, _ in os.walk(folder):
        os.chmod(directory, 0o755)
    system = '/etc/hoga/hoga.conf' if os.path.exists('/etc/hoga/hoga.conf') else None
    for env, expected in [({'XDG_CONFIG_HOME': folder + '/xdg', 'HOME': folder + '/home'}, xdg),
                          ({'HOME': folder + '/home'}, home),
                          ({'XDG_CONFIG_HOME': folder + '/none', 'HOME': folder + '/home'}, system),
                          ({'HOME': folder}, system)]:
        done = subprocess.run([binary, '--check-config'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
                              universal_newlines=True, timeout=60, check=False, **more)
        t.check(done.returncode == 0, done)
        t.check(done.stdout.startswith(expected or 'no file, the defaults'), (env, done.stdout))


def the_systems_file_is_found():
    """In a mount namespace with an /etc of its own. Root does not look at XDG_CONFIG_HOME."""
    folder = t.scratch()
    write(folder + '/hoga/hoga.conf', '[upbit]\nsymbols = KRW-XDG\n')
    script = ('mount -t tmpfs none /etc && mkdir /etc/hoga && printf "[upbit]\\nsymbols = A B\\n" > /etc/hoga/hoga.conf '
              '&& exec "$0" --check-config')
    done = subprocess.run(['unshare', '--map-root-user', '--mount', 'sh', '-c', script, t.program('hogad')],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=60,
                          env=dict(os.environ, XDG_CONFIG_HOME=folder), check=False)
    if done.returncode != 0 and 'hogad' not in done.stderr:
        print('without /etc/hoga: no mount namespace: ' + done.stderr.strip())
        return
    t.check(done.stdout.startswith('/etc/hoga/hoga.conf: fine: 2 markets'), done)


def a_file_that_is_gone_is_no_reload():
    """The defaults would drop every market that was asked for."""
    folder = t.scratch()
    path = write(folder + '/hoga/hoga.conf', '[upbit]\nsymbols = KRW-A KRW-B\nurl = ws://127.0.0.1:9/\n')
    binary = shutil.copy(t.program('hogad'), folder)
    more = {}
    if os.geteuid() == 0:  # root does not look there
        more = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []}
        for directory, _, files in os.walk(folder):
            for name in [directory] + [os.path.join(directory, f) for f in files]:
                os.chown(name, NOBODY, NOBODY)
    env = dict(os.environ, XDG_CONFIG_HOME=folder, HOGA_SEGMENT=folder + '/books')
    with open(folder + '/log', 'w') as log:
        child = subprocess.Popen([binary], stderr=log, env=env, **more)
    try:
        t.wait_until(lambda: len(json.loads(t.hoga(folder + '/books', 'ls', '--json').stdout or '{"books":[]}')['books'])
                     == 2, 30, 'two books')
        os.remove(path)
        child.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'config.refused' in open(folder + '/log').read(), 30, 'refused')
        t.check(len(json.loads(t.hoga(folder + '/books', 'ls', '--json').stdout)['books']) == 2, 'two books stay')
    finally:
        child.terminate()
        t.check(child.wait(t.STOP_SECONDS) == 0, open(folder + '/log').read())


def three_hundred_markets_arrive_by_reload():
    symbols = ['KRW-M%03d' % i for i in range(300)]
    lines = ['symbols = ' + ' '.join(symbols[i:i + 10]) for i in range(0, 300, 10)]
    with t.Sim('--symbols', ','.join(symbols), '--rate', '2') as sim, t.Hogad(sim, symbols[:1]) as daemon:
        t.wait_until(lambda: t.book(daemon, 'upbit:KRW-M000', '--live'), 30, 'live')
        daemon.write_config(sim, symbols[:1], venue='\n'.join(lines + [TOO_LONG]))
        daemon.send_signal(signal.SIGHUP)
        t.wait_until(lambda: 'config.refused' in daemon.log(), 30, 'refused')
        books = json.loads(t.hoga(daemon, 'ls', '--json').stdout)['books']
        t.check([b['name'] for b in books] == ['upbit:KRW-M000'], 'nothing of a wrong file is applied')
        daemon.write_config(sim, symbols[:1], venue='\n'.join(lines))
        daemon.send_signal(signal.SIGHUP)
        t.wait_until(lambda: json.loads(t.hoga(daemon, 'ls', '--json').stdout)['daemon']['n_books'] == 300, 30, '300')
        t.wait_until(lambda: t.hoga(daemon, 'check').returncode == 0, 60, 'all 300 live')
        t.check(sim.stats()['violations'] == 0, sim.stats())


wrong_files_are_refused_in_words()
what_is_printed_loads_to_the_same()
the_file_is_looked_for_in_order()
the_systems_file_is_found()
a_file_that_is_gone_is_no_reload()
three_hundred_markets_arrive_by_reload()
