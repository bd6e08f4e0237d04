# SPDX-License-Identifier: MIT
"""libhoga through ctypes: the library is found and checked, its structs and functions are declared. The structs are
those of <hoga/hoga.h> and <hoga/ladder.h>; a test of hoga's holds every size and offset against the compiler's."""
from __future__ import annotations

import ctypes as c
import os
import re
import sys
import sysconfig

SONAME = 'libhoga.so.0'
NAME_SIZE = 64
DECIMAL_SIZE = 24
SUM_SIZE = 48
LADDER_STEPS_MAX = 24
LADDER_TRADES_MAX = 64
TRADES_OLDEST, TRADES_LAST = 0, 2**64 - 1


class LibraryError(ImportError):
    """libhoga is absent, too old or foreign; the text says where it was looked for and what to do."""


def _version() -> str:
    try:
        from ._version import VERSION  # type: ignore[import]  # written when the package is built or installed
        return VERSION
    except ImportError:  # the source tree
        top = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'CMakeLists.txt')
        with open(top, encoding='utf-8') as f:
            found = re.search(r'project\(hoga VERSION ([0-9.]+)', f.read())
        return found.group(1) if found else '0'


__version__ = _version()


def _candidates() -> list[str]:
    """Where the library may be, best first: HOGA_LIBRARY alone where it is set."""
    named = os.environ.get('HOGA_LIBRARY')
    if named:
        return [named]
    here = os.path.dirname(os.path.abspath(__file__))
    multiarch = sysconfig.get_config_var('MULTIARCH') or ''
    prefixes = ['/usr/local', '/usr']
    above = here
    while os.path.dirname(above) != above:  # cmake --install: PREFIX/lib/python3/dist-packages/hoga
        above = os.path.dirname(above)
        if os.path.basename(above) == 'lib':
            prefixes.insert(0, os.path.dirname(above))
            break
    folders = [os.path.join(p, 'lib', m) for p in prefixes for m in ([multiarch, ''] if multiarch else [''])]
    return [SONAME] + [os.path.join(f, SONAME) for f in dict.fromkeys(folders)]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r'\d+', version)[:3])


def _load() -> c.CDLL:
    tried, old = [], []
    for path in _candidates():
        try:
            library = c.CDLL(path, use_errno=False)
        except OSError as error:
            tried.append('%s (%s)' % (path, error))
            continue
        try:
            library.hoga_version.restype = c.c_char_p
            found = library.hoga_version().decode()
        except AttributeError:
            raise LibraryError('%s is not libhoga' % path) from None
        if _numbers(found) >= _numbers(__version__):
            return library
        old.append('%s is %s' % (path, found))  # another prefix may have the one that came with this module
    if old:
        raise LibraryError(
            'libhoga is older than this module: %s, hoga for Python is %s: install hoga %s '
            '(sudo cmake --install build/release), or the module that came with the library' %
            (', '.join(old), __version__, __version__))
    raise LibraryError(
        'libhoga %s or newer was not found: tried %s: install hoga (sudo cmake --install build/release), or name the '
        'library: HOGA_LIBRARY=/path/to/%s' % (__version__, '; '.join(tried), SONAME))


# --- structs ---------------------------------------------------------------------------------------------------------

Id = c.c_uint64


class Struct(c.Structure):
    """Named as in the header, hoga_ left out."""


class Wide(Struct):
    _fields_ = [('low', c.c_uint64), ('high', c.c_int64)]

    def __int__(self) -> int:
        return (self.high << 64) + self.low


class Level(Struct):
    _fields_ = [('price', c.c_int64), ('size', c.c_int64)]


class Problem(Struct):
    _fields_ = [('error', c.c_int), ('what', c.c_char * 256), ('why', c.c_char * 512), ('remedy', c.c_char * 256)]


