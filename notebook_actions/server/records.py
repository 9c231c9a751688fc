"""Records: what every process of an app knows about a submission that takes longer."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from http import HTTPStatus

from tornado.escape import xhtml_escape as escape

from ..formdata import FormData
from ..listing import Listed
from ..messages import say
from ..progress import Step
from ..render import Answer
from ..submission import State
from .submission import Settled, shown_again

__all__ = ["Record", "is_token", "lost", "run_path"]

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")


@dataclass(frozen=True, slots=True)
class Record:
    """What every process knows about a run.

    Attributes
    ----------
    page, form : str
        Path of the page, id of the form.
    query : list of (str, str)
        The page's own, with which it was submitted.
    input : list of (str, str)
        What was submitted, without secrets and files.
    secrets : list of str
        Names of the fields that are secret and were filled in.
    version : int
        Grows with every change.
    seen : float
        When its process last looked after it, in seconds since the epoch.
    waits : bool
        Whether others have to end first.
    step : Step or None
        How far it has come, when its action tells.
    settled : Settled or None
        What came of it; None while it runs.
    """

    page: str
    form: str
    query: list[tuple[str, str]]
    input: list[tuple[str, str]]
    secrets: list[str]
    version: int = 0
    seen: float = 0.0
    waits: bool = False
    step: Step | None = None
    settled: Settled | None = None

    @property
    def data(self) -> FormData:
        """The input as form data."""
        return FormData(self.input)

    def listed(self, token: str, location: str = "") -> Listed:
        """Return how it stands in the list of its form."""
        state = State(1, pending=True, input=self.data)
        if self.settled is not None:
            state = State(1, input=self.data) if self.settled.done else self.state
        return Listed(token, state, self.step, self.waits, location)

    @property
    def state(self) -> State:
        """The state of its form, when it has ended and the input is shown again."""
        assert self.settled is not None  # noqa: S101 - asked of one that has ended
        return shown_again(self.data, self.settled)

    def dumps(self) -> bytes:
        """Return it as the store keeps it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def loads(cls, kept: bytes) -> Record:
        """Read what :meth:`dumps` wrote."""
        told = json.loads(kept)
        told["query"] = [(name, value) for name, value in told["query"]]
        told["input"] = [(name, value) for name, value in told["input"]]
        told["step"] = told["step"] and Step(**told["step"])
        told["settled"] = told["settled"] and Settled(**told["settled"])
        return cls(**told)


def lost(form_id: str) -> Settled:
    """Return what is said of a run whose process has died."""
    slots = {"errors": f"<p>{escape(say('lost'))}</p>"}
    answer = Answer(type="error", form=form_id, slots=slots, invalid=[], loaders={})
    return Settled(answer, HTTPStatus.INTERNAL_SERVER_ERROR, row=slots)


def is_token(text: str) -> bool:
    """Whether a text can be the token of a run."""
    return _TOKEN.fullmatch(text) is not None


def run_path(token: str) -> str:
    """Return the address of a run."""
    return f"/_run/{token}"
