# SPDX-License-Identifier: MIT
"""The version is CMake's (the top CMakeLists.txt) and is written into the package when it is built; everything else is
here. No compiled part: libhoga is found when the package is imported."""
import os
import re

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = os.path.dirname(os.path.abspath(__file__))


def version():
    made = os.path.join(HERE, 'hoga', '_version.py')  # of a source distribution
    top = os.path.join(HERE, '..', '..', 'CMakeLists.txt')
    path, expression = (top, r'project\(hoga VERSION ([0-9.]+)') if os.path.exists(top) else (made, r"'([0-9.]+)'")
    with open(path, encoding='utf-8') as f:
        return re.search(expression, f.read()).group(1)


class Build(build_py):
    def run(self):
        super().run()
        with open(os.path.join(self.build_lib, 'hoga', '_version.py'), 'w', encoding='utf-8') as f:
            f.write("# SPDX-License-Identifier: MIT\nVERSION = '%s'\n" % version())


setup(
    name='hoga',
    version=version(),
    description='Live order books from shared memory: the Python side of hoga',
    license='MIT',
    python_requires='>=3.9',
    packages=['hoga'],
    package_data={'hoga': ['py.typed']},
    extras_require={'qt': ['PyQt6'], 'numpy': ['numpy']},
    cmdclass={'build_py': Build},
    zip_safe=False,
)
