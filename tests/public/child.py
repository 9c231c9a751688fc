"""The process in which a notebook, or the app made of it, runs: code goes in, facts come out.

``python child.py REQUEST ANSWER`` with two JSON files. The request has the texts to run one after
the other, the module's name, and the names to tell about. The answer has the facts of each name
that there is, and where which text stopped with an error.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import inspect
import io
import json
import linecache
import os
import signal
import socket
import sys
import time
import traceback
import types
from pathlib import Path
from typing import Any

import facts  # beside this file

FUTURE_ANNOTATIONS = 0x1000000
# Where a run waits, for what does not come, it takes no processor time: so many times longer.
PATIENCE = 3


class _TimeUp(BaseException):
    """The time limit was reached."""


class _Shell:
    """Stands in for IPython where a notebook asks for it."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **options: None


def _cut_off(*_: object) -> Any:
    raise OSError("there is no network in this run")


def _prepare() -> None:
    sys.path[0] = str(Path.cwd())
    del sys.modules["facts"]
    socket.socket.connect = _cut_off  # type: ignore[method-assign]
    socket.getaddrinfo = _cut_off
    builtins.display = lambda *args, **options: None  # type: ignore[attr-defined]


async def _run(texts: list[str], module: types.ModuleType, seconds: float) -> list[dict[str, Any]]:
    """Run the texts as a kernel does; return where each stopped, as far as they were run.

    The limit is one of processor time, so that a busy machine cuts off where an idle one does.
    """
    end = time.process_time() + seconds
    latest = time.monotonic() + PATIENCE * seconds
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if module.__name__ == "__main__" else 0
    stops: list[dict[str, Any]] = []
    for number, text in enumerate(texts, 1):
        file = f"<cell {number}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        stop: dict[str, Any] = {"line": None, "error": None}
        stops.append(stop)
        left, wait = end - time.process_time(), latest - time.monotonic()
        if left <= 0 or wait <= 0:
            stops.pop()
            break
        signal.setitimer(signal.ITIMER_PROF, left)
        signal.setitimer(signal.ITIMER_REAL, wait)
        try:
            code = compile(text, file, "exec", flags=flags, dont_inherit=True)
            flags |= code.co_flags & FUTURE_ANNOTATIONS
            done = eval(code, vars(module))
            if inspect.isawaitable(done):
                await done
        except (Exception, SystemExit, KeyboardInterrupt, _TimeUp) as error:
            lines = [
                frame.lineno
                for frame in traceback.extract_tb(error.__traceback__)
                if frame.filename == file
            ]
            line = lines[0] if lines else getattr(error, "lineno", None)
            stop.update(line=line, error=f"{type(error).__name__}: {error}")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
    return stops


def _time_up(*_: object) -> None:
    raise _TimeUp


async def _main(request: dict[str, Any]) -> dict[str, Any]:
    module = types.ModuleType(request["module"])
    sys.modules[request["module"]] = module
    if request["module"] == "__main__":  # for magics only: libraries see a plain Python
        vars(module)["get_ipython"] = _Shell
    signal.signal(signal.SIGPROF, _time_up)
    signal.signal(signal.SIGALRM, _time_up)
    stops = await _run(request["texts"], module, request["seconds"])
    namespace = vars(module)
    if "startup" in namespace and request["module"] == "actions":
        await namespace["startup"]()
    there = [name for name in request["names"] if name in namespace]
    folder = str(Path.cwd())
    return {"stops": stops, "facts": {n: facts.facts_of(n, namespace, folder) for n in there}}


if __name__ == "__main__":
    _prepare()
    wanted = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    target = Path(sys.argv[2]).resolve()
    with contextlib.redirect_stdout(io.StringIO()):
        answer = asyncio.run(_main(wanted))
    target.write_text(json.dumps(answer), "utf-8")
    os._exit(0)  # whatever threads and processes the notebook has left behind
