#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Python module against the library: every struct as the compiler lays it out, every function declared, books as C
reads them, errors in words, waiting, leases refused in words, and what importing brings along."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from decimal import Decimal, localcontext

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODULE = os.path.join(SOURCE, 'client', 'python')
INCLUDE = os.path.join(SOURCE, 'client', 'include')
HEADERS = ('hoga.h', 'ladder.h')
failures = []


def check(is_fine, what):
    print('%s %s' % ('ok  ' if is_fine else 'FAIL', what), flush=True)
    if not is_fine:
        failures.append(what)


def structs(native):
    return {cls.__name__: cls for cls in native.Struct.__subclasses__()}


def c_name(name):
    return 'hoga_' + re.sub(r'(?<!^)([A-Z])', r'_\1', name).lower()


def check_structs(options, native, folder):
    source = ['#include <hoga/ladder.h>', '#include <stddef.h>', '#include <stdio.h>', 'int main(void) {']
    for name, cls in structs(native).items():
        source.append('printf("%s %%zu\\n", sizeof(struct %s));' % (name, c_name(name)))
        for field, *_ in cls._fields_:
            source.append('printf("%s.%s %%zu %%zu\\n", offsetof(struct %s, %s), sizeof(((struct %s *)0)->%s));' % (
                name, field, c_name(name), field.rstrip('_'), c_name(name), field.rstrip('_')))
    source.append('return 0; }\n')
    path = os.path.join(folder, 'layout')
    subprocess.run([options.cc, '-x', 'c', '-I' + INCLUDE, '-o', path, '-'], input='\n'.join(source), text=True, check=True)
    wrong = []
    for line in subprocess.run([path], capture_output=True, text=True, check=True).stdout.splitlines():
        name, *numbers = line.split()
        cls, _, field = name.partition('.')
        cls = structs(native)[cls]
        ours = [native.c.sizeof(cls)] if not field else [getattr(cls, field).offset, getattr(cls, field).size]
        if ours != [int(n) for n in numbers]:
            wrong.append((name, ours, numbers))
    check(not wrong, 'every struct is laid out as the compiler does: %s' % wrong)
    header = ''
    for name in HEADERS:
        with open(os.path.join(INCLUDE, 'hoga', name), encoding='utf-8') as f:
            header += re.sub(r'/\*.*?\*/', '', f.read(), flags=re.S)
    for name, cls in structs(native).items():
        body = re.search(r'struct %s \{(.*?)\n\}' % c_name(name), header, re.S).group(1)
        fields = {f for part in re.findall(r'([^;{}]+);', body) for f in re.findall(r'(\w+)(?:\[\w+\])?(?=\s*(?:,|$))', part)}
        missing = fields - {f.rstrip('_') for f, *_ in cls._fields_}
        check(not missing, '%s has every field: %s' % (name, sorted(missing)))


def check_library_errors(options):
    def fails(**env):
        done = subprocess.run([sys.executable, '-B', '-c', 'import hoga'], capture_output=True, text=True,
                              env=dict(os.environ, PYTHONPATH=MODULE, **env))
        return done.stderr.strip().split('\n')[-1]

    words = fails(HOGA_LIBRARY='/nonexistent/libhoga.so.0')
    check('LibraryError' in words and '/nonexistent/libhoga.so.0' in words and 'cmake --install' in words, words)
    words = fails(HOGA_LIBRARY='libc.so.6')
    check('is not libhoga' in words, words)
    old = os.path.join(options.folder, 'libold.so')
    subprocess.run([options.cc, '-shared', '-fPIC', '-x', 'c', '-o', old, '-'], text=True, check=True,
                   input='const char *hoga_version(void) { return "0.0.9"; }')
    words = fails(HOGA_LIBRARY=old)
    check('0.0.9' in words and old in words and options.version in words and 'install' in words, words)
    done = subprocess.run([sys.executable, '-B', '-c', 'import sys, hoga._native as n; n._candidates = lambda: sys.argv[1:]; '
                           'print(n._load()._name)', old, options.library], capture_output=True, text=True,
                          env=dict(os.environ, PYTHONPATH=MODULE))
    check(done.stdout.strip() == options.library, 'an older library in another prefix is passed over: %s' % done.stderr)


