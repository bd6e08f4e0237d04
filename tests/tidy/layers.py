# SPDX-License-Identifier: MIT
"""Who may include and link whom. The rule is the table in daemon/README.md; this file only reads and applies it."""
import os
import posixpath
import re

# Headers of the outside, by library. What is in no row has to be libc's.
LIBRARIES = [
    ('libevent', r'event2/'), ('lws', r'libwebsockets'), ('cJSON', r'cjson/'), ('openssl', r'openssl/'),
    ('libsystemd', r'systemd/'), ('inih', r'ini\.h$'), ('zstd', r'zstd'), ('ncursesw', r'n?curses|term\.h$'), ('gtk', r'gtk/|glib'),
]
LIBC = re.compile(r'(sys|linux|asm|netinet|arpa|net)/\w+\.h$|(assert|ctype|dirent|endian|err|errno|fcntl|fnmatch|getopt|'
                  r'grp|inttypes|iso646|limits|libgen|libintl|locale|math|netdb|paths|poll|pthread|pwd|resolv|sched|'
                  r'signal|stdalign|stdarg|stdbool|stddef|stdint|stdio|stdio_ext|stdlib|stdnoreturn|string|strings|syslog|'
                  r'sysexits|termios|time|unistd|wchar|immintrin|emmintrin|x86intrin|stdatomic|threads|uchar|wctype|'
                  r'langinfo|nl_types|execinfo|link|elf|byteswap|search|ftw|glob|regex|spawn|dlfcn|malloc)\.h$')
LINKS = {'EVENT': 'libevent', 'LWS': 'lws', 'CJSON': 'cJSON', 'SSL': 'openssl', 'SYSTEMD': 'libsystemd', 'INIH': 'inih',
         'ZSTD': 'zstd'}


def table(tree):
    """folder -> (allowed prefixes or files, allowed libraries), as the repository's paths."""
    rows = {}
    for line in tree.read('daemon/README.md').split('\n'):
        cells = [c.strip() for c in line.strip().strip('|').split('|')] if line.startswith('| `') else []
        if len(cells) != 3:
            continue
        allowed = [place(p) for p in re.findall(r'`([^`]+)`', cells[1])]
        rows[cells[0].strip('`').rstrip('/')] = (allowed, cells[2].split())
    return rows


def place(name):
    return name if name.startswith(('shm/', 'client/', 'daemon/')) else 'daemon/' + name


def resolve(tree, path, name):
    """The repository's path of an included file, or None when it is none of ours."""
    for base in (posixpath.dirname(path), 'daemon', '', 'client/include'):
        candidate = posixpath.normpath(posixpath.join(base, name))
        if os.path.isfile(os.path.join(tree.top, candidate)):
            return candidate
    return None


def includes(tree, path):
    for number, line in enumerate(tree.read(path).split('\n'), 1):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if found:
            yield number, found.group(1) == '<', found.group(2)


def row_of(rows, path):
    """The row of the innermost folder that has one."""
    folder = posixpath.dirname(path)
    while folder and folder not in rows:
        folder = posixpath.dirname(folder)
    return folder


def allowed_file(rows, folder, target):
    if row_of(rows, target) == folder:
        return True
    return any(target == a or (a.endswith('/') and target.startswith(a)) for a in rows[folder][0])


def allowed_system(rows, folder, name):
    for library, expression in LIBRARIES:
        if re.match(expression, name):
            return library in rows[folder][1]
    return bool(LIBC.match(name))


def check_includes(tree):
    rows = table(tree)
    if len(rows) < 10:
        yield 'daemon/README.md: the layer table cannot be read'
        return
    for path in tree.files(('shm', 'daemon', 'client', 'tests/sim'), 'chd'):
        folder = row_of(rows, path)
        if not folder:
            yield '%s: no row of the layer table covers it' % path
            continue
        for number, is_system, name in includes(tree, path):
            target = resolve(tree, path, name)
            if target and not (is_system and LIBC.match(name)):
                if not allowed_file(rows, folder, target):
                    yield '%s:%d: %s may not include %s' % (path, number, folder, target)
            elif is_system and not allowed_system(rows, folder, name):
                yield '%s:%d: %s may not include <%s>' % (path, number, folder, name)
            elif not is_system and not target:
                yield '%s:%d: "%s" is not found' % (path, number, name)


def check_links(tree):
    """hoga_layer(NAME FOLDER LINKS...): links among layers are includes written a second time; keep them agreed."""
    rows = table(tree)
    folders = {}
    for name, folder, links in re.findall(r'^hoga_layer\((\w+) ([^\s)]+)([^)]*)\)', tree.read('CMakeLists.txt'), re.M):
        folders[name] = folder
        for link in links.split():
            if link.startswith('PkgConfig::'):
                library = LINKS.get(link[11:], link)
                if folder in rows and library not in rows[folder][1]:
                    yield 'CMakeLists.txt: %s may not link %s' % (folder, library)
            elif link in folders and folder in rows:
                if not any(a.startswith(folders[link] + '/') for a in rows[folder][0]):
                    yield 'CMakeLists.txt: %s may not link %s' % (folder, folders[link])
    if not folders:
        yield 'CMakeLists.txt: no hoga_layer() found'
