"""The application: pages, addresses and settings."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from tornado.web import Application, RequestHandler

from ..action import Action
from ..errors import DefinitionError
from ..page import ActionForm, Page, check_pages
from ..render import Renderer
from ..request import Request
from ..templates import template_texts
from .handlers import Handler, HealthHandler, NotFoundHandler, Site, StaticHandler
from .pages import PageHandler
from .runpage import RunHandler
from .store import MemoryStore, Store

__all__ = ["make_app"]

_STATIC = Path(__file__).resolve().parent.parent / "static"

access_log = logging.getLogger("notebook_actions.access")


def make_app(
    pages: Page | ActionForm | Action[..., Any] | Iterable[Page | ActionForm | Action[..., Any]],
    *,
    templates: str | os.PathLike[str] | None = None,
    static: str | os.PathLike[str] | None = None,
    store: Store | None = None,
    public_urls: Iterable[str] = (),
    session: Callable[[Request], Mapping[str, Any]] | None = None,
    max_body_size: int | None = None,
    patience: float = 2.0,
    cancel_on_disconnect: bool = False,
    startup: Callable[[], Awaitable[None]] | None = None,
    **settings: Any,
) -> Application:
    """Return a Tornado application that serves pages.

    It can be given to an ``HTTPServer``, or stand as a target in the routes of your own
    application: ``Application([("/mine", Mine), (".*", make_app(page))])``.

    Parameters
    ----------
    pages : Page, ActionForm or Action, or several
        What to serve; a form or action gets a page of its own.
    templates : path, optional
        Folder with edited templates, named as ``SLUG.html`` and ``SLUG.FORM.html``.
    static : path, optional
        Folder with ``page.js`` and ``form.css``; the package's own by default.
    store : Store, optional
        Where outcomes are kept until they are shown; memory of this process by default.
    public_urls : str or iterable of str
        The addresses under which people reach the app when it is not on this machine, such as
        ``"https://enroll.example"``. Their hosts and origins are trusted.
    session : callable, optional
        Gets the request, returns what ``request.session`` is to hold, such as who a cookie of it
        stands for. Without it that is empty, and an action that writes to it fails.
    max_body_size : int, optional
        Largest body of a POST, in bytes; by default 25 MB, or as much as the files of its form may
        have together.
    patience : float
        Seconds after which a submission that still runs is answered with the address of a page
        that shows how far it is.
    cancel_on_disconnect : bool
        Whether a submission of the page's script is cancelled when its client goes before that.
        Off by default: who closes a page, or clicks twice without a script, wants it done.
    startup : callable, optional
        Awaited by the server before it accepts a request.
    **settings
        Passed on to ``tornado.web.Application``.

    Returns
    -------
    tornado.web.Application
        The application.

    Raises
    ------
    DefinitionError
        When there is no page, two share a path, a public URL cannot be read, or the patience is no
        number of seconds.
    """
    if not patience >= 0:  # NaN neither
        raise DefinitionError(f"patience={patience}: give a number of seconds, 0 or more")
    shown = list(pages) if isinstance(pages, Iterable) else [pages]
    by_path = check_pages(Page.of(one) for one in shown)
    folder = Path(templates) if templates is not None else None
    urls = [public_urls] if isinstance(public_urls, str) else public_urls
    origins = [_origin(url) for url in urls]
    site = Site(
        renderers={
            path: Renderer(page, _edited(page, folder), max_body=max_body_size)
            for path, page in by_path.items()
        },
        store=MemoryStore() if store is None else store,
        hosts=frozenset(urlsplit(origin).hostname or "" for origin in origins),
        session=session,
        patience=patience,
        cancel_on_disconnect=cancel_on_disconnect,
    )
    routes: list[Any] = [(_exactly(path), PageHandler, {"path": path}) for path in by_path]
    routes += [(r"/_run/([^/]+)", RunHandler), (r"/healthz", HealthHandler)]
    return Application(
        routes,
        site=site,
        default_handler_class=NotFoundHandler,
        static_path=str(static or _STATIC),
        static_url_prefix="/static/",
        static_handler_class=StaticHandler,
        cross_origin_protection=True,
        trusted_origins=origins,
        log_function=_log,
        startup=startup,
        **settings,
    )


def _exactly(path: str) -> str:
    # A browser percent-encodes the path before it sends it.
    return re.escape(quote(path))


def _edited(page: Page, folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    files = {name: folder / name for name in template_texts(page)}
    return {name: file.read_text("utf-8") for name, file in files.items() if file.is_file()}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DefinitionError(f"public URL {url!r}: write it like 'https://enroll.example'")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _log(handler: RequestHandler) -> None:
    """Log a request without its query, which may hold what a person entered."""
    request = handler.request
    access_log.info(
        "%d %s %s %s %.1f ms",
        handler.get_status(),
        request.method,
        handler.logged_path if isinstance(handler, Handler) else request.path,
        request.remote_ip,
        1000 * request.request_time(),
    )
