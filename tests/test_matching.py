"""Matching: each value of a submission goes to the control that has sent it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_actions.matching import Sender, match

TEXT = Sender(None, always=True)


def box(value: str) -> Sender:
    """Return what a box, or an option of a list with several choices, can send."""
    return Sender(frozenset({value}), always=False)


def choice(*values: str) -> Sender:
    """Return what a list with one choice can send."""
    return Sender(frozenset(values), always=True)


A, B, C = map(box, "abc")


@pytest.mark.parametrize(
    ("senders", "sent", "places"),
    [
        ([A, B, A], "ba", [None, 0, 1]),
        ([A, A], "a", [0, None]),
        ([A, TEXT], "a", [None, 0]),
        ([A, TEXT], "ax", [0, 1]),
        ([TEXT, A], "a", [0, None]),
        ([A, TEXT, A, TEXT], "xay", [None, 0, 1, 2]),
        ([A, choice("b", "c"), B], "ab", [0, 1, None]),
        ([choice("a"), A, choice("b")], "ab", [0, None, 1]),
        ([A, B], "", [None, None]),
        ([], "", []),
    ],
)
def test_the_order_tells_who_has_sent_a_value(senders, sent, places):
    """Of several controls of one name each gets its own value, whatever the others could send."""
    assert match(senders, list(sent)) == places


@pytest.mark.parametrize(
    ("senders", "sent", "places"),
    [
        ([A, B], "ba", [1, 0]),
        ([A, B, TEXT], "xba", [2, 1, 0]),
        ([A, B], "bza", [2, 0]),
        ([A, TEXT], "", [None, None]),
        ([choice("a", "b"), A], "za", [0, 1]),
        ([A, B], "aaab", [0, 3]),
        ([Sender(frozenset(), always=False), A], "aa", [None, 0]),
        ([], "a", []),
    ],
)
def test_what_no_browser_sends_is_given_to_whom_it_fits(senders, sent, places):
    """In another order, or with too many values, each control gets one that it could have sent."""
    assert match(senders, list(sent)) == places


values = st.sampled_from("ab")
anyone = st.one_of(
    values.map(box),
    st.just(TEXT),
    st.builds(Sender, st.frozensets(st.sampled_from("abc"), min_size=1), st.booleans()),
)


@settings(max_examples=500)
@given(st.data(), st.lists(anyone, max_size=9))
def test_what_was_sent_is_sent_again(data, senders):
    """Whatever a form has sent: with the values where they were put, it sends them once more."""
    sent = []
    for sender in senders:
        if sender.always or data.draw(st.booleans()):
            sent.append(data.draw(st.sampled_from(sorted(sender.accepts or "abc"))))
    places = match(senders, sent)
    assert [place for place in places if place is not None] == list(range(len(sent)))
    for sender, place in zip(senders, places, strict=True):
        if place is None:
            assert not sender.always
        else:
            assert sender.accepts is None or sent[place] in sender.accepts


@given(st.lists(anyone, max_size=9), st.lists(st.sampled_from("abcx"), max_size=9))
def test_no_value_is_given_twice(senders, sent):
    """For any form and any values: each value has one place at most, and only where it fits."""
    places = [place for place in match(senders, sent) if place is not None]
    assert len(places) == len(set(places))
