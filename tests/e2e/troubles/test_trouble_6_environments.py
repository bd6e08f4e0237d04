#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trouble 6: it runs only in a particular virtual environment. Here: Debian's own interpreter after `cmake --install`, a
virtual environment that installs the source, and a bare one that installs a wheel; an absent library is said in words."""

import os
import subprocess

from troubles import LIBRARY, MODULE, PYTHON, need, t

ASK = '''import hoga
s = hoga.open()
book = s['upbit:KRW-BTC']
for _ in range(100):
    if not book.read().is_live:  # hogad has had no processor for half a second
        book.wait(0.5)
print(hoga.__version__, book.read().state, hoga.__file__)'''


def run(*command, **env):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(('HOGA_', 'PYTHON', 'LD_LIBRARY', 'PIP_'))}
    done = subprocess.run(command, env=dict(clean, PIP_DISABLE_PIP_VERSION_CHECK='1', PIP_CACHE_DIR=t.scratch(), **env),
                          cwd=t.scratch(), capture_output=True, text=True, check=False, timeout=240)
    t.check(done.returncode == 0, '%s: %s%s' % (command, done.stdout, done.stderr))
    return done.stdout


def sources():
    """A copy: building leaves folders behind, and a test leaves nothing."""
    top = t.scratch()
    subprocess.run(['cp', '-r', MODULE, os.path.join(top, 'python')], check=True)
    text = open(os.path.join(t.TOP, 'CMakeLists.txt'), encoding='utf-8').read()
    os.makedirs(os.path.join(top, 'a', 'b'))
    os.rename(os.path.join(top, 'python'), os.path.join(top, 'a', 'b', 'python'))
    with open(os.path.join(top, 'a', 'CMakeLists.txt'), 'w', encoding='utf-8') as f:
        f.write(text)
    os.rename(os.path.join(top, 'a', 'b', 'python'), os.path.join(top, 'a', 'b', 'hoga-python'))
    return os.path.join(top, 'a', 'b', 'hoga-python')


def main():
    need('venv', 'ensurepip')
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '20') as sim, t.Hogad(sim) as hogad:
        t.live(hogad, 'upbit:KRW-BTC')
        prefix = t.scratch()
        run('cmake', '--install', t.BUILD, '--prefix', prefix)
        out = run(PYTHON, '-c', ASK, HOGA_SEGMENT=hogad.segment,
                  PYTHONPATH=os.path.join(prefix, 'lib', 'python3', 'dist-packages'))
        t.check(' live ' in out and prefix in out, "Debian's interpreter: " + out)

        source, folder = sources(), t.scratch()
        run(PYTHON, '-m', 'venv', os.path.join(folder, 'source'))  # as Debian makes it: setuptools, and no `wheel`
        python = os.path.join(folder, 'source', 'bin', 'python')
        run(python, '-m', 'pip', 'install', '--no-index', '--no-build-isolation', source)
        out = run(python, '-c', ASK, HOGA_SEGMENT=hogad.segment, HOGA_LIBRARY=LIBRARY)
        t.check(' live ' in out and folder in out, 'from the source: ' + out)

        run(python, '-m', 'pip', 'wheel', '--no-index', '--no-build-isolation', '--no-deps', '-w', folder, source)
        wheel = [n for n in os.listdir(folder) if n.endswith('.whl')]
        t.check(len(wheel) == 1 and wheel[0].endswith('-py3-none-any.whl'), wheel)
        run(PYTHON, '-m', 'venv', os.path.join(folder, 'bare'))
        bare = os.path.join(folder, 'bare', 'bin', 'python')
        run(bare, '-m', 'pip', 'install', '--no-index', os.path.join(folder, wheel[0]))
        out = run(bare, '-c', ASK, HOGA_SEGMENT=hogad.segment, HOGA_LIBRARY=LIBRARY)
        t.check(' live ' in out and folder in out, 'from a wheel: ' + out)
        done = subprocess.run([bare, '-c', 'import hoga'], env={'HOGA_LIBRARY': '/nowhere/libhoga.so.0'}, text=True,
                              capture_output=True, check=False)
        t.check('/nowhere/libhoga.so.0' in done.stderr and 'cmake --install' in done.stderr, done.stderr)


main()
