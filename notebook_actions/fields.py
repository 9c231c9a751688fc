"""Fields by hand: what a form shows where the signature does not say it, or says it otherwise.

They stand in ``ActionForm(action, fields=[...])``, or beside a parameter's type::

    async def enroll(house: Annotated[House, Radio()], about: Annotated[str, Textarea(rows=5)]): ...

One whose name is that of a parameter changes that field: what it leaves out stays as the signature
says. All others are added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from .errors import DefinitionError
from .texts import text_of

__all__ = [
    "Checkbox",
    "Checkboxes",
    "Control",
    "File",
    "Hidden",
    "Options",
    "Password",
    "Radio",
    "Select",
    "Submit",
    "Text",
    "Textarea",
]

#: The choices of a field: the values, or value → what the person reads.
Options: TypeAlias = Iterable[object] | Mapping[Any, str]

_TYPES = (
    *("text", "search", "email", "tel", "url", "number", "range", "color"),
    *("date", "time", "datetime-local", "month", "week"),
)

#: Attributes that the form sets by itself.
_OURS = frozenset({"id", "name", "type", "aria-describedby", "aria-invalid", "data-field"})


class Control:
    """A field by hand; use one of the classes below.

    Parameters
    ----------
    name : str
        The name under which the value is sent. Left out beside a parameter's type.
    label, help : str, optional
        What the person reads, and a line under it.
    value : object, optional
        What the field holds at first.
    required : bool, optional
        Whether it must be filled in.
    secret : bool
        Whether what is entered is never shown again, as with a password.
    **attributes
        HTML attributes, with ``_`` for ``-``: ``autocomplete="email"``, ``maxlength=40``,
        ``inputmode="numeric"``, ``dirname="about.dir"``. The rules among them (``min``, ``max``,
        ``step``, ``minlength``, ``maxlength``, ``pattern``) are checked where the action runs, too.

    Raises
    ------
    DefinitionError
        When something does not fit; says what.
    """

    #: The ``type`` of an input, or the element; empty for that of the parameter's type.
    type: str = ""

    def __init__(
        self,
        name: str = "",
        *,
        label: str | None = None,
        help: str | None = None,  # noqa: A002 - the word of the field
        value: object = None,
        required: bool | None = None,
        secret: bool = False,
        **attributes: object,
    ) -> None:
        self.name = name
        self.label = label
        self.help = help
        self.value = value
        self.required = required
        self.secret = secret
        self.options: dict[str, str] | None = None
        self.attributes: dict[str, str] = {}
        for key, given in attributes.items():
            written = key.strip("_").replace("_", "-")
            if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9-]*", written) or written in _OURS:
                raise DefinitionError(f"{self!r}: {written}= cannot be set; the form does that")
            if given is not None and given is not False:
                self.attributes[written] = "" if given is True else text_of(given)
        if not isinstance(name, str) or (name and re.search(r"[\x00-\x1f\s\"'<>{}]|^_", name)):
            raise DefinitionError(
                f"{name!r} cannot be the name of a field; leave out spaces, quotes, braces and a "
                "leading '_'"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class Text(Control):
    """One line of text, a number, a date: an ``<input>``.

    Parameters
    ----------
    name : str
        See :class:`Control`, also for the other parameters.
    type : str
        ``"text"``, ``"search"``, ``"email"``, ``"tel"``, ``"url"``, ``"number"``, ``"range"``,
        ``"color"``, ``"date"``, ``"time"``, ``"datetime-local"``, ``"month"`` or ``"week"``; that
        of the parameter's type by default.
    """

    def __init__(self, name: str = "", *, type: str = "", **more: Any) -> None:  # noqa: A002
        if type not in ("", *_TYPES):
            raise DefinitionError(
                f"Text({name!r}, type={type!r}): use {', '.join(_TYPES)}, or another class of "
                "notebook_actions.fields"
            )
        self.type = type
        super().__init__(name, **more)


class Password(Control):
    """A password: what is entered is hidden, and never comes back."""

    type = "password"


class Textarea(Control):
    """Several lines of text."""

    type = "textarea"


class Hidden(Control):
    """A value that is sent along and not shown; a person can change it all the same.

    Parameters
    ----------
    name : str
        The name under which it is sent.
    value : object
        The value.
    """

    type = "hidden"

    def __init__(self, name: str = "", value: object = "", **more: Any) -> None:
        super().__init__(name, value=value, **more)


class Checkbox(Control):
    """A box to tick; sends its ``value``, ``"on"`` by default, when it is ticked."""

    type = "checkbox"


class _Choice(Control):
    def __init__(self, name: str = "", options: Options | None = None, **more: Any) -> None:
        super().__init__(name, **more)
        if options is not None:
            if not isinstance(options, Iterable):
                raise DefinitionError(
                    f"{self!r}: options={options!r} is no list; give the choices, or a mapping of "
                    "each to its text"
                )
            given = options if isinstance(options, Mapping) else {one: str(one) for one in options}
            self.options = {text_of(value): str(text) for value, text in given.items()}


class Select(_Choice):
    """A list to choose from.

    Parameters
    ----------
    name : str
        See :class:`Control`, also for the other parameters.
    options : iterable, or mapping of value to text, optional
        What can be chosen; what the parameter's type allows by default.
    """

    type = "select"


class Radio(_Choice):
    """Choices of which one is taken, all of them shown. Takes what :class:`Select` takes."""

    type = "radio"


class Checkboxes(_Choice):
    """Choices of which any number is taken. Takes what :class:`Select` takes."""

    type = "checkboxes"


class File(Control):
    """A file to choose.

    Parameters
    ----------
    name : str
        See :class:`Control`, also for the other parameters.
    max_size : int, optional
        The largest file that is taken, in bytes.
    **more
        Such as ``accept="image/*"`` and ``multiple=True``.
    """

    type = "file"

    def __init__(self, name: str = "", *, max_size: int | None = None, **more: Any) -> None:
        if max_size is not None and max_size <= 0:
            raise DefinitionError(f"File({name!r}, max_size={max_size}): use bytes above 0")
        super().__init__(name, data_max_size=max_size, **more)


class Submit(Control):
    """A button that submits the form; several tell the action which one it was.

    Parameters
    ----------
    label : str
        What stands on it.
    name : str
        The name under which ``value`` is sent when this button submitted.
    value : object
        The value; the label by default.
    **more
        Such as ``data_pending="Saving…"`` and ``formnovalidate=True``.
    """

    type = "submit"

    def __init__(self, label: str, name: str = "", value: object = None, **more: Any) -> None:
        super().__init__(name, label=label, value=label if value is None else value, **more)
