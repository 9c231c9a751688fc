"""The contract over HTTP: by the page's script, and by a browser without one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import pytest
from classroom import PATH, Classroom, Contract, Seen
from test_widget import kept
from visitor import Element, Reply, Visitor, parse, serving

from notebook_actions import UploadedFile, make_app
from notebook_actions.page import ActionForm, Page


class Http(Contract):
    #: Seconds after which a submission becomes a run, which is then followed to its end.
    patience = 30.0

    @pytest.fixture(autouse=True)
    async def visitor(self, room: Classroom) -> AsyncIterator[Visitor]:
        page = Page(PATH, *room.parts(ActionForm), title="Class")
        app = make_app([page, Page("/elsewhere", "<p>Elsewhere</p>")], patience=self.patience)
        async with serving(app) as base:
            self.visitor = Visitor(base)
            yield self.visitor


class TestFetch(Http):
    async def submit(
        self, action: str, pairs: Iterable[tuple[str, str | UploadedFile]] = ()
    ) -> Seen:
        pairs = list(pairs)
        reply = await self.visitor.fetch(PATH, action, pairs)
        while reply.status == 202:
            reply = await self.visitor.get(reply.json["location"], Accept="application/json")
        assert reply.headers["Content-Type"].startswith("application/json")
        answer = reply.json
        slots = {name: parse(html).text for name, html in answer["slots"].items()}
        return Seen(
            kind=answer["type"],
            result=slots.get("result", ""),
            errors=slots.get("errors", ""),
            fields={
                name.removeprefix("error:"): text
                for name, text in slots.items()
                if name.startswith("error:")
            },
            invalid=set(answer["invalid"]),
            # The answer has no fields in it: the script leaves those of the page alone.
            kept={name: value for name, value in pairs if isinstance(value, str)},
            loaders={name: parse(html).text for name, html in answer["loaders"].items()},
            location=answer.get("location", ""),
            status=reply.status,
            source=reply.text,
        )


class TestPost(Http):
    reloads = True

    async def submit(
        self, action: str, pairs: Iterable[tuple[str, str | UploadedFile]] = ()
    ) -> Seen:
        reply = await self.visitor.post(f"{PATH}?_action={action}", pairs)
        if reply.status == 303 and reply.location.startswith("/_run/"):
            reply = await self._followed(reply.location)
        if reply.status == 303:
            return await self._follow(reply, action)
        kind = "error" if reply.status in (404, 500) else "failure"
        assert reply.headers["Cache-Control"] == "no-store"
        return self._seen(kind, reply, action)

    async def _followed(self, run: str) -> Reply:
        """Follow a run, and return the redirect that it ends in."""
        reply = await self.visitor.get(run)
        while reply.status == 200:
            reply = await self.visitor.get(reply.headers["Refresh"].partition("url=")[2])
        return reply

    async def _follow(self, reply: Reply, action: str) -> Seen:
        assert reply.body == b""
        shown = await self.visitor.get(reply.location)
        # A run that failed leads to the page with the input.
        assert shown.status == 200 or self.patience == 0
        if shown.status != 200:
            return self._seen("error" if shown.status == 500 else "failure", shown, action)
        outcome = "_outcome" in reply.location
        seen = self._seen("success" if outcome else "redirect", shown, action)
        if outcome:
            return seen
        return Seen("redirect", location=reply.location, loaders=seen.loaders)

    def _seen(self, kind: str, reply: Reply, action: str) -> Seen:
        page = reply.page
        forms = page.all("form", data_action=action)
        if not forms:
            return Seen(kind, loaders=_loaders(page), status=reply.status, source=reply.text)
        slots = {one["data-slot"]: one.text for one in forms[0].all() if one.get("data-slot")}
        return Seen(
            kind=kind,
            result=slots["result"],
            errors=slots["errors"],
            fields={
                name.removeprefix("error:"): text
                for name, text in slots.items()
                if name.startswith("error:") and text
            },
            invalid={one["name"] for one in forms[0].all(aria_invalid="true")},
            kept=kept(forms[0]),
            loaders=_loaders(page),
            status=reply.status,
            source=reply.text,
        )


def _loaders(page: Element) -> dict[str, str]:
    return {one["data-loader"]: one.text for one in page.all("section")}


class TestLongFetch(TestFetch):
    """All of it holds for what takes longer than its request."""

    patience = 0.0


class TestLongPost(TestPost):
    """All of it holds for what takes longer than its request, without a script too."""

    patience = 0.0


del Contract, Http
