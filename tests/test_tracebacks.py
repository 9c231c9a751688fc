"""Tracebacks: what an author reads of an exception."""

import pytest
from test_present import Reader

from notebook_actions import FormData, Request, action
from notebook_actions.results import Bug
from notebook_actions.tracebacks import MAX_MESSAGE, MAX_TRACEBACK, error_html


def lookup(password):
    """Fail in the author's code, with a variable that nobody should read."""
    return {}[len(password)]


async def raised(function):
    """Return what an action of this function ends in."""
    outcome = await action(name="broken")(function).run(FormData(), Request())
    assert isinstance(outcome, Bug)
    return outcome.error


async def test_class_and_message_stand_over_the_folded_traceback():
    """What went wrong is read at once, where on demand."""
    html = error_html(await raised(lambda: lookup("swordfish")))
    head, _, folded = html.partition("<details>")
    assert head == "<p><strong>KeyError</strong>: 9</p>"
    assert folded.startswith("<summary>Traceback</summary><pre>Traceback (most recent call last):")
    assert "return {}[len(password)]" in folded


async def test_the_values_of_variables_are_not_shown():
    """A secret that the action handled is in no line of it."""
    secret = "".join(map(chr, range(ord("k"), ord("r"))))
    html = error_html(await raised(lambda: lookup(secret)))
    assert "lookup(secret)" in html
    assert secret not in html


async def test_frames_of_the_package_are_left_out_wherever_they_stand():
    """Also of what the exception was raised from, and between frames of the author's."""

    @action
    async def inner():
        raise LookupError("inner")

    async def outer():
        ended = await inner.run(FormData(), Request())
        try:
            raise ended.error
        except LookupError as error:
            raise RuntimeError("outer") from error

    html = error_html(await raised(outer))
    assert "LookupError: inner" in html
    assert "RuntimeError: outer" in html
    assert "notebook_actions/action.py" not in html


def test_a_mistake_of_the_package_itself_is_shown_whole():
    """Where every frame is its own, none is left out."""
    from notebook_actions import redirect

    with pytest.raises(ValueError) as caught:
        redirect("//evil")
    caught.value.__traceback__ = caught.value.__traceback__.tb_next
    assert "results.py" in error_html(caught.value)


class Mute(Exception):
    """An exception that cannot say what is wrong."""

    def __str__(self):
        raise RuntimeError("mute")


@pytest.mark.parametrize("error", [Mute(), Exception("<script>" * 100_000), Exception("</pre>")])
def test_any_exception_can_be_shown(error):
    """One that fails to tell, a huge one, one with markup: bounded, and only text."""
    html = error_html(error)
    assert set(Reader(html).tags) == {"p", "strong", "details", "summary", "pre"}
    assert len(html) < 10 * (MAX_MESSAGE + MAX_TRACEBACK)
