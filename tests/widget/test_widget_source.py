"""A notebook's own tracebacks and `inspect.getsource` live from Python's cache of source lines."""

from __future__ import annotations

import linecache

from notebook_actions import ActionForm, FormData


async def test_showing_a_form_keeps_the_source_of_the_cells():
    """Rendering, and rendering again, forgets no source line of any cell."""
    name = "/tmp/ipykernel_1/1234.py"
    linecache.cache[name] = (6, None, ["1 / 0\n"], name)

    async def enroll(form: FormData):
        return 1

    form = ActionForm(enroll)
    await form.submit()
    assert linecache.getline(name, 1) == "1 / 0\n"
    del linecache.cache[name]
