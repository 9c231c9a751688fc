"""The request that comes with a submission: what an action or loader may know about the person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from http.cookies import CookieError, Morsel, SimpleCookie
from typing import Any

__all__ = ["Cookies", "Headers", "Request"]


class Headers(Mapping[str, str]):
    """HTTP headers; names are compared without regard to case.

    Parameters
    ----------
    headers : mapping of str to str
        The headers.
    """

    __slots__ = ("_headers",)

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._headers = {name.lower(): value for name, value in (headers or {}).items()}

    def __getitem__(self, name: str) -> str:
        try:
            return self._headers[name.lower()]
        except AttributeError:  # Not a name at all: absent, as in any mapping.
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __repr__(self) -> str:
        return f"Headers({sorted(self._headers)})"


class Cookies(MutableMapping[str, str]):
    """The cookies of a request; what an action sets here, the browser is told to keep.

    A cookie that was set is seen at once by everything that has the same request, so the loaders
    that are refreshed after an action see what it set. Over HTTP each change becomes a
    ``Set-Cookie`` header (``HttpOnly; SameSite=Lax; Path=/``, and ``Secure`` on https).

    Parameters
    ----------
    cookies : mapping of str to str
        The cookies that the browser sent.
    """

    __slots__ = ("_values", "changes")

    def __init__(self, cookies: Mapping[str, str] | None = None) -> None:
        self._values = dict(cookies or {})
        #: The changes since the request came, by cookie name.
        self.changes: dict[str, Morsel[str]] = {}

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __setitem__(self, name: str, value: str) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        del self._values[name]
        self.changes[name] = _morsel(name, "", {"max-age": 0})

    def set(self, name: str, value: str, **attributes: str | int | bool) -> None:
        """Set a cookie with attributes such as ``max_age=3600`` or ``samesite="Strict"``.

        Parameters
        ----------
        name, value : str
            The cookie.
        **attributes
            Attributes of ``Set-Cookie``; ``_`` in a name stands for ``-``.

        Raises
        ------
        ValueError
            When the name or an attribute is not allowed, the value is not Latin-1 text (a header
            holds nothing else), or name and value together pass 4,096 bytes (browsers drop such a
            cookie silently; RFC 6265 section 6.1).
        """
        value = str(value)
        named = {key.replace("_", "-"): given for key, given in attributes.items()}
        self.changes[name] = _morsel(name, value, named)
        self._values[name] = value

    def adopt(self, changes: Mapping[str, Morsel[str]]) -> None:
        """Make the changes that were made to a copy of these cookies, in another process."""
        for name, morsel in changes.items():
            self.changes[name] = morsel
            if str(morsel["max-age"]) == "0":
                self._values.pop(name, None)
            else:
                self._values[name] = morsel.value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        # A cookie's value is often a secret: names only.
        return f"Cookies({sorted(self._values)})"


def _morsel(name: str, value: str, attributes: Mapping[str, str | int | bool]) -> Morsel[str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar[name] = value
        morsel = jar[name]
        for key, given in {"path": "/", "httponly": True, "samesite": "Lax", **attributes}.items():
            if re.search(r"[\x00-\x1f;\x7f]", str(given)):
                raise CookieError(f"{key}={given!r} holds ';' or a control character")
            morsel[key] = given
    except CookieError as error:
        raise ValueError(f"cannot set the cookie {name!r}: {error}") from None
    if any(ord(char) > 0xFF for char in value):
        raise ValueError(f"cannot set the cookie {name!r}: use urllib.parse.quote() on its value")
    if len(f"{name}={morsel.coded_value}".encode()) > 4096:
        raise ValueError(f"the cookie {name!r} is over 4,096 bytes; browsers would drop it")
    return morsel


class _NoSession(MutableMapping[str, Any]):
    """The session where nobody supplies one: empty, and it does not take what nobody would keep."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)

    def __setitem__(self, name: str, value: Any) -> None:
        raise TypeError(
            f"request.session cannot keep {name!r}, since nothing supplies a session; an app gets "
            "one by make_app(page, session=...), a form of a notebook by "
            "ActionForm(..., request=Request(session={})); request.cookies keeps texts without one"
        )

    def __delitem__(self, name: str) -> None:
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "{}"


class Request:
    """What came with a submission or a visit.

    In the notebook it is a stand-in that the author sets: ``Request(cookies={"user": "luna"})``.

    Parameters
    ----------
    method : str
        HTTP method.
    url : str
        Path and query of the page.
    headers : mapping of str to str
        Names are compared without regard to case.
    cookies : mapping of str to str
        What the browser sent; assign to it to set a cookie.
    remote_ip : str
        Address of the client.
    session : mapping of str to object
        What the app knows about who is signed in; empty, and closed to writing, unless the app
        supplies it.
    """

    __slots__ = ("cookies", "headers", "method", "remote_ip", "session", "url")

    def __init__(
        self,
        method: str = "GET",
        url: str = "/",
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        remote_ip: str = "127.0.0.1",
        session: Mapping[str, Any] | None = None,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self.cookies = cookies if isinstance(cookies, Cookies) else Cookies(cookies)
        self.remote_ip = remote_ip
        self.session: Mapping[str, Any] = _NoSession() if session is None else session

    def __repr__(self) -> str:
        # Neither header values nor the session: both hold secrets.
        path = self.url.partition("?")[0]
        return f"Request({self.method} {path}, {self.cookies!r})"