class Book(Struct):
    _fields_ = [('id', Id), ('state', c.c_uint8), ('reason', c.c_uint8), ('source', c.c_uint8), ('proof', c.c_uint8),
                ('price_decimals', c.c_uint8), ('size_decimals', c.c_uint8), ('connection', c.c_uint16),
                ('n_bids', c.c_uint32), ('n_asks', c.c_uint32), ('bid', Level), ('ask', Level),
                ('update', c.c_uint64), ('applied', c.c_uint64), ('epoch', c.c_uint64), ('since_ns', c.c_int64),
                ('venue_ns', c.c_int64), ('recv_ns', c.c_int64), ('publish_ns', c.c_int64),
                ('changed_age_ns', c.c_int64), ('heard_age_ns', c.c_int64)]


class Info(Struct):
    _fields_ = [('id', Id), ('name', c.c_char * NAME_SIZE), ('venue', c.c_char * 16), ('symbol', c.c_char * 48),
                ('since_ns', c.c_int64), ('depth', c.c_uint32)]


class Connection(Struct):
    _fields_ = [('venue', c.c_char * 16), ('state', c.c_uint8), ('reason', c.c_uint8), ('source', c.c_uint8),
                ('n_books', c.c_uint32), ('since_ns', c.c_int64), ('heard_age_ns', c.c_int64),
                ('round_trip_ns', c.c_int64), ('n_connects', c.c_uint64), ('blind_ms_max', c.c_uint32),
                ('http_status', c.c_uint32), ('next_dial_ns', c.c_int64)]


class Daemon(Struct):
    _fields_ = [('version', c.c_char * 32), ('path', c.c_char * 256), ('abi_major', c.c_uint32),
                ('abi_minor', c.c_uint32), ('epoch', c.c_uint64), ('pid', c.c_uint64), ('is_alive', c.c_uint8),
                ('is_stopped', c.c_uint8), ('source', c.c_uint8), ('heartbeat_age_ns', c.c_int64),
                ('books_max', c.c_uint32), ('depth', c.c_uint32), ('n_books', c.c_uint32),
                ('n_connections', c.c_uint32), ('blind_ms_max', c.c_uint64)]


class Counter(Struct):
    _fields_ = [('name', c.c_char * 40), ('unit', c.c_char * 16), ('value', c.c_uint64)]


class Latency(Struct):
    _fields_ = [('venue', c.c_char * 16), ('name', c.c_char * 24), ('count', c.c_uint64), ('sum_ns', c.c_uint64),
                ('max_ns', c.c_uint64), ('p50_ns', c.c_uint64), ('p90_ns', c.c_uint64), ('p99_ns', c.c_uint64),
                ('p999_ns', c.c_uint64)]


class Tick(Struct):
    _fields_ = [('from_', c.c_int64), ('tick', c.c_int64)]


class Instrument(Struct):
    _fields_ = [('name', c.c_char * NAME_SIZE), ('venue', c.c_char * 16), ('symbol', c.c_char * 48),
                ('base', c.c_char * 24), ('quote', c.c_char * 24), ('status', c.c_char * 24),
                ('name_korean', c.c_char * 64), ('name_english', c.c_char * 64), ('cautions', c.c_char * 128),
                ('listed', c.c_uint8), ('has_warnings', c.c_uint8), ('warnings', c.c_uint8),
                ('is_tick_now', c.c_uint8), ('has_lot', c.c_uint8), ('has_size_min', c.c_uint8),
                ('has_value_min', c.c_uint8), ('lot_decimals', c.c_uint8), ('size_min_decimals', c.c_uint8),
                ('value_min_decimals', c.c_uint8), ('n_ticks', c.c_uint8), ('tick_decimals', c.c_uint8),
                ('n_groups', c.c_uint8), ('group_decimals', c.c_uint8), ('lot', c.c_int64), ('size_min', c.c_int64),
                ('value_min', c.c_int64), ('fetched_ns', c.c_int64), ('ticks', Tick * 16), ('groups', c.c_int64 * 12)]


class Trade(Struct):
    _fields_ = [('number', c.c_uint64), ('id', c.c_uint64), ('price', c.c_int64), ('size', c.c_int64),
                ('venue_ns', c.c_int64), ('recv_ns', c.c_int64), ('update', c.c_uint64), ('reserved', c.c_uint32),
                ('price_decimals', c.c_uint8), ('size_decimals', c.c_uint8), ('side', c.c_uint8),
                ('is_after_gap', c.c_uint8)]


