#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every rule of tidy.py finds what it forbids and is silent about a tree that keeps to it."""
import os
import shutil
import sys
import tempfile

import documented_sample
import tidy
from tree import Tree, words

SPDX_C = '/* SPDX-License-Identifier: MIT */\n'
SPDX = '# SPDX-License-Identifier: MIT\n'
TABLE = ('<!-- SPDX-License-Identifier: MIT -->\n' + '\n'.join('| `%s/` | %s | |' % row for row in [
    ('shm', ''), ('daemon/core', '`shm/verdict.def`'), ('daemon/loop', '`core/`'), ('daemon/net', '`core/` `loop/`'),
    ('daemon/feed', '`core/` `book/`'), ('daemon/venue', '`core/`'), ('daemon/book', '`core/`'),
    ('daemon', '`core/`'), ('client/lib', '`shm/`'), ('client/cli', '`client/include/`'), ('tests/sim', '`core/text.h`')])
    + '\n')
GOOD = {
    'CMakeLists.txt': SPDX + 'hoga_layer(core daemon/core)\nhoga_layer(venue daemon/venue core)\n',
    'daemon/README.md': TABLE,
    'daemon/venue/venues.def': SPDX_C + 'VENUE_ROW(toy, toy, simulator)\n',
    'daemon/venue/toy.c': SPDX_C + '#include "core/text.h"\n#include <stdint.h>\n\nint toy(int x)\n{\n    return x;\n}\n',
    'daemon/core/text.h': SPDX_C + 'int text_size(const char *text);\n',
    'daemon/road.ld': SPDX_C + 'SECTIONS { .text.road : { *(.text.toy .text.toy.*) } }\n',
    'tests/sim/dialect_toy.c': SPDX_C + '#include "core/text.h"\n',
    'systemd/hogad.service': SPDX + '# --- what the process cannot do, see hogad@.service\nUMask=0077\n',
    'systemd/hogad@.service': SPDX + '# --- what the process cannot do, see hogad.service\nUMask=0077\n',
    'tests/run': '#!/bin/bash\n' + SPDX,
    '.clang-format': SPDX + 'BasedOnStyle: LLVM\nIndentWidth: 4\nBreakBeforeBraces: Linux\nAllowShortFunctionsOnASingleLine: None\n',
}
RUN_BITS = ('tests/run',)
LONG = SPDX_C + 'int f(void)\n{\n' + '    f();\n' * 72 + '}\n'
# rule, file, text: each has to be found.
BAD = [
    ('words', 'shm/a.c', SPDX_C + 'static %s x;\n' % words('flo', 'at')),
    ('words', 'daemon/core/a.h', SPDX_C + '/* a %s */\n' % words('dou', 'ble')),
    ('words', 'tests/unit/a.c', SPDX_C + 'static %s int x;\n' % words('vola', 'tile')),
    ('words', 'client/cli/a.c', SPDX_C + 'void f(void)\n{\n    %s out;\n}\n' % words('go', 'to')),
    ('words', 'daemon/venue/a.c', SPDX_C + '#include <cjson/cJSON.h>\n'),
    ('words', 'daemon/feed/a.c', SPDX_C + 'int x = %s(&y, 0);\n' % words('__atomic_', 'load_n')),
    ('words', 'daemon/book/a.c', SPDX_C + 'void f(void)\n{\n    log_warn("book.gap");\n}\n'),
    ('words', 'shm/a.c', SPDX_C + 'void f(void)\n{\n    printf("x");\n}\n'),
    ('words', 'daemon/book/a.c', SPDX_C + '#include "core/clock.h"\n'),
    ('words', 'daemon/feed/a.c', SPDX_C + 'void f(void)\n{\n    clock_gettime(0, 0);\n}\n'),
    ('words', 'client/cli/a.c', SPDX_C + 'void f(void)\n{\n    %s(a, b);\n}\n' % words('str', 'cpy')),
    ('words', 'tests/e2e/a.py', SPDX + words('time.sle', 'ep(1)\n')),
    ('words', 'tests/stress/a.c', SPDX_C + 'void f(void)\n{\n    %s(1);\n}\n' % words('usle', 'ep')),
    ('words', 'tests/a.sh', SPDX + words('sle', 'ep 1\n')),
    ('words', 'daemon/net/a.c', SPDX_C + '/* %s: later */\n' % words('TO', 'DO')),
    ('words', 'README.md', words('not imple', 'mented\n')),
    ('words', 'tests/e2e/a.py', SPDX + 'path = "%s"\n' % words('/wo', 'rk/main/x')),
    ('layers', 'daemon/book/a.c', SPDX_C + '#include "feed/feed.h"\n'),
    ('layers', 'daemon/book/a.c', SPDX_C + '#include "../net/ws.h"\n'),
    ('layers', 'daemon/venue/a.c', SPDX_C + '#include "shm/abi.h"\n'),
    ('layers', 'daemon/core/a.c', SPDX_C + '#include <event2/event.h>\n'),
    ('layers', 'shm/a.c', SPDX_C + '#include <unknown.h>\n'),
    ('layers', 'client/cli/a.c', SPDX_C + '#include "shm/abi.h"\n'),
    ('layers', 'tests/sim/a.c', SPDX_C + '#include "daemon/venue/toy.h"\n'),
    ('layers', 'other/../daemon/net/a.c', SPDX_C + '#include "venue/toy.h"\n'),
    ('layers', 'CMakeLists.txt', SPDX + 'hoga_layer(net daemon/net)\nhoga_layer(venue daemon/venue net)\n'),
    ('layers', 'CMakeLists.txt', SPDX + 'hoga_layer(venue daemon/venue PkgConfig::CJSON)\n'),
    ('layers', 'daemon/README.md', 'no table\n'),
    ('length', 'shm/a.c', LONG),
    ('length', 'shm/a.c', SPDX_C + '\n' * 501),
    ('length', 'shm/a.c', SPDX_C + '/* %s */\n' % ('x' * 120)),
    ('spdx', 'shm/a.c', 'int x;\n'),
    ('spdx', 'conf/a.conf', 'x\n'),
    ('headers', 'shm/a.h', SPDX_C + 'uint32_t x(void);\n'),
    ('headers', 'client/include/hoga/a.h', SPDX_C + 'int f(int class);\n'),
    ('format', 'shm/a.c', SPDX_C + 'int f( void ){return 0;}\n'),
    ('names', 'src/a.c', SPDX_C),
    ('names', 'tests/tool', '#!/bin/sh\n' + SPDX),
    ('names', 'tests/big.bin', 'x' * ((1 << 20) + 1)),
    ('units', 'systemd/hogad@.service', SPDX + '# --- what the process cannot do, see there\nUMask=0022\n'),
    ('road', 'daemon/road.ld', SPDX_C + 'SECTIONS { .text.road : { *(.text.toy .text.nobody) } }\n'),
    ('venues', 'daemon/venue/venues.def', SPDX_C + 'VENUE_ROW(toy, toy, simulator)\nVENUE_ROW(other, other, simulator)\n'),
] + documented_sample.BAD
# What the bad lines above include has to exist, in every tree.
SEAMS = ('daemon/feed/feed.h', 'daemon/net/ws.h', 'shm/abi.h', 'daemon/venue/toy.h', 'daemon/core/clock.h')


