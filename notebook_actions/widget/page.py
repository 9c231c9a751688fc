"""A page as a widget: its forms and loaders, live in the notebook."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from tornado.escape import xhtml_escape as escape

from .. import page as declared
from ..action import Action
from ..errors import DefinitionError
from ..loader import invalidated
from ..loading import load
from ..messages import say
from ..request import Request
from ..results import Redirect, Success
from ..submission import State
from .form import ActionForm
from .loop import owner_loop
from .offers import Offers
from .view import View, documented

__all__ = ["Page"]


@documented
class Page(declared.Page, View):
    """A page, live in the notebook.

    Takes what :class:`notebook_actions.page.Page` takes.

    Attributes
    ----------
    url : str
        The address of the preview that :meth:`serve` started; empty without one.
    """

    def __init__(
        self,
        path: str,
        *children: declared.Child,
        title: str | None = None,
        request: Request | None = None,
    ) -> None:
        for child in children:
            if isinstance(child, declared.ActionForm) and not isinstance(child, ActionForm):
                raise DefinitionError(
                    f"{child!r} of Page({path!r}) is only a declaration, which nothing can run in "
                    "a notebook; take its class from the package: "
                    "from notebook_actions import ActionForm"
                )
        declared.Page.__init__(self, path, *children, title=title, request=request)
        View.__init__(self)
        loading = f'<p class="na-muted">{escape(say("loading"))}</p>'
        self._loaded: dict[str, str] = dict.fromkeys(self.loaders, loading)
        self._offers: dict[str, Offers] = {}
        self._asked = 0
        self._answered: dict[str, int] = {}
        self._refreshing: set[asyncio.Task[None]] = set()
        for form in self._forms().values():
            form.pages.append(self)
        self.take_over(f"page {path}")
        self.publish()
        self._refresh_soon()

    def _refresh_soon(self) -> None:
        loop = owner_loop()
        if loop is not None and self.loaders:
            task = loop.create_task(self.refresh())
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)

    async def refresh(self, *keys: str | list[Any]) -> None:
        """Load the page's data again, and show it.

        Parameters
        ----------
        *keys : str or list
            Which loaders, as for ``invalidate``; all of them when none is given.
        """
        await self._refresh(list(keys) or None, None)

    async def invalidate(self, action: Action[..., Any], outcome: Success | Redirect) -> None:
        """Refresh what an action that has succeeded asks for."""
        result = outcome.value if isinstance(outcome, Success) else outcome
        await self._refresh(action.invalidate, result)

    async def _refresh(self, wanted: Any, result: Any) -> None:
        self._asked += 1
        asked = self._asked
        stale = invalidated(self.loaders.values(), wanted, result)
        offers = {loader.name: Offers() for loader in stale}
        loaded = await load(
            stale, self.request, author=True, offers=lambda name: offers[name].offer
        )
        for name, one in loaded.items():
            # An answer that was overtaken by a newer one is thrown away.
            if self._answered.get(name, 0) < asked:
                self._answered[name] = asked
                self._loaded[name] = one.html
                self._offers[name] = offers[name]
        if loaded:
            self.publish()

    # --- the view -------------------------------------------------------------------------------

    def _forms(self) -> Mapping[str, ActionForm]:
        return {name: form for name, form in self.forms.items() if isinstance(form, ActionForm)}

    def _markup(self, states: Mapping[str, State], slots: Mapping[str, Mapping[str, str]]) -> str:
        return self._renderer.body(states, self._loaded, slots)

    def _loader_html(self) -> Mapping[str, str]:
        return self._loaded

    def _loader_offers(self) -> Iterable[Offers]:
        return self._offers.values()

    def close(self) -> None:
        """End the view and the preview; the forms live on."""
        if self.comm is not None:
            for form in self._forms().values():
                if self in form.pages:
                    form.pages.remove(self)
        super().close()

    def __repr__(self) -> str:
        return declared.Page.__repr__(self)