class Fact(Struct):
    _fields_ = [('mantissa', c.c_int64), ('decimals', c.c_uint8), ('is_known', c.c_uint8)]


class Day(Struct):
    _fields_ = [('id', Id), ('last', Fact), ('previous_close', Fact), ('change', Fact), ('open', Fact), ('high', Fact),
                ('low', Fact), ('volume', Fact), ('value', Fact), ('bid_total', Fact), ('ask_total', Fact),
                ('update', c.c_uint64), ('totals_update', c.c_uint64), ('last_ns', c.c_int64),
                ('venue_ns', c.c_int64), ('recv_ns', c.c_int64), ('period', c.c_uint8)]


class LadderRow(Struct):
    _fields_ = [('side', c.c_uint8), ('is_best', c.c_uint8), ('is_last', c.c_uint8), ('is_chosen', c.c_uint8),
                ('has_change', c.c_uint8), ('flash', c.c_uint8), ('flash_way', c.c_int8), ('bar', c.c_uint16),
                ('price', c.c_int64), ('change_ppm', c.c_int64), ('amount', Wide), ('size', Wide), ('money', Wide),
                ('total_size', Wide), ('total_money', Wide)]


class LadderView(Struct):
    _fields_ = [('version', c.c_uint64), ('name', c.c_char * NAME_SIZE), ('is_found', c.c_uint8),
                ('is_frozen', c.c_uint8), ('is_held', c.c_uint8), ('is_grouped_by_venue', c.c_uint8),
                ('state', c.c_uint8), ('reason', c.c_uint8), ('source', c.c_uint8), ('column', c.c_uint8),
                ('book', Book), ('shown', Book), ('frozen_ns', c.c_int64), ('price_decimals', c.c_uint),
                ('size_decimals', c.c_uint), ('money_decimals', c.c_uint), ('amount_decimals', c.c_uint),
                ('step', c.c_char * DECIMAL_SIZE),
                ('wanted', c.c_char * NAME_SIZE), ('rows', c.POINTER(LadderRow)), ('n_rows', c.c_uint32),
                ('boundary', c.c_uint32), ('n_above', c.c_uint32), ('n_below', c.c_uint32), ('spread_way', c.c_int8),
                ('has_spread', c.c_uint8), ('has_spread_ticks', c.c_uint8), ('has_imbalance', c.c_uint8),
                ('has_instrument', c.c_uint8), ('has_day', c.c_uint8), ('spread', c.c_int64),
                ('spread_ppm', c.c_int64), ('spread_ticks', c.c_int64), ('imbalance_ppm', c.c_int64),
                ('ask_size', Wide), ('bid_size', Wide), ('ask_money', Wide), ('bid_money', Wide),
                ('instrument', Instrument), ('day', Day), ('has_last_change', c.c_uint8),
                ('last_change_ppm', c.c_int64), ('n_trades', c.c_uint32), ('trades', Trade * LADDER_TRADES_MAX)]


class LadderOrder(Struct):
    _fields_ = [('is_buy', c.c_uint8), ('is_partly', c.c_uint8), ('has_minimum', c.c_uint8),
                ('is_below_minimum', c.c_uint8), ('size', c.c_int64), ('filled', c.c_int64), ('average', c.c_int64),
                ('average_decimals', c.c_uint), ('worst', c.c_int64), ('impact_ppm', c.c_int64), ('money', Wide),
                ('fee', Wide), ('sum', Wide)]


# --- functions -------------------------------------------------------------------------------------------------------

