#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hoga_library.py - what others get of libhoga: its symbols and dependencies, the header in C11 and C++, and the
examples, built with pkg-config against an installed library and run on a real segment in another process."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADERS = ("hoga.h", "ladder.h")
TIMEOUT_S = 120
TRIES = 10
failures = []


def check(is_fine, what):
    print(("ok   " if is_fine else "FAIL ") + what, flush=True)
    if not is_fine:
        failures.append(what)


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, **more)
    if done.returncode != 0:
        print(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def run_live(*command, **more):
    """Of a book that is live at that moment: the segment's maker is silent while it has no processor."""
    for _ in range(TRIES * 10):
        done = run(*command, **more)
        if " down " not in done.stdout:
            break
    return done


def functions_declared():
    declared = set()
    for name in HEADERS:
        with open(os.path.join(SOURCE, "client/include/hoga", name), encoding="utf-8") as f:
            declared |= set(re.findall(r"\b(hoga_\w+)\(", re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)))
    return declared


def check_symbols(options):
    declared = functions_declared()
    lines = run("nm", "-D", "--defined-only", options.library).stdout.splitlines()
    exported = {line.split()[-1] for line in lines if not line.split()[-1].startswith("HOGA_")}
    check(exported == {f"{name}@@HOGA_0" for name in declared}, "the library exports the header's functions and no more")
    dynamic = run("readelf", "-d", options.library).stdout
    check(f"[libhoga.so.{options.soversion}]" in dynamic, "its SONAME is that of HOGA_SOVERSION")
    if not options.sanitized:
        check(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic) == ["libc.so.6"], "it needs libc and nothing else")


def check_header():
    include = "-I" + os.path.join(SOURCE, "client/include")
    text = "#include <hoga/ladder.h>\nint main(void) { struct hoga_book b; b.bid.size = 0; return (int)b.bid.size; }\n"
    for compiler, language, standard in (("gcc", "c", "c11"), ("g++", "c++", "c++11"), ("g++", "c++", "c++20"),
                                         ("clang", "c", "c11"), ("clang++", "c++", "c++17")):
        if shutil.which(compiler) is None:
            print(f"skipped: {compiler} is not installed")
            continue
        done = run(compiler, "-x", language, f"-std={standard}", "-pedantic-errors", "-Wall", "-Wextra", "-Werror",
                   "-fsyntax-only", include, "-", input=text)
        check(done.returncode == 0, f"the header is valid {standard} for {compiler}")


def check_table():
    here = os.path.join(SOURCE, "tests/unit")
    with open(os.path.join(here, "hoga_table.def"), encoding="utf-8") as f:
        check(run("/usr/bin/python3", "-B", os.path.join(here, "hoga_table.py")).stdout == f.read(),
              "hoga_table.def is what hoga_table.py writes")


def check_manual():
    if shutil.which("mandoc") is None:
        print("skipped: mandoc is not installed")
        return
    page = os.path.join(SOURCE, "client/man/libhoga.3")
    done = subprocess.run(["mandoc", "-Tlint", "-W", "style", page], capture_output=True, text=True, timeout=TIMEOUT_S)
    # Whether the pages it refers to are installed is the machine's affair.
    faults = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
    check(not faults, f"the manual page is clean: {faults}")
    with open(page, encoding="utf-8") as f:
        documented = set(re.findall(r"^\.F[no] (hoga_\w+)", f.read(), flags=re.M))
    check(functions_declared() <= documented, f"it names every function: {sorted(functions_declared() - documented)}")