def write_tree(top, files):
    for path, text in files.items():
        path = os.path.normpath(os.path.join(top, path))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
    for path in RUN_BITS:
        if path in files:
            os.chmod(os.path.join(top, path), 0o755)


def findings(rule, files):
    top = tempfile.mkdtemp(prefix='hoga-tidy.')
    try:
        write_tree(top, files)
        return list(tidy.RULES[rule](Tree(top)))
    finally:
        shutil.rmtree(top)


def main():
    goods = {rule: dict(GOOD, **{path: SPDX_C for path in SEAMS}) for rule in tidy.RULES}
    goods['documented'] = documented_sample.GOOD
    goods['translated'] = documented_sample.PO_GOOD
    failures = 0
    for rule in tidy.RULES:
        if tidy.missing_tool(rule):
            continue
        for finding in findings(rule, goods[rule]):
            print('%s: a good tree is found bad: %s' % (rule, finding))
            failures += 1
        if not any(bad[0] == rule for bad in BAD):
            print('%s: nothing shows that this rule can fail' % rule)
            failures += 1
    for rule, path, text in BAD:
        if not tidy.missing_tool(rule) and not findings(rule, dict(goods[rule], **{path: text})):
            print('%s: not found in %s:\n%s' % (rule, path, text[:200]))
            failures += 1
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
