# SPDX-License-Identifier: MIT
"""Was the program built with AddressSanitizer? It keeps freed memory, and its search for leaks takes time at the end."""
import hoga_test as t


def is_sanitized(name='hogad'):
    with open(t.program(name), 'rb') as file:
        return b'__asan_init' in file.read()
