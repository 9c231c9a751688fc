"""After a failure the uploaded files are there for the next try, and are not sent again."""

from __future__ import annotations

import re

import pytest
from tab import Tab, until

from notebook_actions import ActionForm, FormData, FormError, Page, UploadedFile, redirect
from notebook_actions.errors import NothingToRetry
from notebook_actions.widget import keeping

HTML = (
    '<input name="title"><input type="file" name="paper" required>'
    '<input type="file" name="scans" multiple>'
)
PAPER = UploadedFile("größe <b>.txt", "text/plain", b"first")
SCAN = UploadedFile("scan.png", "image/png", b"second")


class Desk:
    """A form whose action answers what the test says, and a browser that shows it."""

    def __init__(self, *answers: object) -> None:
        self.got: list[FormData] = []
        self.read: list[bytes] = []
        answers_left = list(answers)

        async def send(form: FormData):
            self.got.append(form)
            # As an action would that reads the file piece by piece.
            for _, value in form.pairs():
                if isinstance(value, UploadedFile):
                    self.read.append(value.file.read())
            answer = answers_left.pop(0) if answers_left else "sent"
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.form = ActionForm(send, html=HTML)
        self.tab = Tab(self.form)
        self._runs = 0

    async def submit(self, *entries: list[object], files: tuple = ()) -> None:
        """Submit as a browser does, and wait for the end."""
        self._runs += 1
        sent = self.tab.upload(*files, form="send", upload=f"u{self._runs}") if files else []
        rid = self.tab.submit(*entries, *sent, form="send")
        await until(lambda: rid in self.tab.states[-1]["forms"]["send"]["ended"])

    def kept(self, field: str = "paper") -> list[str]:
        """Return the tokens that a new view has for a field."""
        found = re.findall(r'name="_kept" value="([^"]*)"', self.form._html)
        return [one for one in found if one.endswith(f"/{field}")]

    @property
    def answer(self) -> dict:
        """What the last submission was answered with."""
        return self.tab.states[-1]["forms"]["send"]["answer"]


def texts(form: FormData) -> list[tuple[str, object]]:
    """Return the pairs, with what files hold."""
    return [
        (name, value if isinstance(value, str) else value.read()) for name, value in form.pairs()
    ]


@pytest.mark.parametrize("problem", [FormError("No"), ValueError("bug")], ids=repr)
async def test_a_file_need_not_be_sent_again(problem):
    """After a failure of any kind the form has it, and the action gets it as it was chosen."""
    desk = Desk(problem)
    await desk.submit(["title", "a"], files=(("paper", PAPER),))
    assert "größe &lt;b&gt;.txt" in desk.answer["slots"]["kept:paper"]
    (token,) = desk.kept()
    await desk.submit(["title", "b"], ["_kept", token])
    assert texts(desk.got[1]) == [("title", "b"), ("paper", b"first")]
    assert desk.got[1]["paper"] == PAPER
    assert desk.read == [b"first"] * 2
    assert desk.form.result == "sent"


async def test_a_view_that_is_opened_later_shows_it_too():
    """A reload and a second view have what is kept, and need no new file."""
    desk = Desk(FormError("No"))
    page = Page("/", desk.form)
    await desk.submit(files=(("paper", PAPER),))
    (token,) = desk.kept()
    assert f'value="{token}"' in page._html
    assert "data-required" in page._html
    assert "first" not in desk.form._html


async def test_what_is_kept_is_shown_while_the_next_try_runs():
    """Who reloads during a run can submit the file again."""
    desk = Desk(FormError("No"))
    await desk.submit(files=(("paper", PAPER),))
    (token,) = desk.kept()
    desk.form.submit(title="b")
    await until(lambda: desk.form.pending)
    assert desk.kept() == [token]


async def test_a_second_failure_keeps_the_same_token():
    """Another view that shows the first one can still submit."""
    desk = Desk(FormError("No"), FormError("No again"))
    await desk.submit(files=(("paper", PAPER),))
    (token,) = desk.kept()
    await desk.submit(["_kept", token])
    assert desk.kept() == [token]


async def test_a_removed_file_is_not_sent():
    """The box beside it leaves it out, and nothing is said of it any more."""
    desk = Desk(FormError("No"), FormError("No"))
    await desk.submit(files=(("paper", PAPER),))
    (token,) = desk.kept()
    await desk.submit(["title", "b"], ["_drop", token.partition("/")[0]], ["_kept", token])
    assert texts(desk.got[1]) == [("title", "b")]
    assert desk.kept() == []


