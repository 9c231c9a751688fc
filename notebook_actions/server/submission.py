"""A submission over HTTP: its action is run, and what came of it is made ready to be shown.

That may be much later and by another process than the one that took the submission in, so it is
plain data then: :class:`Settled`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, assert_never

from ..action import report_bug
from ..errors import ActionFailure, UnsafeRedirect
from ..files import UploadedFile
from ..formdata import FormData
from ..kept import Kept, kept_slots
from ..loader import invalidated
from ..page import ActionForm
from ..present import Offer
from ..progress import Progress
from ..render import Answer, Renderer
from ..request import Request
from ..results import Bug, Failure, Outcome, Redirect, Success
from ..submission import State
from .address import Address
from .downloads import Downloads, load_data
from .tickets import Tickets

__all__ = ["Settled", "Submission", "shown_again"]

log = logging.getLogger("notebook_actions")


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a submission.

    Attributes
    ----------
    answer : Answer
        As a fetch gets it, without what it invalidated.
    status : int
        HTTP status of that answer.
    stale : list of str
        Names of the loaders to refresh.
    cookies : list of (str, str, dict)
        Name, value and attributes of each cookie that the action set.
    row : dict of str to str
        What its row says, in the list of a form that has one: slot → HTML.
    kept : list of str
        What stands for each file that is kept for the next try, as the form sends it.
    """

    answer: Answer
    status: int
    stale: list[str] = field(default_factory=list)
    cookies: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    row: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether the action did what it is for."""
        return self.answer["type"] in ("success", "redirect")

    def set_cookies(self, request: Request) -> None:
        """Set on another request the cookies that the action has set."""
        for name, value, attributes in self.cookies:
            if attributes.get("max-age") == 0 and name in request.cookies:
                del request.cookies[name]
            else:
                named = {key.replace("-", "_"): given for key, given in attributes.items()}
                request.cookies.set(name, value, **named)

    async def refreshed(
        self, renderer: Renderer, request: Request, query: Iterable[tuple[str, str]]
    ) -> Answer:
        """Return the answer with what was invalidated, loaded for whoever asks.

        Parameters
        ----------
        renderer : Renderer
            Of the page.
        request : Request
            Of whoever asks.
        query : iterable of (str, str)
            The page's own.
        """
        loaders = renderer.page.loaders
        wanted = [loaders[name] for name in self.stale if name in loaders]
        loaded = await load_data(wanted, request, query)
        fresh = {name: one.html for name, one in loaded.items()}
        return Answer(**{**self.answer, "loaders": fresh})


def shown_again(data: FormData | None, settled: Settled) -> State:
    """Return the state of a form that comes back with its input; its slots are rendered already."""
    wrong = dict.fromkeys(settled.answer["invalid"], "")
    return State(input=data, outcome=Failure(ActionFailure(fields=wrong)))


@dataclass(slots=True)
class Submission:
    """A submission that was taken in.

    Attributes
    ----------
    renderer : Renderer
        Of its page.
    form_id : str
        Its form.
    data : FormData
        With the files that were kept for it, and the names of the secret fields.
    request : Request
        What came with it.
    address : Address
        Where it was sent to.
    tickets : Tickets
        Of its page.
    downloads : Downloads
        Of its page.
    found : mapping of str to UploadedFile
        Ticket → file that was kept for it.
    claimed : iterable of str
        All tickets that it named.
    close : callable
        Lets go of its files.
    """

    renderer: Renderer
    form_id: str
    data: FormData
    request: Request
    address: Address
    tickets: Tickets
    downloads: Downloads
    found: Mapping[str, UploadedFile] = field(default_factory=dict)
    claimed: Iterable[str] = ()
    close: Callable[[], None] = lambda: None

    @property
    def form(self) -> ActionForm:
        """Its form."""
        return self.renderer.page.forms[self.form_id]

    @property
    def open_input(self) -> FormData:
        """What was submitted, without secrets and files."""
        return FormData(
            (name, value)
            for name, value in self.data.pairs()
            if isinstance(value, str) and not self.data.is_secret(name)
        )

    @property
    def secret_names(self) -> list[str]:
        """Names of the fields that are secret and were filled in."""
        filled = (name for name, value in self.data.pairs() if value)
        return [name for name in dict.fromkeys(filled) if self.data.is_secret(name)]

    async def run(self, progress: Progress) -> Outcome:
        """Run the action."""
        outcome = await self.form.run(self.data, self.request, progress)
        if not isinstance(outcome, Redirect) or outcome.external:
            return outcome
        if not self.address.leaves(outcome.location):
            return outcome
        return report_bug(
            self.form.action.name,
            UnsafeRedirect(
                f"it redirects to another origin, {outcome.location!r}; write "
                "redirect(url, external=True) if that is meant"
            ),
        )

    async def settle(self, outcome: Outcome) -> Settled:
        """Make ready what is shown of an outcome; files are kept for the next try."""
        state = State().submit(self.data).settle(1, outcome)
        listed = self.form.action.shows_each

        def said(offer: Offer) -> tuple[dict[str, str], dict[str, str]]:
            row = self.renderer.row_slots(self.form_id, state, offer) if listed else {}
            return self.renderer.slots(self.form_id, state, offer), row

        slots, row = await self.downloads.offering(said)
        stale: list[str] = []
        kept: list[Kept] = []
        if isinstance(outcome, Success | Redirect):
            for token in self.claimed:
                await self.tickets.forget(token)
            stays = isinstance(outcome, Success) or self.address.stays(outcome.location)
            stale = self._stale(state.result) if stays else []
        else:
            kept = await self.tickets.keep(self.data, self.found)
            slots |= kept_slots(kept)
        cookies = [
            (name, morsel.value, {key: given for key, given in morsel.items() if given != ""})
            for name, morsel in self.request.cookies.changes.items()
        ]
        answer = self.renderer.answer(self.form_id, state, {}, slots)
        claims = [f"{one.token}/{one.field}" for one in kept]
        return Settled(answer, _status(outcome), stale, cookies, row, claims)

    def _stale(self, result: Any) -> list[str]:
        """Return the names of the loaders that the action asks to refresh."""
        action, loaders = self.form.action, self.renderer.page.loaders
        try:
            return [one.name for one in invalidated(loaders.values(), action.invalidate, result)]
        except Exception:
            # The action has run; what cannot be said precisely is all refreshed.
            log.exception("invalidate= of %s failed", action.name)
            return list(loaders)


def _status(outcome: Outcome) -> int:
    match outcome:
        case Success() | Redirect():
            return HTTPStatus.OK
        case Failure(error):
            return error.status
        case Bug():
            return HTTPStatus.INTERNAL_SERVER_ERROR
        case _:
            assert_never(outcome)
