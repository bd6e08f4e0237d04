# SPDX-License-Identifier: MIT
"""The files of the project as the rules see them: sorted, without what is built."""
import os

LETTERS = {'.c': 'c', '.h': 'h', '.def': 'd', '.py': 'p', '.sh': 's', '.md': 'm'}
# Data and forms that have no place for a comment, and texts that are not ours to mark.
DATA = ('.json', '.jsonl', '.zst', '.bin', '.seed', '.svg', '.png', '.pem', '.abi', '.golden', '.expected', '.trace', '.txt')
DATA_FOLDERS = ('tests/fuzz/corpus', 'tests/fuzz/corpora', 'tests/fuzz/seeds', 'tests/replay/captures')


def words(*parts):
    """An expression put together here, so that the file that names a forbidden word does not hold it."""
    return ''.join(parts)


def is_built(name):
    return name == 'build' or name.startswith('build-') or name in ('.git', '__pycache__', '.cache')


def find_paths(top):
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(d for d in folders if not is_built(d))
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), top)
            if not name.endswith(('.o', '.pyc')) and path != '.git':
                yield path


class Tree:
    """kinds: c, h, d (.def), p Python, s shell, m Markdown, o other text that can hold a comment."""

    def __init__(self, top):
        self.top = top
        self.paths = list(find_paths(top))
        self.texts = {}

    def read(self, path):
        if path not in self.texts:
            with open(os.path.join(self.top, path), encoding='utf-8', errors='replace') as f:
                self.texts[path] = f.read()
        return self.texts[path]

    def has(self, path):
        return os.path.exists(os.path.join(self.top, path))

    def size(self, path):
        return os.lstat(os.path.join(self.top, path)).st_size

    def is_executable(self, path):
        return bool(os.lstat(os.path.join(self.top, path)).st_mode & 0o100)

    def starts_with_bang(self, path):
        with open(os.path.join(self.top, path), 'rb') as f:
            return f.read(2) == b'#!'

    def kind(self, path):
        letter = LETTERS.get(os.path.splitext(path)[1])
        if letter:
            return letter
        if path.endswith(DATA) or path == 'LICENSE' or path.startswith(DATA_FOLDERS):
            return ''
        if not self.starts_with_bang(path):
            return 'o'
        first = self.read(path).split('\n')[0]
        return 'p' if 'python' in first else 's' if 'sh' in first else 'o'

    def files(self, folders, kinds):
        for path in self.paths:
            if any(f == '' or path.startswith(f + '/') for f in folders) and self.kind(path) in list(kinds):
                yield path


def lines_of(tree, path):
    return enumerate(tree.read(path).split('\n'), 1)
