# SPDX-License-Identifier: MIT
"""What pip asks to build the package (PEP 517, PEP 660): a wheel is an archive of hoga/*.py with three lists beside it. It
needs Python alone, so a virtual environment without setuptools, or with one that is too old to make wheels, will do. The
version is CMake's (the top CMakeLists.txt) and is written into the package."""
import base64
import hashlib
import io
import os
import re
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
WHEN = (1980, 1, 1, 0, 0, 0)  # the same sources make the same bytes


def version():
    made = os.path.join(HERE, 'hoga', '_version.py')  # of a source distribution
    top = os.path.join(HERE, '..', '..', 'CMakeLists.txt')
    path, expression = (made, r"'([0-9.]+)'") if os.path.exists(made) else (top, r'project\(hoga VERSION ([0-9.]+)')
    with open(path, encoding='utf-8') as f:
        return re.search(expression, f.read()).group(1)


def metadata():
    return ('Metadata-Version: 2.1\nName: hoga\nVersion: %s\nLicense: MIT\nRequires-Python: >=3.9\n'
            'Summary: Live order books from shared memory: the Python side of hoga\n'
            'Provides-Extra: qt\nRequires-Dist: PyQt6; extra == "qt"\n'
            'Provides-Extra: numpy\nRequires-Dist: numpy; extra == "numpy"\n' % version())


def modules():
    """The package's files by their names in the archive."""
    folder = os.path.join(HERE, 'hoga')
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(('.py', '.typed')) and name != '_version.py':
            with open(os.path.join(folder, name), 'rb') as f:
                found['hoga/' + name] = f.read()
    found['hoga/_version.py'] = b"# SPDX-License-Identifier: MIT\nVERSION = '%s'\n" % version().encode()
    return found


def wheel(folder, files):
    info = 'hoga-%s.dist-info/' % version()
    files = dict(files)
    files[info + 'METADATA'] = metadata().encode()
    files[info + 'WHEEL'] = b'Wheel-Version: 1.0\nGenerator: hoga\nRoot-Is-Purelib: true\nTag: py3-none-any\n'
    record = ''
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
        record += '%s,sha256=%s,%d\n' % (name, digest, len(data))
    files[info + 'RECORD'] = (record + info + 'RECORD,,\n').encode()
    archive = 'hoga-%s-py3-none-any.whl' % version()
    with zipfile.ZipFile(os.path.join(folder, archive), 'w', zipfile.ZIP_DEFLATED) as z:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            z.writestr(entry, data)
    return archive


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    del config_settings, metadata_directory
    return wheel(wheel_directory, modules())


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    del config_settings, metadata_directory
    return wheel(wheel_directory, {'hoga.pth': (HERE + '\n').encode()})


def build_sdist(sdist_directory, config_settings=None):
    del config_settings
    files, top = modules(), 'hoga-%s/' % version()
    files['PKG-INFO'] = metadata().encode()
    for name in ('backend.py', 'pyproject.toml', 'README.md'):
        with open(os.path.join(HERE, name), 'rb') as f:
            files[name] = f.read()
    archive = 'hoga-%s.tar.gz' % version()
    with tarfile.open(os.path.join(sdist_directory, archive), 'w:gz') as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(top + name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive
