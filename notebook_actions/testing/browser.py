"""A browser whose scripts are off: visits pages, fills in forms, follows where it is led."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from .document import Document

__all__ = ["Browser"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 20
_TIMEOUT = 60.0
#: Longest pause before a page that refreshes itself is asked for again, in seconds.
_PAUSE = 0.1
_CHARACTERS = "/?&=%+~:@!$'()*,;#[]"


class Browser:
    """Visits an app as a browser without JavaScript does.

    Use it as ``with Browser(page) as browser:``; the app is served from a thread until the block
    ends. A browser checks a form before it sends it; this one does not, so that a test sees what
    the server says.

    Parameters
    ----------
    app : Page, ActionForm, Action, several of these, tornado.web.Application or str
        What to visit: it is served, or is the address of what is served already.
    cookies : mapping of str to str, optional
        What it has before its first visit.
    refreshing : float
        Seconds for which a page that refreshes itself, as that of a long submission does, is
        followed; after that it is given as it is. 0 never follows one.
    **settings
        As for :func:`notebook_actions.make_app`.

    Attributes
    ----------
    cookies : dict of str to str
        Those that it has now, by name.
    page : Document or None
        The page that it shows.
    """

    def __init__(
        self,
        app: Any,
        *,
        cookies: Mapping[str, str] | None = None,
        refreshing: float = 30.0,
        **settings: Any,
    ) -> None:
        self.cookies = dict(cookies or {})
        self.refreshing = refreshing
        self._base = ""
        self._serving: contextlib.AbstractContextManager[str]
        if isinstance(app, str):
            if urlsplit(app).scheme not in ("http", "https") or settings:
                raise ValueError(f"an address is like 'http://127.0.0.1:8000', not {app!r}")
            self._serving = contextlib.nullcontext(app)
        else:
            self._serving = _served(app, settings)
        self._history: list[Document] = []

    def __enter__(self) -> Browser:
        parts = urlsplit(self._serving.__enter__())
        self._base = f"{parts.scheme}://{parts.netloc}"
        return self

    def __exit__(self, *raised: Any) -> None:
        self._base = ""
        self._serving.__exit__(*raised)

    @property
    def page(self) -> Document | None:
        """The page that it shows."""
        return self._history[-1] if self._history else None

    def get(self, url: str) -> Document:
        """Visit an address.

        Parameters
        ----------
        url : str
            Such as ``"/book?day=2"``; relative to the page that is shown.
        """
        return self.send("GET", url)

    def reload(self) -> Document:
        """Visit the address of the page again; a submission is not sent again."""
        url = self._shown().url
        del self._history[-1]
        return self.get(url)

    def back(self) -> Document:
        """Visit the address of the page before this one."""
        self._shown()
        if len(self._history) < 2:
            raise LookupError("there is no page before this one")
        del self._history[-1]
        url = self._history.pop().url
        return self.get(url)

    def _shown(self) -> Document:
        if not self._history:
            raise LookupError("no page is shown yet: visit one with `get(url)`")
        return self._history[-1]

    def send(
        self, method: str, url: str, body: bytes | None = None, content_type: str = ""
    ) -> Document:
        """Send a request, and follow where the answer leads.

        Parameters
        ----------
        method : str
            Such as ``"POST"``.
        url : str
            The address.
        body : bytes, optional
            What to send.
        content_type : str
            What that is.

        Returns
        -------
        Document
            What came last. A redirect to another site is not followed.

        Raises
        ------
        RuntimeError
            When the redirects have no end.
        """
        if not self._base:
            raise RuntimeError("nothing is served: write `with Browser(...) as browser:`")
        here = self._shown().url if self._history else "/"
        until = time.monotonic() + self.refreshing
        redirects = 0
        while True:
            url = self._own(urljoin(f"{self._base}{here}", url))
            got = self._exchange(method, url, body, content_type)
            here, target, pause = url, "", 0.0
            if got.status in _REDIRECTS and "Location" in got.headers:
                target = got.headers["Location"]
                redirects += 1
                if redirects > _MAX_REDIRECTS:
                    raise RuntimeError(
                        f"more than {_MAX_REDIRECTS} redirects, the last to {target}"
                    )
                if got.status not in (307, 308) or method != "POST":
                    method, body, content_type = "GET", None, ""
            elif got.refresh is not None and time.monotonic() < until:
                pause, target = got.refresh
                method, body, content_type = "GET", None, ""
            leads_here = urljoin(f"{self._base}{here}", target).startswith(f"{self._base}/")
            if not target or not leads_here:
                if not got.filename:
                    self._history.append(got)
                return got
            time.sleep(min(pause, _PAUSE))
            url = target

    def _own(self, url: str) -> str:
        if not f"{url}/".startswith(f"{self._base}/"):
            raise ValueError(f"{url} is another site; this browser visits {self._base}")
        return url.removeprefix(self._base) or "/"

    def _exchange(self, method: str, url: str, body: bytes | None, content_type: str) -> Document:
        parts = urlsplit(self._base)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={one}" for name, one in self.cookies.items())
        if method != "GET":
            headers |= {"Origin": self._base, "Sec-Fetch-Site": "same-origin"}
        if body is not None:
            headers["Content-Type"] = content_type
        if self._history:
            headers["Referer"] = self._base + self._history[-1].url
        with contextlib.closing(kind(parts.netloc, timeout=_TIMEOUT)) as connection:
            target = quote(urldefrag(url).url, safe=_CHARACTERS)
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value
        return Document(self, url, answer.status, answer.headers, content)


@contextlib.contextmanager
def _served(app: Any, settings: Mapping[str, Any]) -> Iterator[str]:
    """Serve an app from a thread, whose loop its actions run on; give its address."""
    from ..server import make_app, serve_in_background

    application = app if hasattr(app, "find_handler") else make_app(app, **settings)
    started: list[str | BaseException] = []
    ready = threading.Event()
    stop = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        startup = application.settings.get("startup")
        if startup is not None:
            await startup()
        server, address = serve_in_background(application)
        started.append(address)
        ready.set()
        await stop.wait()
        server.stop()
        site = application.settings.get("site")
        if site is not None:
            await site.runs.stop()
        await server.close_all_connections()
        if site is not None:
            site.store.close()

    def main() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            started.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=main, name="notebook_actions.testing", daemon=True)
    thread.start()
    ready.wait()
    if isinstance(started[0], BaseException):
        thread.join()
        raise started[0]
    try:
        yield started[0]
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join()
