"""Running the app: a port, a clean stop, and the command line of an exported app."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from tornado import autoreload
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from ..action import Action
from ..executors import Place, abandoned, place_of
from ..page import ActionForm, Page
from .app import make_app
from .handlers import Site
from .store import SQLiteStore

__all__ = ["AppFactory", "PortInUse", "main", "port_number", "serve", "serve_in_background"]

log = logging.getLogger("notebook_actions")

#: Seconds after SIGTERM in which connections that the system has queued already are still accepted.
_ACCEPT_QUEUED = 0.2


class PortInUse(OSError):
    """Another program listens on the port already."""


def serve(
    pages: Page | ActionForm | Action[..., Any] | Iterable[Page | ActionForm | Action[..., Any]],
    *,
    port: int = 8000,
    host: str = "127.0.0.1",
    proxy: bool = False,
    grace: float = 30.0,
    **settings: Any,
) -> None:
    """Serve pages until SIGTERM or Ctrl+C, then finish what is running and stop.

    Parameters
    ----------
    pages : Page, ActionForm or Action, or several
        What to serve.
    port : int
        0 for any free port.
    host : str
        Address to listen on; this machine only by default.
    proxy : bool
        Whether a reverse proxy stands in front, whose headers tell the address and the protocol of
        the client. Without one anybody could write them.
    grace : float
        Seconds that submissions have to end after the signal to stop.
    **settings
        As for :func:`make_app`.

    Raises
    ------
    ValueError
        When the number is no port.
    PortInUse
        When another program has the port.
    """
    run(make_app(pages, **settings), port=port, host=host, proxy=proxy, grace=grace)


def run(
    app: Application,
    *,
    port: int,
    host: str,
    proxy: bool = False,
    grace: float = 30.0,
    debug: bool = False,
) -> None:
    """Run an application of :func:`make_app` until it is told to stop; see :func:`serve`.

    With ``debug`` the process starts anew when a module that it has loaded changes.
    """
    sockets = _bind(port, host)
    asyncio.run(_run(app, sockets, proxy, grace, debug))


def serve_in_background(app: Application, port: int = 0) -> tuple[HTTPServer, str]:
    """Serve on the running loop, for a preview from the notebook.

    Parameters
    ----------
    app : tornado.web.Application
        As from :func:`make_app`.
    port : int
        0 for any free port.

    Returns
    -------
    (HTTPServer, str)
        The server, to be stopped by the caller, and its address.

    Raises
    ------
    ValueError
        When the number is no port.
    PortInUse
        When another program has the port.
    """
    sockets = _bind(port, "127.0.0.1")
    server = _server(app)
    server.add_sockets(sockets)
    return server, _address(sockets)


def port_number(text: str) -> int:
    """Return the number of a port that a command line gives.

    Raises
    ------
    argparse.ArgumentTypeError
        When it is none; the system would take 99999 for another one.
    """
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)


def _bind(port: int, host: str) -> list[Any]:
    if not isinstance(port, int) or not 0 <= port <= 65535:
        raise ValueError(f"port={port!r} is no port; give a number from 0 to 65535")
    try:
        return list(bind_sockets(port, host))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortInUse(
            error.errno, f"port {port} is in use by another program; choose another with --port"
        ) from None


def _address(sockets: Sequence[Any]) -> str:
    host, port = sockets[0].getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - only to print it
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(app: Application, proxy: bool = False) -> HTTPServer:
    # Tornado's defaults let an idle connection stay for an hour and a body take for ever.
    return HTTPServer(app, idle_connection_timeout=75, body_timeout=300, xheaders=proxy)


async def _run(
    app: Application, sockets: Sequence[Any], proxy: bool, grace: float, debug: bool
) -> None:
    site: Site = app.settings["site"]
    if debug:
        autoreload.start()
    if app.settings["startup"] is not None:
        await app.settings["startup"]()
    server = _server(app, proxy)
    server.add_sockets(sockets)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    first = next(iter(site.renderers))
    print(f"Serving {_address(sockets)}{first}   (Ctrl+C stops)", flush=True)  # noqa: T201
    await stop.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.remove_signal_handler(number)  # A second signal does not wait.
    ended = await drain(server, site, grace)
    for place in _places(app):
        place.close()
    if not ended or abandoned():
        # What cannot be stopped Python would wait for, for ever.
        for worker in multiprocessing.active_children():
            worker.kill()
        os._exit(int(not ended))


async def drain(server: HTTPServer, site: Site, grace: float) -> bool:
    """Stop without losing a request: what came is answered, what is new is turned away.

    Parameters
    ----------
    server : HTTPServer
        The server.
    site : Site
        Counts what is in flight.
    grace : float
        Seconds after which what still runs is cancelled.

    Returns
    -------
    bool
        Whether all had ended by then.
    """
    site.draining = True
    await asyncio.sleep(_ACCEPT_QUEUED)
    server.stop()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(grace):
            while site.in_flight:  # noqa: ASYNC110 - counted by handlers, no event to wait for
                await asyncio.sleep(0.02)
    late = bool(site.in_flight)
    if late:
        cancelled = await site.runs.stop()
        log.warning("stopped after %g s; submissions cancelled: %d", grace, cancelled)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):  # for their answers
                while site.in_flight:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
    await server.close_all_connections()
    site.store.close()
    return not late


def _actions(app: Application) -> Iterator[Action[..., Any]]:
    site: Site = app.settings["site"]
    for renderer in site.renderers.values():
        for form in renderer.page.forms.values():
            yield form.action


def _places(app: Application) -> set[Place]:
    return {action.place for action in _actions(app) if action.place is not None}


def _move(app: Application, executor: str) -> None:
    """Let the actions that have an executor run on another one.

    Those without one stay where they are: they may count on sharing the variables of the app.
    """
    place = place_of(executor)
    moved = [action for action in _actions(app) if action.place is not None]
    for action in moved:
        action.place = place
    if not moved:
        log.warning("--executor %s is for actions with executor=, and there is none", executor)


class AppFactory(Protocol):
    """Makes the application of an exported app, given the settings of its command line."""

    def __call__(self, **settings: Any) -> Application:
        """Return the application."""


def main(
    factory: AppFactory,
    folder: str | os.PathLike[str],
    *,
    argv: Sequence[str] | None = None,
) -> None:
    """Read the command line of an exported app and serve it.

    Parameters
    ----------
    factory : callable
        Makes the application from settings.
    folder : path
        Where the app lies; the store is put there.
    argv : sequence of str, optional
        Arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Serve this app.")
    parser.add_argument(
        "--port", type=port_number, default=8000, help="0 for any free one (default: %(default)s)"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument(
        "--store",
        default=str(Path(folder) / "store.sqlite3"),
        help="SQLite file for what must outlive a request (default: beside the app)",
    )
    parser.add_argument(
        "--public-url",
        action="append",
        default=[],
        help="address under which people reach the app, such as https://enroll.example; repeatable",
    )
    parser.add_argument(
        "--proxy",
        action="store_true",
        help="a reverse proxy stands in front: believe its X-Forwarded-For and -Proto",
    )
    parser.add_argument(
        "--executor",
        metavar="WHERE",
        help="where the actions that have executor= run, in place of what they name: processes:4, "
        "threads:8 or dask:tcp://127.0.0.1:8786; workers of Dask need this folder on their "
        "PYTHONPATH",
    )
    parser.add_argument(
        "--patience",
        type=float,
        metavar="SECONDS",
        help="seconds after which a submission that still runs is answered with a page that shows "
        "how far it is (default: 2)",
    )
    parser.add_argument("--debug", action="store_true", help="restart when a module changes")
    given = parser.parse_args(argv)
    # The app's folder is the working folder by now; a restart has to find the script again.
    sys.argv[0] = str(Path(folder, Path(sys.argv[0]).name))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # Only what is said, so that what app.py says holds else.
    patience = {} if given.patience is None else {"patience": given.patience}
    try:
        app = factory(store=SQLiteStore(given.store), public_urls=given.public_url, **patience)
        if given.executor is not None:
            _move(app, given.executor)
        run(app, port=given.port, host=given.host, proxy=given.proxy, debug=given.debug)
    except (OSError, TypeError) as error:
        sys.exit(f"error: {error.strerror if isinstance(error, PortInUse) else error}")
