"""Matching: which value of a submission each control of a form has sent.

A browser sends one flat list of pairs, in the order of the controls. Where several controls share a
name, only that order and what each of them can send tell whose a value is.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Sender", "match"]


@dataclass(frozen=True, slots=True)
class Sender:
    """What can send one value: a text, a box, an option of a list.

    Attributes
    ----------
    accepts : frozenset of str, optional
        The values that it can send; without it, any.
    always : bool
        Whether it sends one whatever is entered.
    """

    accepts: frozenset[str] | None
    always: bool


def match(senders: Sequence[Sender], values: Sequence[str]) -> list[int | None]:
    """Return for each sender the place of its value among those sent; None where it sent none.

    Parameters
    ----------
    senders : sequence of Sender
        Those of one name, in the order of the form.
    values : sequence of str
        What was sent under that name, in order.

    Returns
    -------
    list of int or None
        Each value goes to one sender at most. Where the form could have sent these values in this
        order, it would send them so again. Else (another order, a value too many, a changed form)
        the senders that always send one come first, and the others get what they could have sent.

    Examples
    --------
    >>> box = Sender(frozenset({"a"}), always=False)
    >>> text = Sender(None, always=True)
    >>> match([box, text, box], ["x", "a"])
    [None, 0, 1]
    """
    places = _in_order(senders, values)
    return _in_any_order(senders, values) if places is None else places


def _in_order(senders: Sequence[Sender], values: Sequence[str]) -> list[int | None] | None:
    if len(values) > len(senders):
        return None
    # Sets of places are the bits of a number.
    standing: dict[str, int] = {}
    for place, value in enumerate(values):
        standing[value] = standing.get(value, 0) | 1 << place

    def accepted(sender: Sender) -> int:
        if sender.accepts is None:
            return (1 << len(values)) - 1
        places = 0
        for value in sender.accepts:
            places |= standing.get(value, 0)
        return places

    # The places from which on the last senders can send just what is left: none, the last, ...
    possible = [1 << len(values)]
    for sender in reversed(senders):
        sends = possible[-1] >> 1 & accepted(sender)
        possible.append(sends if sender.always else sends | possible[-1])
    if not possible.pop() & 1:
        return None
    found: list[int | None] = []
    place = 0
    for sender in senders:
        sends = possible.pop() >> 1 & accepted(sender) & 1 << place
        found.append(place if sends else None)
        place += bool(sends)
    return found


def _in_any_order(senders: Sequence[Sender], values: Sequence[str]) -> list[int | None]:
    standing: dict[str, deque[int]] = defaultdict(deque)
    for number, value in enumerate(values):
        standing[value].append(number)
    left = dict.fromkeys(range(len(values)))
    # Values that a text or a list of the same name is sure to have sent are not a box's.
    ahead = sum(sender.always for sender in senders)
    found: list[int | None] = []
    for sender in senders:
        free: Iterator[int] = iter(())
        if sender.always:
            ahead -= 1
            free = iter(left)
        elif len(left) > ahead:
            queues = (standing.get(value) for value in sender.accepts or ())
            free = iter(sorted(queue[0] for queue in queues if queue))
        place = next(free, None)
        if place is not None:
            del left[place]
            standing[values[place]].popleft()
        found.append(place)
    return found
