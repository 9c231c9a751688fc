"""A browser whose scripts are off: visits pages, fills in forms, follows where it is led."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from ..htmlform import Control, Element, Form, encode, parse
from .filling import button_of, fill, listed

__all__ = ["Browser", "Document", "FilledForm", "Link"]

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
                if got.status in (307, 308) and method == "POST":
                    method, body, content_type = method, body, content_type
                else:
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


class Document:
    """What an address answered.

    Attributes
    ----------
    url : str
        Its address within the app, such as ``"/book?day=2"``.
    status : int
        The HTTP status.
    headers : email.message.Message
        The headers; a name may be written in any case.
    body : bytes
        The content.
    """

    def __init__(
        self, browser: Browser, url: str, status: int, headers: Message, body: bytes
    ) -> None:
        self.url = url
        self.status = status
        self.headers = headers
        self.body = body
        self._browser = browser
        is_html = headers.get_content_type() == "text/html" and not self.filename
        self.root: Element = parse(self.html if is_html else "")
        self._forms = [FilledForm(browser, url, form) for form in self.root.forms()]

    @property
    def html(self) -> str:
        """The content as text."""
        return self.body.decode(self.headers.get_content_charset("utf-8"), "replace")

    @property
    def filename(self) -> str | None:
        """The name under which a download is saved; None for a page."""
        return self.headers.get_filename()

    @property
    def refresh(self) -> tuple[float, str] | None:
        """Seconds after which the page leads elsewhere, and where to; None when it does not."""
        told = self.headers.get("Refresh", "")
        if not told:
            meta = [one for one in self.root.all("meta") if one.get("http-equiv")]
            named = [one for one in meta if one["http-equiv"].lower() == "refresh"]
            told = (named[0].get("content") or "") if named else ""
        seconds, _, target = told.partition(";")
        if not seconds.strip():
            return None
        return float(seconds), target.strip()[4:].strip("\"' ") or self.url

    @property
    def text(self) -> str:
        """What a person reads, in single spaces."""
        return self.root.text

    @property
    def forms(self) -> Mapping[str, FilledForm]:
        """The forms, by the name of their action or their own id; of the same, the first."""
        found = _Forms()
        for number, form in enumerate(self._forms):
            found.setdefault(form.id or str(number), form)
        return found

    @property
    def errors(self) -> dict[str, str]:
        """What stands beside the fields of all forms: name of the field → message."""
        return {name: text for form in self._forms for name, text in form.errors.items()}

    def link(self, text: str) -> Link:
        """Return the first link with this text.

        Raises
        ------
        LookupError
            When there is none.
        """
        links = [one for one in self.root.all("a") if one.get("href")]
        for one in links:
            if one.text == text:
                return Link(self._browser, self.url, one["href"])
        raise LookupError(f"no link {text!r}; the page has {listed(one.text for one in links)}")

    def press(self, label: str) -> Document:
        """Press the only button with this label, in whatever form, such as one of a row.

        Raises
        ------
        LookupError
            When there is none, or several.
        """
        found = [
            (form, one)
            for form in self._forms
            for one in form.form.controls
            if one.submits and one.label == label
        ]
        if len(found) != 1:
            raise LookupError(f"the page has {len(found)} buttons {label!r}, not one")
        form, button = found[0]
        return form.send(button)

    def __repr__(self) -> str:
        return f"<Document {self.status} {self.url}>"


class _Forms(dict[str, "FilledForm"]):
    def __missing__(self, name: str) -> FilledForm:
        raise LookupError(f"no form {name!r}; the page has {listed(self)}")


class Link:
    """A link of a page.

    Attributes
    ----------
    href : str
        Where it leads.
    """

    def __init__(self, browser: Browser, page: str, href: str) -> None:
        self.href = href
        self._browser = browser
        self._page = page

    def click(self) -> Document:
        """Follow it."""
        return self._browser.get(urljoin(self._page, self.href))


class FilledForm:
    """A form of a page, which can be filled in and submitted.

    Attributes
    ----------
    form : notebook_actions.htmlform.Form
        The form with its controls.
    """

    def __init__(self, browser: Browser, page: str, form: Form) -> None:
        self.form = form
        self._browser = browser
        self._page = page

    @property
    def id(self) -> str:
        """The name of its action, or its own id."""
        return self.form.id or self.form.get("id") or ""

    @property
    def slots(self) -> dict[str, str]:
        """What each of its slots says, such as "errors", "error:seats" and "result"."""
        return self.form.slots

    @property
    def errors(self) -> dict[str, str]:
        """What stands beside its fields: name of the field → message."""
        said = self.slots.items()
        return {
            name.removeprefix("error:"): text
            for name, text in said
            if name.startswith("error:") and text
        }

    def __getitem__(self, name: str) -> Any:
        """Return what the field of this name would send; a list where it is not one value."""
        if all(one.name != name for one in self.form.controls):
            names = [one.name for one in self.form.controls if one.name]
            raise LookupError(f"no field {name!r}; the form has {listed(names)}")
        sent = [value for key, value in self.form.pairs() if key == name]
        return sent[0] if len(sent) == 1 else sent

    def fill(self, values: Mapping[str, object] | None = None, /, **more: object) -> FilledForm:
        """Fill in fields; the others keep what they show.

        Parameters
        ----------
        values, **more
            Name → a text, number or date; True or False for a check box; a choice; an UploadedFile
            or ``(filename, content)``; a list where the field takes several.

        Returns
        -------
        FilledForm
            This form.

        Raises
        ------
        LookupError
            When there is no such field or no such choice.
        ValueError
            When nobody could enter that.
        """
        fill(self.form, {**(values or {}), **more})
        return self

    def submit(self, button: str | None = None) -> Document:
        """Press a button, and follow where the answer leads.

        Parameters
        ----------
        button : str, optional
            What a person reads on it, its name or its value; the first button by default.

        Raises
        ------
        LookupError
            When there is no such button.
        """
        return self.send(button_of(self.form, button))

    def send(self, button: Control | None) -> Document:
        """Submit with a button of the form."""

        def of(name: str, default: str) -> str:
            own = button.get(f"form{name}") if button is not None else None
            return own if own is not None else self.form.get(name) or default

        target, method = of("action", ""), of("method", "get").upper()
        pairs = self.form.pairs(button)
        if method != "POST":
            query = encode(pairs)[1].decode()
            address = urlsplit(urljoin(self._page, target))
            return self._browser.get(address._replace(query=query, fragment="").geturl())
        multipart = of("enctype", "").lower() == "multipart/form-data"
        kind, body = encode(pairs, multipart=multipart)
        return self._browser.send("POST", urljoin(self._page, target), body, kind)


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
