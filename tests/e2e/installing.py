# SPDX-License-Identifier: MIT
"""Install from a build folder into a tree, and leave that folder's own record of installations as it was."""
import contextlib
import os
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('HOGA_BUILD', os.path.join(TOP, 'build/dev'))
STATE = ['install_manifest.txt', 'install_dirs.txt', 'install_conf.txt']


class Failed(Exception):
    pass


def check(is_true, what):
    if not is_true:
        raise Failed(what)


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120, **options)
    return done.returncode, done.stdout


def run_ok(command, **options):
    code, out = run(command, **options)
    check(code == 0, '%s: exit %d: %s' % (' '.join(command), code, out[-2000:]))
    return out


def install(dest):
    run_ok(['cmake', '--install', BUILD], env=dict(os.environ, DESTDIR=dest))


def uninstall(dest):
    run_ok(['cmake', '--build', BUILD, '--target', 'uninstall'], env=dict(os.environ, DESTDIR=dest))


def files_below(folder):
    return sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)


@contextlib.contextmanager
def kept_state():
    """Somebody may really have installed from this build folder: their way back must not be lost."""
    kept = {}
    for path in (os.path.join(BUILD, name) for name in STATE):
        if os.path.exists(path):
            with open(path, encoding='utf-8') as f:
                kept[path] = f.read()
            os.unlink(path)
    try:
        yield
    finally:
        for path in (os.path.join(BUILD, name) for name in STATE):
            if os.path.exists(path):
                os.unlink(path)
            if path in kept:
                with open(path, 'w', encoding='utf-8') as f:
                    f.write(kept[path])