def check_imports(options):
    def modules(text):
        done = subprocess.run([sys.executable, '-B', '-c', text + '; import sys; print(" ".join(sys.modules))'],
                              capture_output=True, text=True, env=dict(os.environ, PYTHONPATH=MODULE), check=True)
        return set(done.stdout.split())

    core = modules('import hoga')
    for name in ('asyncio', 'selectors', 'ssl', 'socket', 'PyQt6', 'numpy', 'hoga.aio', 'hoga.qt', 'hoga.ladder'):
        check(name not in core, 'hoga does not import %s' % name)
    check('hoga.qt' not in modules('import hoga.aio') and 'PyQt6' not in modules('import hoga.aio'), 'nor hoga.aio Qt')


class Maker:
    """The segment of hoga_segment_maker: one book, TOY:a-b."""

    def __init__(self, options, folder):
        self.path = os.path.join(folder, 'books')
        self.process = subprocess.Popen([options.maker, self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)
        assert self.process.stdout.readline() == 'ready\n'

    def say(self, word):
        self.process.stdin.write(word + '\n')
        self.process.stdin.flush()


def soon(question):
    """Its answer, when it is true at last: whoever writes the segment is silent while it has no processor."""
    end, answer = time.monotonic() + 60, question()
    while not answer and time.monotonic() < end:
        threading.Event().wait(0.05)
        answer = question()
    return answer


def check_books(hoga, maker):
    with hoga.open(maker.path) as segment:
        book = segment['TOY:a-b']
        view = soon(lambda: [view for view in [book.read()] if view.is_live])[0]
        check(view.is_live and view.state == 'live' and view.bid.price == Decimal('100'), repr(view))
        check(view.ask.price == Decimal('100.5') and view.spread == Decimal('0.5'), 'exact decimals')
        with localcontext() as context:
            context.prec = 2
            check(book.read().mid == Decimal('100.25'), "whatever the program's decimal context is")
        raw = book.read(1, raw=True)
        check(raw.bids[0].price * Decimal(10) ** -raw.price_decimals == 100 and len(raw.bids) == 1, 'raw integers')
        try:
            import numpy  # noqa: F401
            head, bids, asks = book.arrays()
            check(bids.dtype == 'int64' and bids.shape[1] == 2 and bids[0, 0] == raw.bids[0].price, 'numpy arrays')
            check(len(asks) == head.n_asks, 'of all levels')
        except ImportError:
            print('skipped: numpy is not installed')
        check('TOY:A-B' in segment and list(segment) == [book.name] and segment.get('toy:x') is None, 'names')
        for wrong, words in (('toy:a-c', 'did you mean'), ('nocolon', 'venue:SYMBOL')):
            try:
                segment[wrong]
                check(False, wrong)
            except hoga.NotCarried as error:
                check(words in str(error) and isinstance(error, KeyError), str(error))
        check(soon(lambda: not book.wait(0.05)), 'an unchanged book is not waited for longer than asked')
        check(soon(lambda: segment.daemon.is_alive) and segment.daemon.path == maker.path, 'the daemon')
        check_threads(hoga, segment)
        check_wait(book, maker)
    try:
        hoga.open(maker.path + '.none')
        check(False, 'no segment')
    except hoga.NoSegment as error:
        check('no segment there' in str(error) and 'start hogad' in str(error), str(error))
    began = time.monotonic()
    try:
        hoga.open(maker.path + '.none', wait=0.3)
        check(False, 'no segment, waited for')
    except hoga.TimedOut as error:
        check(time.monotonic() - began >= 0.3, str(error))


def check_threads(hoga, segment):
    said = []

    def run():
        try:
            segment.names()
        except hoga.WrongThread as error:
            said.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    check(said and 'hoga.open()' in said[0], "another thread is told to open its own")


def check_wait(book, maker):
    changed = threading.Event()
    woken = []

    def other():
        changed.wait()
        maker.say('publish')

    thread = threading.Thread(target=other)
    thread.start()
    changed.set()
    woken.append(book.wait(60))
    thread.join()
    check(woken == [True], 'a change wakes a sleeper')


def main():
    parser = argparse.ArgumentParser()
    for name in ('cc', 'library', 'maker', 'version'):
        parser.add_argument('--' + name)
    options = parser.parse_args()
    os.environ['HOGA_LIBRARY'] = os.path.abspath(options.library)
    sys.path.insert(0, MODULE)
    sys.dont_write_bytecode = True
    import hoga
    from hoga import _native

    with tempfile.TemporaryDirectory(prefix='hoga-unit-') as folder:
        options.folder = folder
        check(hoga.__version__ == options.version, "the version is CMake's")
        check_structs(options, _native, folder)
        check_library_errors(options)
        check_imports(options)
        maker = Maker(options, folder)
        check_books(hoga, maker)
        maker.process.stdin.close()
        maker.process.wait(60)
        maker.process.stdout.close()
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
