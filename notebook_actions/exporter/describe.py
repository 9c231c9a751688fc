"""Run in a process of its own: import an exported app's ``actions`` and tell what its pages are.

Started as a script, by path, so that nothing of the installed package is loaded: the app's own
runtime has to do. It imports the standard library only, until the app's folder leads the path.
"""

import asyncio
import contextlib
import inspect
import os
import runpy
import sys
import traceback
from json import dumps  # before the notebook can patch it
from pathlib import Path
from typing import Any


def describe(folder: Path, names: list[str]) -> dict[str, Any]:
    """Import the app in ``folder`` and return what stands under these names of ``actions``.

    Parameters
    ----------
    folder
        The app.
    names
        Names in ``actions`` that hold a page, a form, an action, or a list or dict of them.

    Returns
    -------
    dict
        ``roots``: name → ``"one"``, ``"list"`` or ``"dict"``; ``pages``: their path, title, forms
        and templates; ``values``: the values of all names as text, after the start-up. Or ``wrong``
        (a code and its details) where that cannot be told.
    """
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    try:
        actions = __import__("actions")
        if hasattr(actions, "startup"):
            asyncio.run(actions.startup())
    except BaseException as error:
        return {"wrong": _import_failed(error, folder)}
    from notebook_actions.errors import DefinitionError
    from notebook_actions.page import Page, check_pages
    from notebook_actions.sample import forms_of
    from notebook_actions.templates import template_texts

    samples = runpy.run_path(str(Path(__file__).with_name("samples.py")))["samples"]

    def sample(page: Page, name: str) -> dict[str, str]:
        """Return what a form's fields accept, where its HTML does not tell."""
        (shown,) = forms_of(template_texts(page)[f"{page.slug}.{name}.html"])
        found: dict[str, str] = samples(page.forms[name], shown.pairs())
        return found

    snapshot = runpy.run_path(str(Path(__file__).with_name("snapshot.py")))
    roots: dict[str, str] = {}
    pages: list[Page] = []
    seen: list[object] = []
    for name in names:
        value = getattr(actions, name, None)
        if any(value is one for one in seen):
            continue  # two names for one page
        seen.append(value)
        match value:
            case dict():
                roots[name], found = "dict", list(value.values())
            case list() | tuple() | set():
                roots[name], found = "list", list(value)
            case _:
                roots[name], found = "one", [value]
        try:
            pages += [Page.of(one) for one in found]
        except DefinitionError:
            return {"wrong": {"code": "E311", "name": name, "detail": _kind(found)}}
    try:
        check_pages(pages)
    except DefinitionError as error:
        return {"wrong": {"code": "E312", "detail": str(error)}}
    return {
        "roots": roots,
        "pages": [
            {
                "path": page.path,
                "title": page.title,
                "forms": list(page.forms),
                "templates": template_texts(page),
                "cookies": dict(page.request.cookies),
                "samples": {name: sample(page, name) for name in page.forms},
                "unknown": [name for name, form in page.forms.items() if _reads_anything(form)],
            }
            for page in pages
        ],
        "values": snapshot["snapshots"](vars(actions)),
        "runtime": sys.modules["notebook_actions"].__file__,
    }


def _reads_anything(form: Any) -> bool:
    """Tell whether nobody knows what a form should hold: its action reads the form data itself."""
    taken = inspect.signature(form.action.function).parameters.keys() - {"request"}
    return form.html is None and not form.fields and bool(taken)


def _kind(values: list[object]) -> str:
    return " and ".join(sorted({f"a {type(value).__name__}" for value in values}))


def _import_failed(error: BaseException, folder: Path) -> dict[str, Any]:
    """Tell what an exception was, and the last line of ``actions.py`` that led to it."""
    frames = traceback.extract_tb(error.__traceback__)
    own = str(folder / "actions.py")
    lines = [frame.lineno for frame in frames if frame.filename == own]
    if isinstance(error, SyntaxError) and error.filename == own:
        lines = [error.lineno]
    said = "".join(traceback.format_exception_only(error)).strip().rpartition("\n")[2]
    return {"code": "E310", "detail": said, "line": lines[-1] if lines else None}


def main() -> None:
    """Describe the app in the folder of the first argument, into the file of the second."""
    folder, answer, *names = sys.argv[1:]
    # What the notebook's code prints is not wanted here.
    with Path(os.devnull).open("w") as nothing, contextlib.redirect_stdout(nothing):
        told = describe(Path(folder), names)
    Path(answer).write_text(dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