def build_examples(options, folder):
    prefix = os.path.join(folder, "prefix")
    done = run(options.cmake, "--install", options.build, "--prefix", prefix, "--component", "hoga-lib")
    check(done.returncode == 0, "the library installs")
    found = {}
    for root, _, names in os.walk(prefix):
        found.update({name: root for name in names})
    expected = {*HEADERS, "hoga.pc", "libhoga.so", f"libhoga.so.{options.soversion}", "libhoga.3", "top.c"}
    check(expected <= set(found), f"everything is there: {sorted(expected - set(found))}")
    # The prefix of configure time is in the file: moved, as a package's staging folder is.
    env = dict(os.environ, PKG_CONFIG_PATH=found["hoga.pc"])
    with open(os.path.join(found["hoga.pc"], "hoga.pc"), encoding="utf-8") as f:
        text = f.read()
    check(f"Version: {options.version}" in text, "pkg-config knows the version")
    configured = re.search(r"^prefix=(.*)$", text, re.M).group(1)
    with open(os.path.join(found["hoga.pc"], "hoga.pc"), "w", encoding="utf-8") as f:
        f.write(text.replace(configured + "/", prefix + "/").replace(f"prefix={configured}\n", f"prefix={prefix}\n"))
    flags = run("pkg-config", "--cflags", "--libs", "hoga", env=env).stdout.split()
    for name in ("top", "watch", "depth", "trades"):
        done = run(options.cc, "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", os.path.join(folder, name),
                   os.path.join(found["top.c"], name + ".c"), *flags)
        check(done.returncode == 0, f"{name}.c builds against the installed library")
    return found["libhoga.so"]


def run_examples(options, folder, library_path):
    path = os.path.join(folder, "books")
    env = dict(os.environ, HOGA_SEGMENT=path, LD_LIBRARY_PATH=library_path)
    with subprocess.Popen([options.maker, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as maker:
        check(maker.stdout.readline() == "ready\n", "there is a segment")
        done = run_live(os.path.join(folder, "top"), "TOY:a-b", env=env)
        check(done.stdout == "TOY:a-b live 100 100.5\n", f"top prints the best prices: {done.stdout!r}")
        done = run_live(os.path.join(folder, "depth"), "toy:A-B", "2.5", env=env)
        check(done.stdout == "toy:A-B live buy 2.5 at 100.9\n", f"depth prints the average: {done.stdout!r}")
        done = run_live(os.path.join(folder, "depth"), "toy:A-B", "9", env=env)
        check(done.stdout == "toy:A-B live buy 3 at 101\n", f"depth says what there is: {done.stdout!r}")
        last = check_watch(folder, env, maker)
        maker.stdin.close()
        check(maker.wait(TIMEOUT_S) == 0, "the segment's maker ends")
    done = run(os.path.join(folder, "top"), "toy:A-B", env=env)
    check(done.stdout == f"toy:A-B down {last} {last}.5\n", f"a stopped daemon's book is down: {done.stdout!r}")
    done = run(os.path.join(folder, "top"), "toy:A-B", env=dict(env, HOGA_SEGMENT=path + ".none"))
    check(done.returncode == 1 and "no segment there" in done.stderr, "no segment is said in words")


def check_watch(folder, env, maker):
    """Twice a line, for what is there and for a change; anew where the segment's maker had no processor for half a second,
    which is a change as well. Returns: the best bid in the end."""
    bid = 100
    for _ in range(TRIES):
        with subprocess.Popen([os.path.join(folder, "watch"), "toy:A-B", "2"], env=env, stdout=subprocess.PIPE,
                              text=True) as watch:
            first = watch.stdout.readline()
            if " down " not in first:
                maker.stdin.write("wait\npublish\n")
                maker.stdin.flush()
                bid += 1
            else:
                maker.stdin.write("wait\n")
                maker.stdin.flush()
            second = watch.stdout.readline()
            code = watch.wait(TIMEOUT_S)
        if " down " not in first + second:
            break
    check(first == f"toy:A-B live  {bid - 1} {bid - 1}.5\n", f"watch prints the book: {first!r}")
    check(second == f"toy:A-B live  {bid} {bid}.5\n", f"watch wakes for the next one: {second!r}")
    check(code == 0, "watch ends")
    return bid


def main():
    parser = argparse.ArgumentParser()
    for name in ("build", "cmake", "cc", "library", "maker", "version", "soversion"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--sanitized", action="store_true")
    options = parser.parse_args()
    check_symbols(options)
    check_header()
    check_table()
    check_manual()
    if options.sanitized:
        print("skipped: a sanitized library is not for others to link")
    else:
        with tempfile.TemporaryDirectory(prefix="hoga-unit-") as folder:
            run_examples(options, folder, build_examples(options, folder))
    return 1 if failures else 0


sys.exit(main())
