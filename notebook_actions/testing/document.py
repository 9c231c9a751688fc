"""What a browser shows: a page with its forms, which are filled in and submitted, and its links."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ..htmlform import Control, Element, Form, encode, parse
from .filling import button_of, fill, listed

if TYPE_CHECKING:
    from .browser import Browser

__all__ = ["Document", "FilledForm", "Link"]


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
        buttons = [(form, one) for form in self._forms for one in form.form.controls if one.submits]
        found = [(form, one) for form, one in buttons if one.label == label]
        if not found:
            known = listed(one.label for _, one in buttons)
            raise LookupError(f"no button {label!r}; the page has {known}")
        if len(found) > 1:
            raise LookupError(
                f"the page has {len(found)} buttons {label!r}; press that of a form: "
                f"page.forms[...].submit({label!r})"
            )
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
