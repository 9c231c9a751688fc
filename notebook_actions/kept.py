"""Kept files: a file that was uploaded is there for the next try, and need not be chosen again.

A form that comes back after a failure names each file that came with it, and a *token* stands for
the file: a hidden field ``_kept`` with the value ``TOKEN/FIELD``, and a box ``_drop`` to remove
it. Whoever keeps the files knows what a token leads to: a store in an app, the kernel's memory in a
notebook. The content itself is never in the HTML.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tornado.escape import xhtml_escape as escape

from .files import UploadedFile, size_text
from .formdata import FormData, Value, unnumbered
from .messages import say

__all__ = ["KEPT_SECONDS", "Kept", "claims", "kept_slots", "restore", "without_own"]

#: How long a file is kept, in seconds.
KEPT_SECONDS = 3600

#: Names of fields that are the package's own: these words, alone or before a dot or the like.
_OWN = re.compile(r"_(?:kept|drop|form)(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept for the next submission of its form.

    Attributes
    ----------
    field : str
        Name of the file input.
    token : str
        Unguessable, without a slash; leads to the content.
    filename : str
        The name that the browser gave.
    size : int
        In bytes.
    """

    field: str
    token: str
    filename: str
    size: int


def kept_slots(kept: Iterable[Kept]) -> dict[str, str]:
    """Return what a form says about the files that are kept: slot ``kept:FIELD`` → HTML.

    Parameters
    ----------
    kept : iterable of Kept
        The files, in the order in which they are to be sent.

    Returns
    -------
    dict of str to str
        Only of phrasing elements, so that it may stand in a paragraph.
    """
    slots: dict[str, str] = defaultdict(str)
    for one in kept:
        name, size, token = map(escape, (one.filename, size_text(one.size), one.token))
        said = escape(say("kept", filename="{filename}", size="{size}"))
        # Each in its own direction, whichever that of the text is.
        said = said.replace("{size}", f"<bdi>{size}</bdi>")
        slots[f"kept:{one.field}"] += (
            f'<span class="na-file">{said.replace("{filename}", f"<bdi>{name}</bdi>")} '
            f'<label><input type="checkbox" name="_drop" value="{token}" '
            f'aria-label="{escape(say("remove_file", filename=one.filename))}"> '
            f"{escape(say('remove'))}</label>"
            f'<input type="hidden" name="_kept" value="{token}/{escape(one.field)}"></span>'
        )
    return dict(slots)


def claims(form: FormData) -> dict[str, str]:
    """Return the tokens that a submission wants files for: token → field.

    Parameters
    ----------
    form : FormData
        As it was sent.

    Returns
    -------
    dict of str to str
        Without those whose "Remove" box is ticked. A token counts once.
    """
    found: dict[str, str] = {}
    for value in form.getall("_kept"):
        if isinstance(value, str):
            token, _, field = value.partition("/")
            if token and field:
                found.setdefault(token, field)
    return {token: field for token, field in found.items() if token not in form.getall("_drop")}


def restore(
    form: FormData, files: Mapping[str, UploadedFile], *, multiple: Collection[str] = ()
) -> tuple[FormData, list[str]]:
    """Return the form data with the kept files in it, as if they had been chosen again.

    Parameters
    ----------
    form : FormData
        As it was sent. The fields that are the package's own are left out of what is returned.
    files : mapping of str to UploadedFile
        Token → its file. Whoever keeps the files has made sure that each belongs to the field of
        :func:`claims`.
    multiple : collection of str
        Names of the fields that take several files, rows as ``items[#].photo``: what was kept
        stands before what was chosen now. In any other field a new file replaces the kept one.

    Returns
    -------
    form : FormData
        With each file where its token stood.
    expired : list of str
        Fields with a token that no file is there for, and that no new file replaces.
    """
    wanted = claims(form)
    chosen = {name for name, value in form.pairs() if isinstance(value, UploadedFile)}
    replaced = {name for name in chosen if not {name, unnumbered(name)} & {*multiple}}
    pairs: list[tuple[str, Value]] = []
    expired: list[str] = []
    # A new file stands right before what is kept of its field, and is to come after it.
    newest: dict[str, int] = {}
    for name, value in form.pairs():
        if not _OWN.match(name):
            if isinstance(value, UploadedFile):
                newest.setdefault(name, len(pairs))
            pairs.append((name, value))
            continue
        token, _, field = value.partition("/") if isinstance(value, str) else ("", "", "")
        if name != "_kept" or wanted.pop(token, None) != field or field in replaced:
            continue
        if token not in files:
            expired.append(field)
        elif field in newest:
            at = newest[field]
            pairs.insert(at, (field, files[token]))
            newest = {one: spot + (spot >= at) for one, spot in newest.items()}
        else:
            pairs.append((field, files[token]))
    return FormData(pairs), list(dict.fromkeys(expired))


def without_own(form: FormData) -> FormData:
    """Return the form data without the fields that are the package's own."""
    return FormData((name, value) for name, value in form.pairs() if not _OWN.match(name))
