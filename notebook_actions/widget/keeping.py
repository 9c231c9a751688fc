"""The files that a form keeps after a failure, so that they need not be uploaded again."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass

from ..files import UploadedFile
from ..formdata import FormData
from ..kept import Kept, claims, kept_slots, restore
from ..results import Redirect, Success
from ..submission import State

__all__ = ["Keeping"]

#: How long a token leads to its file.
SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class _Held:
    field: str
    file: UploadedFile
    until: float


class Keeping:
    """The kept files of one form, each with a token that nobody can guess."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def follow(self, state: State) -> None:
        """Keep what a form's new state says: the input's files when it has failed.

        While a submission runs, what was kept before stays: it may have come back already.
        """
        if state.pending:
            return
        known = {(one.field, id(one.file)): token for token, one in self._held.items()}
        self._held = {}
        if state.input is None or isinstance(state.outcome, Success | Redirect | None):
            return
        until = time.monotonic() + SECONDS
        for field, value in state.input.pairs():
            if isinstance(value, UploadedFile) and not value.file.closed:
                token = known.get((field, id(value))) or secrets.token_urlsafe(24)
                self._held[token] = _Held(field, value, until)

    def forget(self) -> None:
        """Let go of everything."""
        self._held = {}

    def slots(self) -> dict[str, str]:
        """Return what the form says of the files that are kept."""
        return kept_slots(
            Kept(one.field, token, one.file.filename, one.file.size)
            for token, one in self._held.items()
        )

    def restore(self, form: FormData, multiple: Collection[str]) -> tuple[FormData, list[str]]:
        """Return what a browser sent with the kept files in it, and the fields without theirs.

        See :func:`notebook_actions.kept.restore`.
        """
        now = time.monotonic()
        files = {
            token: self._held[token].file
            for token, field in claims(form).items()
            if token in self._held
            and self._held[token].field == field
            and self._held[token].until > now
        }
        return restore(form, files, multiple=multiple)