_H, _U32, _I64, _INT, _TEXT, _P = c.c_void_p, c.c_uint32, c.c_int64, c.c_int, c.c_char_p, c.POINTER
_PROTOTYPES = {
    'hoga_open': (_INT, _P(_H), _TEXT, _P(Problem)),
    'hoga_open_wait': (_INT, _P(_H), _TEXT, _I64, _P(Problem)),
    'hoga_close': (_H, _H),
    'hoga_find': (_INT, _H, _TEXT, _P(Id)),
    'hoga_list': (_INT, _H, _P(Id), c.c_size_t),
    'hoga_info': (_INT, _H, Id, _P(Info)),
    'hoga_daemon': (_INT, _H, _P(Daemon)),
    'hoga_connection': (_INT, _H, _U32, _P(Connection)),
    'hoga_counter': (_INT, _H, _U32, _P(Counter)),
    'hoga_latency': (_INT, _H, _U32, _P(Latency)),
    'hoga_catalogue_next': (_INT, _H, _P(_U32), _P(Instrument)),
    'hoga_catalogue_find': (_INT, _H, _TEXT, _P(Instrument)),
    'hoga_catalogue_version': (c.c_uint64, _H),
    'hoga_read_top': (_INT, _H, Id, _I64, _P(Book)),
    'hoga_read': (_INT, _H, Id, _I64, _P(Book), _P(Level), _P(Level), _U32),
    'hoga_update': (c.c_uint64, _H, Id),
    'hoga_wait': (_INT, _H, Id, c.c_uint64, c.c_uint8, _I64),
    'hoga_wait_any': (_INT, _H, _P(Id), c.c_size_t, _P(c.c_uint64), _P(c.c_uint8), _I64),
    'hoga_trades': (_INT, _H, Id, _P(c.c_uint64), _P(Trade), _U32, _P(c.c_uint64)),
    'hoga_trades_newest': (c.c_uint64, _H, Id),
    'hoga_wait_trades': (_INT, _H, Id, c.c_uint64, _I64),
    'hoga_day': (_INT, _H, Id, _P(Day)),
    'hoga_side_word': (_TEXT, c.c_uint),
    'hoga_period_word': (_TEXT, c.c_uint),
    'hoga_subscribe': (_INT, _H, _P(_TEXT), c.c_size_t, _I64, _P(_INT), _P(Problem)),
    'hoga_unsubscribe': (_INT, _H, _P(_TEXT), c.c_size_t, _I64, _INT, _P(Problem)),
    'hoga_state_word': (_TEXT, c.c_uint),
    'hoga_reason_word': (_TEXT, c.c_uint),
    'hoga_reason_sentence': (_TEXT, c.c_uint),
    'hoga_source_word': (_TEXT, c.c_uint),
    'hoga_proof_word': (_TEXT, c.c_uint),
    'hoga_listed_word': (_TEXT, c.c_uint),
    'hoga_version': (_TEXT,),
    'hoga_ladder_new': (_INT, _H, _P(_H)),
    'hoga_ladder_free': (_H, _H),
    'hoga_ladder_name_set': (_INT, _H, _TEXT),
    'hoga_ladder_update': (_INT, _H, _I64),
    'hoga_ladder_view': (_P(LadderView), _H),
    'hoga_ladder_rows_set': (None, _H, _U32),
    'hoga_ladder_column_set': (None, _H, c.c_uint),
    'hoga_ladder_group_set': (_INT, _H, _TEXT),
    'hoga_ladder_group_move': (_INT, _H, _INT),
    'hoga_ladder_steps': (_U32, _H, _P(c.c_char * DECIMAL_SIZE)),
    'hoga_ladder_freeze': (None, _H, _INT),
    'hoga_ladder_centre': (None, _H),
    'hoga_ladder_scroll': (None, _H, _INT),
    'hoga_ladder_pointer': (None, _H, _INT),
    'hoga_ladder_choose': (None, _H, _INT),
    'hoga_ladder_order': (_INT, _H, _INT, _I64, _U32, _P(LadderOrder)),
    'hoga_ladder_order_to': (_INT, _H, _INT, _U32, _P(LadderOrder)),
}


def _declare(library: c.CDLL) -> c.CDLL:
    for name, (result, *arguments) in _PROTOTYPES.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise LibraryError('libhoga %s lacks %s, which hoga for Python %s needs: install the library and the module '
                               'of one version' % (library.hoga_version().decode(), name, __version__)) from None
        function.restype = result
        function.argtypes = arguments
    return library


lib = _declare(_load())
if sys.byteorder != 'little':
    raise LibraryError('segments are little endian, and this machine is not')
