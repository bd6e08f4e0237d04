# SPDX-License-Identifier: MIT
"""libhoga by ctypes, for tests of the calls that talk to the daemon: descriptors in and out, and the words of a problem."""
import ctypes
import glob
import os
import subprocess
import sys

import hoga_test as t
from sanitized import is_sanitized

NS = 10 ** 9


def begin_anew_with_sanitizer():
    """A library that carries AddressSanitizer wants its run-time there before the interpreter; its children need none of
    this, so their environment is as it was."""
    kept = os.environ.pop('HOGA_TEST_ASAN_OPTIONS', None)
    if kept is not None:
        os.environ.pop('LD_PRELOAD')
        os.environ['ASAN_OPTIONS'] = kept
    elif is_sanitized():
        options = os.environ.get('ASAN_OPTIONS', '')
        runtime = subprocess.run(['gcc', '-print-file-name=libasan.so'], stdout=subprocess.PIPE, check=True,
                                 universal_newlines=True).stdout.strip()
        os.environ.update(HOGA_TEST_ASAN_OPTIONS=options, LD_PRELOAD=runtime, ASAN_OPTIONS=options + ':detect_leaks=0')
        os.execv(sys.executable, [sys.executable, '-B'] + sys.argv)


begin_anew_with_sanitizer()


class Problem(ctypes.Structure):
    _fields_ = [('error', ctypes.c_int), ('what', ctypes.c_char * 256), ('why', ctypes.c_char * 512),
                ('remedy', ctypes.c_char * 256)]

    def words(self):
        return ': '.join(part.decode() for part in (self.what, self.why, self.remedy) if part)


def load():
    found = sorted(glob.glob(os.path.join(t.BUILD, 'client/lib/libhoga.so*')))
    return ctypes.CDLL(found[0]) if found else t.skip('libhoga is not built')


class Handle:
    """An open segment. Calls return (result, words of the problem)."""

    def __init__(self, path):
        self.lib = load()
        self.lib.hoga_close.restype = ctypes.c_void_p
        self.handle = ctypes.c_void_p()
        problem = Problem()
        result = self.lib.hoga_open(ctypes.byref(self.handle), os.fsencode(path), ctypes.byref(problem))
        t.check(result == 0, problem.words())

    def call(self, function, names, seconds, *rest):
        problem = Problem()
        array = (ctypes.c_char_p * len(names))(*[name.encode() for name in names])
        result = getattr(self.lib, function)(self.handle, array, ctypes.c_size_t(len(names)),
                                             ctypes.c_int64(int(seconds * NS)), *rest, ctypes.byref(problem))
        return result, problem.words() if result < 0 else ''

    def subscribe(self, names, fd=-1, seconds=30):
        """(result, words, descriptor)"""
        io_fd = ctypes.c_int(fd)
        return self.call('hoga_subscribe', names, seconds, ctypes.byref(io_fd)) + (io_fd.value,)

    def eventfd(self, names, fd=-1, seconds=30):
        """(result, words, descriptor, eventfd)"""
        io_fd, event = ctypes.c_int(fd), ctypes.c_int(-1)
        return self.call('hoga_eventfd', names, seconds, ctypes.byref(io_fd),
                         ctypes.byref(event)) + (io_fd.value, event.value)

    def unsubscribe(self, names, fd, seconds=30):
        return self.call('hoga_unsubscribe', names, seconds, ctypes.c_int(fd))

    def find(self, name):
        """0, or a negative errno."""
        return self.lib.hoga_find(self.handle, name.encode(), ctypes.byref(ctypes.c_uint64()))

    def close(self):
        self.lib.hoga_close(self.handle)
