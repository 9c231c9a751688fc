"""For tests of what you wrote: forms without a kernel, apps without a browser.

:func:`submit`, :func:`transitions` and :class:`FrontEnd` are for a form or a page of the notebook,
:class:`Browser` for the app; ``EXAMPLES.md`` beside this file shows them in use. No test runner is
needed, and each loads only what it tests.

Examples
--------
>>> from notebook_actions import ActionForm
>>> from notebook_actions.testing import Browser, submit, transitions
>>> async def book(name: str, seats: int = 1):
...     return f"See you, {name}!"
>>> form = ActionForm(book)
>>> with transitions(form) as seen:
...     submit(form, name="Luna").result
'See you, Luna!'
>>> [one.pending for one in seen]
[True, False]
>>> with Browser(form) as browser:
...     page = browser.get("/book").forms["book"].fill(name="Luna", seats=2).submit()
>>> page.status, page.forms["book"].slots["result"]
(200, 'See you, Luna!')
>>> form.close()
"""

from .browser import Browser
from .document import Document, FilledForm, Link
from .forms import Snapshot, Transition, submit, transitions
from .frontend import FrontEnd

__all__ = [
    "Browser",
    "Document",
    "FilledForm",
    "FrontEnd",
    "Link",
    "Snapshot",
    "Transition",
    "submit",
    "transitions",
]
