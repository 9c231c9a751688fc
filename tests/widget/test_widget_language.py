"""In another language, nothing that a widget shows is in English, whatever came of it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from tab import Tab, until
from translated import SENT, english, page_of, translate

from notebook_actions import ActionForm, Page, UploadedFile
from notebook_actions.messages import MESSAGES


@pytest.fixture(autouse=True)
def _translated(monkeypatch: pytest.MonkeyPatch) -> None:
    translate(monkeypatch)


@pytest.mark.parametrize("sent", [one for one in SENT if one not in ("gone", "one more")])
async def test_an_outcome(sent: str) -> None:
    """What the widget shows, and its notice without a kernel, says nothing in English."""
    page = page_of(ActionForm, Page)
    tab, (action, pairs) = Tab(page), SENT[sent]
    form = page.forms[action]
    texts = [(name, value) for name, value in pairs if isinstance(value, str)]
    files = [(name, value) for name, value in pairs if isinstance(value, UploadedFile)]
    shown: Iterable[str] = []
    ack = tab.begin(*files, form=action) if files else None
    if ack and (refused := ack.get("answer")):
        shown = refused["slots"].values()
    else:
        entries = tab.upload(*files, form=action) if files else []
        tab.submit(*map(list, texts), *entries, form=action)
        await until(lambda: form.submissions and not form.pending)
    await until(lambda: not page._refreshing)
    said = [page._html, page._summary(), *shown]
    assert [*english("".join(said))] == []
    assert '<div class="na-root" lang="ru" data-' in page._html
    page.close()


def test_the_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a language that is written from right to left, so is the form, in whatever notebook."""
    monkeypatch.setitem(MESSAGES, "language", "he-IL")

    def send(subject: str) -> None: ...

    form = ActionForm(send)
    assert '<div class="na-root" lang="he-IL" dir="rtl" data-' in form._html
    form.close()
