# SPDX-License-Identifier: MIT
"""Words, numbers and colours of hoga.qt: hoga's own translations, exact numbers with thousands apart."""
from __future__ import annotations

import gettext as _gettext
import locale
import os
from decimal import Decimal

from PyQt6.QtGui import QColor

from . import _native


def translation() -> _gettext.NullTranslations:
    """hoga's own catalogue, of HOGA_LOCALEDIR or beside the library; English where there is none."""
    here = os.path.dirname(os.path.abspath(_native.__file__))
    beside = os.path.dirname(os.path.realpath(_native.lib._name))  # PREFIX/lib, PREFIX/lib/x86_64-linux-gnu
    folders = [os.environ.get('HOGA_LOCALEDIR'), os.path.join(here, '..', '..', '..', '..', 'share', 'locale'),
               os.path.join(beside, '..', 'share', 'locale'), os.path.join(beside, '..', '..', 'share', 'locale'),
               '/usr/local/share/locale', None]
    for folder in folders:
        try:
            return _gettext.translation('hoga', folder)
        except OSError:
            continue
    return _gettext.NullTranslations()


_ = translation().gettext


def is_korean() -> bool:
    words = os.environ.get('LANGUAGE') or locale.setlocale(locale.LC_MESSAGES, None)
    return words.startswith('ko')


class Colours:
    """Of one style on a light or a dark ground. Colour is never the only sign: sides have their place, changes a sign."""

    def __init__(self, is_korean: bool, is_dark: bool) -> None:
        red, blue, green = ('#ff6b6b', '#6ea8fe', '#5ad18a') if is_dark else ('#c9212e', '#1857c4', '#0a7d3b')
        self.is_korean = is_korean
        self.up, self.down = QColor(red if is_korean else green), QColor(blue if is_korean else red)
        self.ask, self.bid = QColor(blue if is_korean else red), QColor(red if is_korean else green)
        self.alarm, self.alarm_text = QColor('#b3001b'), QColor('#ffffff')
        self.pretend, self.pretend_text = QColor('#ffd23f'), QColor('#1a1a1a')
        self.flash = QColor('#ffe066' if not is_dark else '#8a7a1f')

    def ground(self, side: str) -> QColor:
        colour = QColor(self.ask if side == 'ask' else self.bid)
        colour.setAlpha(28 if self.is_korean else 0)
        return colour

    def bar(self, side: str) -> QColor:
        colour = QColor(self.ask if side == 'ask' else self.bid)
        colour.setAlpha(90)
        return colour


def number(value: Decimal, decimals: int) -> str:
    """With thousands apart and at least so many decimals; exact, whatever the decimal context is."""
    text = format(value, 'f')
    whole, _point, rest = text.partition('.')
    sign, whole = ('-', whole[1:]) if whole.startswith('-') else ('', whole)
    groups: list[str] = []
    while len(whole) > 3:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    rest = rest.rstrip('0').ljust(decimals, '0')
    return sign + ','.join([whole, *groups]) + ('.' + rest if rest else '')


def fit(value: Decimal, decimals: int, columns: int) -> str:
    """The same in so many columns: zeros go first, then what is behind the point, for which a ~ stands, then the commas;
    # where even the rest has no room."""
    text = number(value, decimals)
    if len(text) > columns:
        text = number(value, 0)
    for words in (text, text.replace(',', '')):
        if len(words) <= columns:
            return words
        if len(words.partition('.')[0]) < columns:
            return words[:columns - 1] + '~'
    return '#' * columns


def decimals_of(value: Decimal) -> int:
    return len(format(value, 'f').partition('.')[2].rstrip('0'))


def percent(ppm: int, sign: bool = True) -> str:
    hundredths = (abs(ppm) + 50) // 100
    return '%s%d.%02d %%' % ('' if hundredths == 0 else '-' if ppm < 0 else '+' if sign else '', hundredths // 100,
                             hundredths % 100)


def share(ppm: int) -> str:
    """A spread, or how far an order moves the price: finer where hundredths of a percent say little."""
    if ppm == 0 or abs(ppm) >= 1000:
        return percent(ppm, False)
    return '%s0.%04d %%' % ('-' if ppm < 0 else '', abs(ppm))


def age(ns: int) -> str:
    if ns < 0:
        return '-'
    if ns < 1_000_000_000:
        return _('%lld ms').replace('%lld', str(ns // 1_000_000))
    return _('%lld s').replace('%lld', str(ns // 1_000_000_000))
