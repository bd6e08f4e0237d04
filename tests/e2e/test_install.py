#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""cmake --install puts everything in place, the examples compile against it, every program knows its version; uninstall
leaves nothing behind but a configuration that somebody edited."""
import glob
import os
import re
import shutil
import sys
import tempfile

from installing import BUILD, TOP, Failed, check, files_below, install, kept_state, run, run_ok, uninstall

PROGRAMS = ['hogad', 'hoga', 'hoga-sim']
WANTED = [r'/bin/hogad$', r'/bin/hoga$', r'/bin/hoga-sim$', r'/libhoga\.so$', r'/libhoga\.so\.\d+$', r'/hoga/hoga\.h$', r'/hoga/ladder\.h$',
          r'/pkgconfig/hoga\.pc$', r'/man3/libhoga\.3$', r'/systemd/system/hogad\.service$',
          r'/systemd/system/hogad@\.service$', r'/systemd/user/hogad\.service$', r'/systemd/system/hogad(-admin)?\.socket$',
          r'/systemd/system/hogad(-admin)?@\.socket$', r'/systemd/user/hogad(-admin)?\.socket$', r'/sysusers\.d/hoga\.conf$',
          r'/tmpfiles\.d/hoga\.conf$', r'/systemd/system/hoga-metrics\.socket$', r'/systemd/system/hoga-metrics@\.service$',
          r'/examples/prometheus/hoga(\.rules)?\.yml$', r'/zsh/vendor-completions/_hoga$',
          r'/doc/hoga/client/FRONTENDS\.md$', r'/doc/hoga/client/python/README\.md$', r'/hoga/hoga\.conf$'] + [
              r % p for p in PROGRAMS
              for r in (r'/man\d/%s\.\d$', r'/bash-completion/completions/%s$', r'/fish/vendor_completions\.d/%s\.fish$')]


def version():
    with open(os.path.join(TOP, 'CMakeLists.txt'), encoding='utf-8') as f:
        return re.search(r'project\(hoga VERSION ([0-9.]+)', f.read()).group(1)


def check_installed(dest):
    names = files_below(dest)
    for wanted in WANTED:
        check(any(re.search(wanted, name) for name in names), 'nothing installed matches %s' % wanted)
    conf = [n for n in names if n.endswith('/etc/hoga/hoga.conf')]
    check(conf, 'no etc/hoga/hoga.conf')
    for name in names:
        if name.endswith('.service'):
            with open(name, encoding='utf-8') as f:
                program = re.search(r'^ExecStart=(\S+)', f.read(), re.M).group(1)
            check(os.access(dest + program, os.X_OK), '%s starts %s, which is not installed' % (name, program))
    return conf[0]


def check_programs(dest):
    for program in PROGRAMS:
        path = [n for n in files_below(dest) if n.endswith('/bin/' + program)][0]
        out = run_ok([path, '--version'])
        check(version() in out, '%s --version: %s' % (program, out))
        check(len(run_ok([path, '--help'])) > 100, '%s --help says nothing' % program)
        code, _ = run([path, '--no-such-option'])
        check(code == 2, '%s: wrong usage ends with %d instead of 2' % (program, code))


def check_pkg_config(dest, work):
    pc = [n for n in files_below(dest) if n.endswith('/hoga.pc')][0]
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(pc), PKG_CONFIG_SYSROOT_DIR=dest)
    check(run_ok(['pkg-config', '--modversion', 'hoga'], env=env).strip() == version(), 'pkg-config has another version')
    flags = run_ok(['pkg-config', '--cflags', '--libs', 'hoga'], env=env).split()
    library = os.path.dirname([n for n in files_below(dest) if n.endswith('/libhoga.so')][0])
    examples = glob.glob(os.path.join(TOP, 'client/examples/*.c'))
    check(examples, 'no examples')
    for source in examples:
        program = os.path.join(work, os.path.basename(source)[:-2])
        run_ok(['cc', '-std=c11', '-D_GNU_SOURCE', '-Wall', '-Werror', source, '-o', program] + flags)
    # There is no such segment: the program has to say so and end.
    code, out = run([os.path.join(work, 'top')], env=dict(os.environ, LD_LIBRARY_PATH=library,
                                                          HOGA_SEGMENT=os.path.join(work, 'none')))
    check(code > 0 and out, 'the example top without a daemon: exit %d: %s' % (code, out))


def check_edited_configuration_stays(dest, conf):
    install(dest)
    with open(conf, 'a', encoding='utf-8') as f:
        f.write('# edited\n')
    install(dest)
    uninstall(dest)
    left = files_below(dest)
    check(left == [conf], 'after uninstall there should be the edited configuration alone: %s' % left)


def check_all(work):
    dest = os.path.join(work, 'dest')
    os.mkdir(dest)
    install(dest)
    conf = check_installed(dest)
    check_programs(dest)
    check_pkg_config(dest, work)
    uninstall(dest)
    left = [os.path.join(b, n) for b, folders, names in os.walk(dest) for n in folders + names]
    check(not left, 'uninstall left %s' % left)
    check_edited_configuration_stays(dest, conf)


def main():
    if not os.path.exists(os.path.join(BUILD, 'cmake_install.cmake')):
        print('failed: %s is no build folder' % BUILD)
        return 1
    work = tempfile.mkdtemp(prefix='hoga-install.')
    try:
        with kept_state():
            check_all(work)
    except Failed as e:
        print('failed: %s' % e)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
