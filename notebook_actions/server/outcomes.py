"""Outcomes: what a page shows once, after the answer that led to it.

An outcome waits in the store under an unguessable token, never in the address itself.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass

from ..formdata import FormData
from ..submission import State
from .address import Address
from .store import Store
from .submission import Settled, shown_again

__all__ = ["Outcome", "Outcomes"]

#: How long an outcome waits for the page that shows it, in seconds.
OUTCOME_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is shown once.

    Attributes
    ----------
    leads_to : str
        Another origin that the page leads out to; nothing else is shown then.
    settled : Settled or None
        What came of a submission.
    input : list of (str, str) or None
        What the form comes back with.
    """

    leads_to: str = ""
    settled: Settled | None = None
    input: list[tuple[str, str]] | None = None

    @property
    def form(self) -> str:
        """Id of the form."""
        return self.settled.answer["form"] if self.settled else ""

    @property
    def slots(self) -> dict[str, str]:
        """What the form says."""
        return self.settled.answer["slots"] if self.settled else {}

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return self.settled.status if self.settled else 200

    @property
    def state(self) -> State | None:
        """The state of the form, when it comes back with its input."""
        if self.settled is None or self.input is None:
            return None
        return shown_again(FormData((name, value) for name, value in self.input), self.settled)


class Outcomes:
    """The outcomes of one page.

    Parameters
    ----------
    store : Store
        Where they are.
    page : str
        Path of the page.
    """

    def __init__(self, store: Store, page: str) -> None:
        self._store = store
        self._page = page

    async def keep(self, outcome: Outcome) -> str:
        """Keep an outcome, and return its token."""
        token = secrets.token_urlsafe(24)
        kept = json.dumps(asdict(outcome)).encode()
        await self._store.put(self._key(token), kept, OUTCOME_SECONDS)
        return token

    def _key(self, token: str) -> str:
        return f"outcome:{self._page}:{token}"

    async def take(self, token: str) -> Outcome | None:
        """Return an outcome and forget it; None when there is none."""
        kept = await self._store.take(self._key(token))
        if kept is None:
            return None
        told = json.loads(kept)
        told["settled"] = told["settled"] and Settled(**told["settled"])
        return Outcome(**told)

    async def lead(self, settled: Settled, address: Address, data: FormData | None = None) -> str:
        """Return where a browser is led after a submission: there it sees what came of it.

        Parameters
        ----------
        settled : Settled
            What came of it.
        address : Address
            Of the page.
        data : FormData, optional
            What the form comes back with, when that is shown again.
        """
        location = settled.answer.get("location")
        if location is not None and not address.leaves(location):
            if address.stays(location) and address.board:
                return address.url()
            # A fragment alone would be one of the address that was posted to.
            return address.url() + location if location[0] == "#" else location
        if location is not None:
            # Chromium applies the policy's form-action to the redirects of a submission, so the
            # way out leads over a page of ours.
            outcome = Outcome(leads_to=location)
        else:
            pairs = None if data is None else [(name, str(one)) for name, one in data.pairs()]
            outcome = Outcome(settled=settled, input=pairs)
        return address.url(("_outcome", await self.keep(outcome)))
