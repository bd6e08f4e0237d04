#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hoga.aio in asyncio: views as books change, a dead daemon without a change, and nothing pending after a break, a
cancellation or the end of the loop; inside a qasync loop where that package is installed."""

import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'troubles'))
from troubles import Window, t  # noqa: E402

TEXT = '''
import asyncio, os, signal, sys, warnings
warnings.simplefilter('error')
import hoga, hoga.aio
pid = int(sys.argv[1])
NAME = 'upbit:KRW-BTC'

def pending():
    return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

async def follow():
    """A daemon that a busy machine holds up is `down` for a while, and comes back with the same book."""
    seen = []
    async for view in hoga.aio.watch(NAME):
        seen.append((view.update, view.state))
        if len(seen) == 20:
            break
    assert all(a[0] <= b[0] and a != b for a, b in zip(seen, seen[1:])), seen
    return pending()

async def cancel():
    begun = asyncio.Event()
    async def run():
        async for _ in hoga.aio.watch(NAME):
            begun.set()
    task = asyncio.create_task(run())
    await begun.wait()
    task.cancel()
    try:
        await task
        return 'not cancelled'
    except asyncio.CancelledError:
        return pending()

async def death():
    os.kill(pid, signal.SIGSTOP)
    async for view in hoga.aio.watch(NAME):
        if view.state == 'down':
            break
    os.kill(pid, signal.SIGCONT)
    live = await hoga.aio.until_live(NAME)
    return live.state

async def unknown():
    try:
        async for _ in hoga.aio.watch('upbit:KRW-NONE'):
            pass
    except hoga.NotCarried:
        return pending()

print('done', asyncio.run(follow()), asyncio.run(cancel()), asyncio.run(death()), asyncio.run(unknown()), flush=True)
loop = asyncio.new_event_loop()
iterator = hoga.aio.watch(NAME)
loop.run_until_complete(iterator.__anext__())
loop.run_until_complete(iterator.aclose())
loop.close()
try:
    import qasync
    from PyQt6.QtWidgets import QApplication
    app = QApplication([])
    with qasync.QEventLoop(app) as loop:
        print('qasync', loop.run_until_complete(follow()), flush=True)
except ImportError:
    print('qasync is not installed', flush=True)
'''


def main():
    with t.Sim('--symbols', 'KRW-BTC', '--rate', '100') as sim, t.Hogad(sim) as hogad:
        t.wait_until(lambda: t.book(hogad, 'upbit:KRW-BTC', '--live'), 30, 'a live book')
        window = Window(hogad, TEXT, str(hogad.pid))
        try:
            line = window.until('done', 90)
            t.check(line == 'done [] [] live []', line)
            t.check(window.until('qasync', 60) in ('qasync []', 'qasync is not installed'), 'qasync')
            window.ends(seconds=30)
        finally:
            hogad.child.send_signal(signal.SIGCONT)


main()
