#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hoga_table.py - writes hoga_table.def: what libhoga's decimals and arithmetic must answer, computed with Python's
unlimited integers and fractions, which share nothing with the library. A test runs it again and compares.

    tests/unit/hoga_table.py > tests/unit/hoga_table.def
"""
import random
import re
import textwrap
from fractions import Fraction
from math import ceil, floor

LOW, HIGH = -(1 << 63), (1 << 63) - 1
OK, EINVAL, EDOM, ENOSPC, ERANGE, ENODATA = "0", "-EINVAL", "-EDOM", "-ENOSPC", "-ERANGE", "-ENODATA"
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")


def fits(value):
    return LOW <= value <= HIGH


def literal(value):
    return "INT64_MIN" if value == LOW else str(value)


def wide(value):
    value %= 1 << 128
    high, low = value >> 64, value % (1 << 64)
    return f"{literal(high - (1 << 64) if high >> 63 else high)}, {low}u"


def decimal(mantissa, decimals, fixed=False):
    digits = str(abs(mantissa)).rjust(decimals + 1, "0")
    whole, fraction = digits[:len(digits) - decimals], digits[len(digits) - decimals:]
    if not fixed:
        fraction = fraction.rstrip("0")
    return ("-" if mantissa < 0 else "") + whole + ("." + fraction if fraction else "")


def exact(text):
    """The value of a decimal; exponents of any size, so no power is ever computed for the absurd ones."""
    mantissa, _, exponent = text.lower().partition("e")
    exponent = int(exponent or "0")
    value = Fraction(mantissa if mantissa[-1] != "." else mantissa + "0")
    if value == 0:
        return value
    if abs(exponent) > 200:
        return Fraction(1, 3) if exponent < 0 else Fraction(10) ** 200  # neither fits anywhere
    return value * Fraction(10) ** exponent


def parse(text, decimals):
    if not NUMBER.match(text):
        return EINVAL, 0
    value = exact(text) * 10 ** decimals
    if value.denominator != 1 or not fits(value.numerator):
        return ERANGE, 0
    return OK, value.numerator


def parse_rows(rnd):
    texts = ["0", "-0", "+0", "0.0", "00012", "-3", "+7", ".5", "5.", "-.5", "1e3", "1E+3", "1.5e-1",
             "0e99999999999999999", "0.000e-99999", "1e-400", "1e400", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
             "-9223372036854775809", "18446744073709551615", "18446744073709551616", "9.223372036854775807",
             "922337203685477580.70", "1000000000000000000000e-21", "100000000000000000000000000000000000000e-38",
             "0.00000000000000000100", "0.0000000000000000001", "", ".", "-", "+", "e5", "1e", "1e+", "1e-", "--1",
             "+-1",
             "1.2.3", "1,5", " 1", "1 ", "0x10", "nan", "inf", "Infinity", "1_000", "1e5e5", "1.e2", ".e2", "\u0661"]
    rows = [(text, decimals) for text in texts for decimals in (0, 8)]
    for _ in range(40):
        mantissa = rnd.choice([rnd.randrange(LOW, HIGH + 1), rnd.randrange(-10**9, 99), rnd.randrange(10**18, 10**19)])
        decimals = rnd.randrange(0, 19)
        rows.append((decimal(mantissa, decimals) + rnd.choice(["", "", "e2", "E-3", "e0"]), rnd.randrange(0, 19)))
    for text, decimals in rows:
        r, mantissa = parse(text, decimals)
        yield f'PARSE_ROW("{text}", {decimals}, {r}, {literal(mantissa)})'


def format_rows(rnd):
    edges = [(0, 0), (0, 18), (1, 18), (-1, 18), (LOW, 0), (LOW, 18), (HIGH, 18), (5, 1), (-50, 2),
             (100, 2), (116501000, 0)]
    for mantissa, decimals in edges + [(rnd.randrange(LOW, HIGH + 1) >> rnd.randrange(0, 63), rnd.randrange(0, 19))
                                       for _ in range(30)]:
        yield (f'FORMAT_ROW({literal(mantissa)}, {decimals}, "{decimal(mantissa, decimals)}", '
               f'"{decimal(mantissa, decimals, True)}")')


def wide_rows(rnd):
    edges = [(0, 0), (0, 36), (-(1 << 127), 0), (-(1 << 127), 36), ((1 << 127) - 1, 36), (1, 36), (1 << 64, 0),
             (-(1 << 64), 1), (10**38, 36), (10**19, 19)]
    values = [rnd.randrange(-(1 << 127), 1 << 127) >> rnd.randrange(0, 127) for _ in range(30)]
    for value, decimals in edges + [(value, rnd.randrange(0, 37)) for value in values]:
        yield f'WIDE_ROW({wide(value)}, {decimals}, "{decimal(value, decimals)}")'


def answer(value):
    return f"{OK}, {literal(value)}" if fits(value) else f"{ERANGE}, 0"


def quote(bid, bid_size, ask, ask_size, tick):
    if bid_size <= 0 or ask_size <= 0:
        empty = f"{ENODATA}, 0"
        return f"{empty}, {empty}, {empty if tick > 0 else EINVAL + ', 0'}, {empty}"
    spread, mid = Fraction(ask - bid), Fraction(bid + ask, 2)
    ticks = f"{EINVAL}, 0" if tick <= 0 else answer(spread / tick) if spread % tick == 0 else f"{EDOM}, 0"
    bp = f"{EDOM}, 0" if mid <= 0 else answer(int(spread / mid * 1000000))  # int() cuts toward zero
    return f"{answer(int(mid * 10))}, {answer(int(spread))}, {ticks.replace('/1', '')}, {bp}"


def quote_rows(rnd):
    rows = [(100, 1, 101, 1, 1), (101, 1, 100, 1, 1), (100, 1, 100, 1, 1), (100, 0, 101, 1, 1), (100, 1, 101, 0, 1),
            (0, 0, 0, 0, 0), (100, 1, 107, 1, 5), (100, 1, 110, 1, 5), (110, 1, 100, 1, 5), (100, 1, 101, 1, 0),
            (100, 1, 101, 1, -1), (-5, 1, 5, 1, 1), (-7, 1, -3, 1, 2), (HIGH, 1, HIGH, 1, 1), (LOW, 1, HIGH, 1, 1),
            (LOW, 1, HIGH, 1, 3), (HIGH, 1, LOW, 1, 1), (HIGH - 2, 1, HIGH, 1, 2), (0, 1, HIGH, 1, HIGH),
            (LOW, 1, 0, 1, 7),
            (1 - HIGH, 1, HIGH, 1, 1), (HIGH // 5, 1, HIGH // 5, 1, 1), (HIGH // 10, 1, HIGH // 10, 1, 1),
            (116501000, 3, 116502000, 4, 1000)]
    for _ in range(24):
        bid = rnd.randrange(1, HIGH) >> rnd.randrange(0, 60)
        ask = min(HIGH, bid + (rnd.randrange(-HIGH, HIGH) >> rnd.randrange(20, 62)))
        rows.append((bid, rnd.randrange(1, HIGH), ask, rnd.randrange(1, HIGH), rnd.choice([1, 2, 5, 1000])))
    for row in rows:
        yield f"QUOTE_ROW({', '.join(literal(x) for x in row)}, {quote(*row)})"


def fill(is_buy, price_decimals, average_decimals, size, levels):
    left, notional = size, 0
    for price, level_size in levels:
        take = max(0, min(left, level_size))
        left, notional = left - take, notional + price * take
    filled = size - left
    if size <= 0:
        return f"{EINVAL}, 0, 0, 0, 0"
    if filled == 0:
        return f"{ENODATA}, 0, 0, 0, 0"
    exact_average = Fraction(notional, filled) * Fraction(10) ** (average_decimals - price_decimals)
    average = ceil(exact_average) if is_buy else floor(exact_average)
    if not fits(average):
        return f"{ERANGE}, {filled}, {wide(notional)}, 0"
    return f"{ENOSPC if left else OK}, {filled}, {wide(notional)}, {literal(average)}"


def fill_rows(rnd):
    rows = [(1, 0, 0, 5, []), (1, 0, 0, 0, [(100, 5)]), (0, 0, 0, -1, [(100, 5)]), (1, 2, 2, 5, [(100, 5)]),
            (1, 2, 2, 6, [(100, 5)]), (1, 2, 0, 3, [(100, 1), (101, 2)]), (0, 2, 0, 3, [(100, 1), (99, 2)]),
            (1, 0, 18, 3, [(1, 1), (2, 2)]), (0, 0, 18, 3, [(2, 1), (1, 2)]), (1, 0, 2, 2, [(0, 0), (7, 2)]),
            (0, 2, 1, 3, [(-101, 1), (-105, 2)]), (1, 2, 1, 3, [(-105, 1), (-101, 2)]),
            (1, 18, 0, HIGH, [(HIGH, HIGH)]),
            (1, 0, 18, 1, [(HIGH, 1)]), (0, 0, 0, HIGH, [(LOW, HIGH)]),
            (1, 18, 18, HIGH, [(HIGH, HIGH - 1), (HIGH, HIGH)]),
            (1, 0, 1, 7, [(HIGH // 10, 3), (HIGH // 10 + 1, 4)]), (1, 0, 0, 4, [(5, 0), (6, 0)])]
    for _ in range(30):
        shift = rnd.randrange(0, 62)
        is_buy = rnd.randrange(2)
        prices = sorted((rnd.randrange(1, HIGH) >> shift for _ in range(rnd.randrange(1, 4))), reverse=not is_buy)
        levels = [(price, rnd.randrange(1, HIGH) >> rnd.randrange(0, 62)) for price in prices]
        size = rnd.choice([1, levels[0][1], min(HIGH, sum(x[1] for x in levels)), rnd.randrange(1, HIGH)])
        rows.append((is_buy, rnd.randrange(0, 19), rnd.randrange(0, 19), size, levels))
    for is_buy, price_decimals, average_decimals, size, levels in rows:
        text = ", ".join(f"{{ {literal(p)}, {literal(s)} }}" for p, s in levels) or "{ 0, 0 }"
        total, limit = sum(s for _, s in levels), levels[len(levels) // 2][0] if levels else 0
        reach = 0
        for price, level_size in levels:
            if price > limit if is_buy else price < limit:
                break
            reach += level_size
        yield (f"FILL_ROW({is_buy}, {price_decimals}, {average_decimals}, {literal(size)}, {len(levels)}, "
               f"{fill(is_buy, price_decimals, average_decimals, size, levels)}, "
               f"{wide(total)}, {literal(limit)}, {wide(reach)}, {text})")


def main():
    print("""/* SPDX-License-Identifier: MIT
 * hoga_table.def - written by hoga_table.py; do not edit. What fails has 0 for its answers.
 *
 * PARSE_ROW(text, decimals, result, mantissa)      FORMAT_ROW(mantissa, decimals, "trimmed", "fixed")
 * WIDE_ROW(high, low, decimals, "text")
 * QUOTE_ROW(bid, bid_size, ask, ask_size, tick, and result and answer of: mid, spread, spread_ticks, spread_bp100)
 * FILL_ROW(is_buy, price_decimals, average_decimals, size, n, result, filled, notional_high, notional_low, average,
 *          cumulative_high, cumulative_low, size_to's price, size_to_high, size_to_low, levels...) */""")
    for name, rows in (("PARSE", parse_rows), ("FORMAT", format_rows), ("WIDE", wide_rows), ("QUOTE", quote_rows),
                       ("FILL", fill_rows)):
        print(f"#ifdef {name}_ROW")
        for row in rows(random.Random(name)):
            print(textwrap.fill(row, 118, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False))
        print("#endif")


main()
