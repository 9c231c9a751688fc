"""The exceptions of the package.

::

    Exception
    ├── ActionFailure          expected: shown to the person, the input is kept
    │   ├── FormError          something in the form is wrong; messages per field
    │   │   └── MissingField   the form data lacks a name (a KeyError too)
    │   ├── ActionError        the action cannot be done now; has an HTTP status
    │   ├── ActionTimeout      the action took longer than its ``timeout=``
    │   ├── Cancelled          the submission was cancelled
    │   ├── Dropped            an earlier one ran, and the action takes one at a time
    │   └── WorkerLost         the worker of its ``executor=`` died before the action ended
    ├── DefinitionError        an action, form or page is declared wrongly (a TypeError too)
    ├── UnsafeRedirect         a destination that no browser should be sent to (a ValueError too)
    ├── NothingToRetry         ``retry()`` before anything was submitted
    ├── WorkerError            what a worker raised, where that cannot leave it
    └── ExportError            a notebook cannot be exported

An exception of any other class that leaves an action is a bug: its author sees the traceback, an
HTTP client sees a generic text and an id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .messages import say

__all__ = [
    "ActionError",
    "ActionFailure",
    "ActionTimeout",
    "Cancelled",
    "DefinitionError",
    "Dropped",
    "ExportError",
    "FormError",
    "MissingField",
    "NothingToRetry",
    "UnsafeRedirect",
    "WorkerError",
    "WorkerLost",
]


class ActionFailure(Exception):
    """An expected problem, told to the person who submitted the form.

    Parameters
    ----------
    message : str
        What went wrong, in the words of a person. Empty when the fields say it all.
    fields : mapping of str to str, optional
        Field name → message shown beside that field.
    status : int
        HTTP status of the answer, 400 to 599.

    Raises
    ------
    ValueError
        When ``status`` is not a status of an error.
    TypeError
        When ``fields`` is no mapping.
    """

    def __init__(
        self, message: str = "", *, fields: Mapping[str, str] | None = None, status: int = 422
    ) -> None:
        if not isinstance(status, int) or not 400 <= status <= 599:
            raise ValueError(f"status={status!r} is not an error status; use one from 400 to 599")
        if fields is not None and not isinstance(fields, Mapping):
            raise TypeError(
                f"fields={fields!r} is no mapping; give the name of each field and its message, "
                "such as {'email': 'already enrolled'}"
            )
        # Text, whatever was given: an exception as the message must not fail while it is shown.
        self.message = _text(message)
        self.fields = {_text(name): _text(text) for name, text in (fields or {}).items()}
        super().__init__(self.message)
        self.status = status

    def __str__(self) -> str:
        parts = [self.message] if self.message else []
        parts += [f"{name}: {text}" for name, text in self.fields.items()]
        return "; ".join(parts)

    def __repr__(self) -> str:
        parts = [repr(self.message)]
        parts += [f"fields={self.fields!r}"] if self.fields else []
        parts += [f"status={self.status}"] if self.status != 422 else []
        return f"{type(self).__name__}({', '.join(parts)})"

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost by the default pickling of exceptions.
        return (_rebuild, (type(self), self.args, self.__dict__))


def _text(given: object) -> str:
    # A file name that is not UTF-8 becomes lone surrogates, which no page can be made of.
    return str(given).encode(errors="backslashreplace").decode()


def _rebuild(
    cls: type[ActionFailure], args: tuple[object, ...], state: dict[str, object]
) -> ActionFailure:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class FormError(ActionFailure):
    """Something in the form is wrong.

    Parameters
    ----------
    message : str
        A message for the form as a whole; may be empty.
    fields : mapping of str to str, optional
        Field name → message shown beside that field.

    Examples
    --------
    >>> raise FormError("Check the form", fields={"email": "already enrolled"})
    Traceback (most recent call last):
    notebook_actions.errors.FormError: Check the form; email: already enrolled
    """

    def __init__(self, message: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message, fields=fields)


class MissingField(FormError, KeyError):
    """The form data has no field of the name that was asked for.

    Parameters
    ----------
    name : str
        The name that was asked for.
    present : iterable of str
        The names that the form data has.
    """

    def __init__(self, name: str, present: Iterable[str] = ()) -> None:
        known = ", ".join(dict.fromkeys(present)) or say("no_field")
        text = say("no_such_field", name=repr(name), present=known)
        super().__init__(text, {name: say("missing")})


class ActionError(ActionFailure):
    """The action cannot be done now, whatever the fields say.

    Parameters
    ----------
    message : str
        What the person is told.
    status : int
        HTTP status of the answer, 400 to 599.
    """

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message, status=status)


class ActionTimeout(ActionFailure):
    """The action took longer than its ``timeout=``.

    Parameters
    ----------
    seconds : float
        The time that it was given.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(say("timeout", seconds=f"{seconds:g}"), status=504)


class Cancelled(ActionFailure):
    """The submission was cancelled before it ended."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or say("cancelled"))


class Dropped(ActionFailure):
    """The submission came while an earlier one ran, and its action takes one at a time.

    That is what ``concurrency="drop"`` means.
    """

    def __init__(self) -> None:
        super().__init__(say("dropped"), status=409)


class WorkerLost(ActionFailure):
    """The worker that the action ran on died, or could not be reached, before the action ended.

    How far it came is not known. It is not started again by itself.
    """

    def __init__(self) -> None:
        super().__init__(say("worker_lost"), status=503)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), ())


class WorkerError(Exception):
    """An exception of a worker that cannot be pickled, and so stays there; this is its text."""


class DefinitionError(TypeError):
    """An action, form, loader or page is declared wrongly."""


class UnsafeRedirect(ValueError):
    """A destination that no browser should be sent to."""


class NothingToRetry(Exception):
    """``retry()`` was called while no input is kept: none was submitted, or it was cleared."""

    def __init__(self) -> None:
        super().__init__("there is no input to submit again; call submit() first")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), ())


class ExportError(Exception):
    """A notebook cannot be exported; nothing was written.

    Parameters
    ----------
    problems : iterable
        Every problem that was found, each with a readable ``str()``.
    """

    def __init__(self, problems: Iterable[object]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @property
    def explanation(self) -> str:
        """How to learn more about the first of them; empty where it has no code."""
        code = next((getattr(problem, "code", "") for problem in self.problems), "")
        return f"What a code means: notebook-actions explain {code}" if code else ""

    def _render_traceback_(self) -> list[str]:
        """Show the problems alone in a notebook; where they were found in here helps nobody."""
        told = ["Nothing was exported.", "", *str(self).splitlines()]
        return [*told, "", self.explanation] if self.explanation else told

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.problems,))
