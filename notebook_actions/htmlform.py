"""A page as a browser reads it: its elements, and what its forms send.

The rules are those of HTML for a browser without scripts: which controls belong to a form, which
of them send something, and how that is encoded. An app's smoke test and
:mod:`notebook_actions.testing` fill in forms by them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlencode
from xml.etree import ElementTree

from .controls import BUTTONS
from .files import UploadedFile
from .formdata import Value, crlf

__all__ = ["Control", "Element", "Form", "Option", "encode", "parse"]

#: Elements that have no end tag.
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
    | {"track", "wbr"}
)
#: Elements whose end tag is often left out; the next of their kind ends them.
_IMPLIED = frozenset({"dd", "dt", "li", "option", "p", "td", "th", "tr"})
#: Elements of which nobody sees anything.
_UNSEEN = frozenset({"script", "style", "template", "title"})
#: Elements that stand within a line of text.
_INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "kbd", "small", "span", "strong"})


class Element:
    """A page, or an element of it.

    Parameters
    ----------
    node : xml.etree.ElementTree.Element
        Where it begins.
    """

    def __init__(self, node: ElementTree.Element) -> None:
        self.node = node

    @property
    def tag(self) -> str:
        """Its tag, such as ``"form"``."""
        return self.node.tag

    @property
    def text(self) -> str:
        """What a person reads in it, in single spaces."""
        return " ".join("".join(_texts(self.node)).split())

    def __getitem__(self, attribute: str) -> str:
        """Return an attribute; KeyError without it."""
        return self.node.attrib[attribute]

    def get(self, attribute: str, default: str | None = None) -> str | None:
        """Return an attribute; ``default`` without it."""
        return self.node.get(attribute, default)

    def all(self, tag: str = "*", **attributes: str) -> list[Element]:
        """Return the elements in it with a tag and attributes, in their order.

        Parameters
        ----------
        tag : str
            ``"*"`` for any.
        **attributes
            Their values; ``data_slot="x"`` stands for ``data-slot``, ``for_`` for ``for``.
        """
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            Element(node)
            for node in self.node.iter()
            if tag in ("*", node.tag)
            and all(node.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str = "*", **attributes: str) -> Element:
        """Return the only element with a tag and attributes; LookupError when it is not alone."""
        found = self.all(tag, **attributes)
        if len(found) != 1:
            told = "".join(f" {name}={value!r}" for name, value in attributes.items())
            raise LookupError(f"the page has {len(found)} elements <{tag}{told}>, not one")
        return found[0]

    def slot(self, name: str) -> str:
        """Return the text of the only slot of this name."""
        return self.one(data_slot=name).text

    def forms(self) -> list[Form]:
        """Return the forms in it, each with the controls that belong to it."""
        outside = {id(node) for one in self.all("template") for node in one.node.iter()}
        nodes = [node for node in self.node.iter("form") if id(node) not in outside]
        owners = {id(control): node for node in nodes for control in node.iter()}
        ids = {node.get("id"): node for node in nodes if node.get("id")}
        forms = {id(node): Form(node) for node in nodes}
        off = _disabled(self.node)
        for node in self.node.iter():
            if node.tag not in ("button", "input", "select", "textarea") or id(node) in outside:
                continue
            owner = ids.get(node.get("form")) if "form" in node.attrib else owners.get(id(node))
            if owner is not None:
                forms[id(owner)].controls.append(Control(node, disabled=id(node) in off))
        for form in forms.values():
            form.press_radios()
        return list(forms.values())

    def __repr__(self) -> str:
        return ElementTree.tostring(self.node, "unicode", method="html")


def _texts(node: ElementTree.Element) -> Iterator[str]:
    if node.tag in _UNSEEN:
        return
    yield node.text or ""
    for child in node:
        space = "" if child.tag in _INLINE else " "
        yield space
        yield from _texts(child)
        yield space
        yield child.tail or ""


def _disabled(root: ElementTree.Element) -> set[int]:
    """Return what an attribute of its own or of a fieldset around it disables."""
    off = {id(node) for node in root.iter() if "disabled" in node.attrib}
    for fieldset in root.iter("fieldset"):
        if "disabled" in fieldset.attrib:
            legend = fieldset.find("legend")
            spared = set() if legend is None else {id(node) for node in legend.iter()}
            off |= {id(node) for node in fieldset.iter()} - spared
    return off


@dataclass(slots=True)
class Option:
    """A choice of a select.

    Attributes
    ----------
    value : str
        What it sends.
    label : str
        What a person reads.
    selected : bool
        Whether it is chosen.
    disabled : bool
        Whether it cannot be chosen.
    """

    value: str
    label: str
    selected: bool
    disabled: bool


class Control(Element):
    """A control of a form, in the state that a person leaves it in.

    Parameters
    ----------
    node : xml.etree.ElementTree.Element
        Its element.
    disabled : bool
        Whether it is, by itself or by a fieldset.

    Attributes
    ----------
    kind : str
        The ``type`` of an input or a button, else ``"textarea"`` or ``"select"``.
    name : str
        Its name; may be empty.
    value : str
        What stands in it, or what it sends when it is checked or pressed.
    checked : bool
        Whether a check box or radio button is.
    options : list of Option
        Of a select.
    files : list of UploadedFile
        Of a file input.
    """

    def __init__(self, node: ElementTree.Element, *, disabled: bool = False) -> None:
        super().__init__(node)
        default = {"input": "text", "button": "submit"}.get(node.tag)
        self.kind = (node.get("type") or default).lower() if default else node.tag
        self.name = node.get("name", "")
        self.disabled = disabled
        self.checked = "checked" in node.attrib
        self.files: list[UploadedFile] = []
        self.value = node.get("value", "on" if self.kind in ("checkbox", "radio") else "")
        if self.kind == "textarea":
            # A browser drops the one line break that follows the tag.
            self.value = re.sub(r"\A\r?\n", "", "".join(node.itertext()))
        self.options = [Option(*one) for one in _options(node)] if self.kind == "select" else []
        chosen = [one for one in self.options if one.selected]
        if not self.multiple:
            for one in chosen[:-1]:
                one.selected = False
            size = node.get("size", "")
            if not chosen and not (size.isdecimal() and int(size) > 1):
                for one in [one for one in self.options if not one.disabled][:1]:
                    one.selected = True

    @property
    def multiple(self) -> bool:
        """Whether it takes several choices or files."""
        return "multiple" in self.node.attrib

    @property
    def is_button(self) -> bool:
        """Whether it is pressed, not filled in."""
        return self.kind in BUTTONS

    @property
    def submits(self) -> bool:
        """Whether it is a button that submits."""
        return self.kind in ("submit", "image")

    @property
    def label(self) -> str:
        """What a person reads on a button."""
        return self.text if self.tag == "button" else self.value

    def pairs(self) -> Iterator[tuple[str, Value]]:
        """Yield what it sends: nothing, a pair, or several."""
        if self.disabled or (not self.name and self.kind != "image"):
            return
        match self.kind:
            case "checkbox" | "radio":
                if self.checked:
                    yield self.name, self.value
            case "select":
                for one in self.options:
                    if one.selected and not one.disabled:
                        yield self.name, one.value
            case "file":
                for file in self.files or [UploadedFile("", "application/octet-stream", b"")]:
                    yield self.name, file
            case "image":
                prefix = f"{self.name}." if self.name else ""
                yield from [(f"{prefix}x", "0"), (f"{prefix}y", "0")]
            case _:
                yield self.name, crlf(self.value)
                if direction := self.get("dirname"):
                    yield direction, self.get("dir") or "ltr"


def _options(node: ElementTree.Element) -> Iterator[tuple[str, str, bool, bool]]:
    groups = [group for group in node.iter("optgroup") if "disabled" in group.attrib]
    off = {id(one) for group in groups for one in group}
    for one in node.iter("option"):
        label = " ".join(re.split(r"[ \t\n\f\r]+", "".join(one.itertext()))).strip(" ")
        disabled = "disabled" in one.attrib or id(one) in off
        yield one.get("value", label), label, "selected" in one.attrib, disabled


class Form(Element):
    """A form and its controls, wherever on the page they stand.

    Attributes
    ----------
    controls : list of Control
        In the order of the page.
    """

    def __init__(self, node: ElementTree.Element) -> None:
        super().__init__(node)
        self.controls: list[Control] = []

    def press_radios(self) -> None:
        """Leave only the last radio button of a group checked, as a browser does."""
        pressed: dict[str, Control] = {}
        for one in self.controls:
            if one.kind == "radio" and one.checked:
                if one.name in pressed:
                    pressed[one.name].checked = False
                pressed[one.name] = one

    @property
    def id(self) -> str:
        """The id of the form within its page, where it submits an action."""
        own = (one.value for one in self.controls if one.name == "_form")
        return next(own, None) or self.get("data-action", "") or ""

    @property
    def slots(self) -> dict[str, str]:
        """What each of its slots says."""
        return {one["data-slot"]: one.text for one in self.all() if one.get("data-slot")}

    @property
    def submitter(self) -> Control | None:
        """The button that Enter presses: the first that submits."""
        return next((one for one in self.controls if one.submits), None)

    def pairs(self, submitter: Control | None = None) -> list[tuple[str, Value]]:
        """Return what it sends when a button is pressed."""
        sending = (one for one in self.controls if not one.is_button or one is submitter)
        return [pair for one in sending for pair in one.pairs()]


class _Builder(HTMLParser):
    """Builds the tree of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.root = ElementTree.Element("document")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form" and any(node.tag == "form" for node in self._open):
            return  # A form within a form is none.
        if tag in _IMPLIED and self._open[-1].tag == tag:
            self._open.pop()
        # Of an attribute that stands twice the first one counts.
        given = {name: value or "" for name, value in reversed(attrs)}
        given = dict(reversed(given.items()))
        node = ElementTree.SubElement(self._open[-1], tag, given)
        if tag not in _VOID:
            self._open.append(node)
        if tag == "textarea":  # What looks like a tag or a comment in there is text.
            self.set_cdata_mode(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in (node.tag for node in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        node = self._open[-1]
        if node.tag == "textarea":
            data = unescape(data)
        if len(node):
            node[-1].tail = (node[-1].tail or "") + data
        else:
            node.text = (node.text or "") + data


def encode(pairs: Iterable[tuple[str, Value]], *, multipart: bool = False) -> tuple[str, bytes]:
    """Return the content type and the body that a browser sends.

    Parameters
    ----------
    pairs : iterable of (str, str or UploadedFile)
        What a form sends.
    multipart : bool
        Whether the form asks for ``multipart/form-data``; else a file is sent as its name.
    """
    if not multipart:
        texts = [(name, getattr(value, "filename", value)) for name, value in pairs]
        return "application/x-www-form-urlencoded", urlencode(texts).encode()
    boundary = f"----WebKitFormBoundary{secrets.token_hex(8)}"
    body = bytearray()
    for name, value in pairs:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{_escaped(name)}"'.encode()
        if isinstance(value, UploadedFile):
            body += f'; filename="{_escaped(value.filename)}"\r\n'.encode()
            body += f"Content-Type: {value.content_type}".encode()
        content = value.read() if isinstance(value, UploadedFile) else value.encode()
        body += b"\r\n\r\n" + content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", bytes(body)


def _escaped(name: str) -> str:
    # HTML, "multipart/form-data encoding algorithm".
    return crlf(name).replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def parse(html: str) -> Element:
    """Read a page.

    Parameters
    ----------
    html : str
        The page, or a piece of one.
    """
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return Element(builder.root)