async def test_a_new_file_replaces_the_kept_one():
    """In an input for one file the newly chosen one is sent alone; for several both are."""
    desk = Desk(FormError("No"))
    await desk.submit(files=(("paper", PAPER), ("scans", PAPER)))
    kept = [["_kept", token] for token in (*desk.kept("paper"), *desk.kept("scans"))]
    await desk.submit(*kept, files=(("paper", SCAN), ("scans", SCAN)))
    sent = desk.got[1]
    assert [one.read() for one in sent.getall("paper")] == [b"second"]
    assert [one.read() for one in sent.getall("scans")] == [b"first", b"second"]


async def test_what_is_no_longer_kept_is_a_message_beside_its_field(monkeypatch):
    """After an hour the action does not run, and the rest of the input stays."""
    monkeypatch.setattr(keeping, "SECONDS", 0.0)
    desk = Desk(FormError("No"))
    await desk.submit(["title", "a"], files=(("paper", PAPER),))
    (token,) = desk.kept()
    await desk.submit(["title", "b"], ["_kept", token])
    assert len(desk.got) == 1
    assert "no longer kept" in desk.answer["slots"]["error:paper"]
    assert 'value="b"' in desk.form._html


@pytest.mark.parametrize("way", ["field", "guess", "form"])
async def test_a_token_is_for_its_form_and_field_alone(way):
    """Neither another field or form nor a guess gets the file."""
    desk, other = Desk(FormError("No")), Desk(FormError("No"))
    await desk.submit(files=(("paper", PAPER),))
    (token,) = desk.kept()
    assert len(token.partition("/")[0]) >= 32
    target = other if way == "form" else desk
    sent = {
        "field": token.replace("/paper", "/scans"),
        "guess": "x" + token[1:],
        "form": token,
    }
    await target.submit(["_kept", sent[way]])
    assert "no longer kept" in str(target.answer["slots"])
    assert target.form.result is None


@pytest.mark.parametrize("answer", ["fine", None, redirect("/thanks")], ids=repr)
async def test_a_success_ends_it(answer):
    """After a success nothing is kept, and the old token leads nowhere."""
    desk = Desk(FormError("No"), answer)
    await desk.submit(files=(("paper", PAPER),))
    (token,) = desk.kept()
    await desk.submit(["_kept", token])
    assert desk.kept() == []
    await desk.submit(["_kept", token])
    assert len(desk.got) == 2


@pytest.mark.parametrize("end", ["clear", "close"])
async def test_clearing_and_closing_end_it(end):
    """`clear()` and `close()` let go of the files."""
    desk = Desk(FormError("No"))
    await desk.submit(files=(("paper", PAPER),))
    getattr(desk.form, end)()
    assert desk.form.kept_slots() == {}


async def test_a_retry_reads_the_files_from_the_beginning():
    """`form.retry()` works after a failure with files, as often as it is called."""
    desk = Desk(FormError("No"), ValueError("bug"))
    await desk.submit(["title", "a"], files=(("paper", PAPER),))
    for error in (ValueError, None):
        submission = desk.form.retry()
        await until(lambda: not desk.form.pending)
        assert error is None or isinstance(submission.error, error)
    assert desk.got == [FormData({"title": "a", "paper": PAPER})] * 3
    assert desk.read == [b"first"] * 3
    desk.form.clear()
    with pytest.raises(NothingToRetry):
        desk.form.retry()


async def test_a_file_that_the_action_has_closed_is_not_offered():
    """What the action has done away with cannot be kept."""

    async def send(form: FormData):
        form["paper"].close()
        raise FormError("No")

    form = ActionForm(send, html=HTML)
    tab = Tab(form)
    tab.submit(*tab.upload(("paper", PAPER), form="send"), form="send")
    await until(lambda: form.error)
    assert "_kept" not in form._html


async def test_fields_of_the_package_reach_no_action():
    """What stands for kept files in a form is not among what was filled in."""
    desk = Desk(FormError("No"))
    await desk.submit(files=(("paper", PAPER),))
    (token,) = desk.kept()
    await desk.submit(["_kept", token], ["_drop", "x"], ["_kept", ""], ["_drop", ""])
    assert desk.got[1].keys() == ["paper"]
