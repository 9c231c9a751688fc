"""The few files of an app that are written for it, and hold nothing but its data."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Mapping
from string import Template

from notebook_actions.exporter.rehearse import Pages

__all__ = ["app_text", "docker_text", "ignore_text", "module_text", "readme_text", "smoke_text"]


def module_text(source: str, notebook: str | None) -> str:
    """Return ``actions.py``: the notebook's statements under a line that says where from."""
    name = "a notebook" if notebook is None else _plain(notebook)
    title = f"The part of {name} that the pages need: statements of its own cells."
    return f'"""{title}"""\n\n{source}'


def _plain(text: str) -> str:
    """Return a file's name as it can stand in a docstring or in Markdown."""
    return "".join(char if char.isprintable() and char not in '"\\`' else "_" for char in text)


_APP = Template('''\
"""Serve the pages of actions.py:  python app.py --port 8000"""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.chdir(HERE)  # actions.py opens its files relative to this folder

import actions  # noqa: E402
from notebook_actions.server import main, make_app  # noqa: E402


def app(**settings):
    """Return the Tornado application, with settings as for make_app()."""
    pages = $pages
    return make_app(pages, templates=HERE / "templates", static=HERE / "static", **settings)


if __name__ == "__main__":
    main(app, HERE)
''')

_PAGES = {"one": "actions.{}", "list": "*actions.{}", "dict": "*actions.{}.values()"}


def app_text(pages: Pages, *, startup: bool = False) -> str:
    """Return ``app.py``."""
    shown = ", ".join(_PAGES[kind].format(name) for name, kind in pages.roots.items())
    text = _APP.substitute(pages=f"[{shown}]")
    if startup:
        text = text.replace("**settings)\n\n", "startup=actions.startup, **settings)\n\n")
    return text


_TEST = Template('''\
"""A smoke test of the app:  python test_app.py  (pytest runs it too)

It submits each form, with made-up values, to a copy of this folder. What an action does beyond the
folder, such as sending a mail, it does for real.
"""

import unittest
from pathlib import Path

from notebook_actions.server import smoke


class TestApp(smoke.SmokeTest):
    """The tests stand in notebook_actions/server/smoke.py; add your own here."""

    folder = Path(__file__).resolve().parent
$data

if __name__ == "__main__":
    unittest.main()
''')


def smoke_text(pages: Pages, secrets: Collection[str]) -> str:
    """Return ``test_app.py``; the cookies that the notebook stood in with go along."""
    ids = {page.path: list(page.forms) for page in pages.shown}
    cookies = {
        name: value
        for page in pages.shown
        for name, value in page.cookies.items()
        if value not in secrets
    }
    samples = {
        page.path: {form: values for form, values in page.samples.items() if values}
        for page in pages.shown
        if any(page.samples.values())
    }
    unknown = {page.path: list(page.unknown) for page in pages.shown if page.unknown}
    data: list[tuple[str, Mapping[str, object]]] = [
        ("pages", ids),
        ("cookies", cookies),
        ("samples", samples),
        ("unknown", unknown),
    ]
    lines = [f"    {name} = {_literal(one)}\n" for name, one in data if one]
    return _TEST.substitute(data="".join(lines))


def _literal(data: Mapping[str, object]) -> str:
    """Return a mapping as Python, one entry a line."""
    lines = [f"        {_quoted(name)}: {_quoted(value)},\n" for name, value in data.items()]
    return f"{{\n{''.join(lines)}    }}"


def _quoted(value: object) -> str:
    # JSON of texts and lists of texts is Python too, in the quotes that formatters prefer.
    return json.dumps(value, ensure_ascii=False)


_DOCKERFILE = Template("""\
FROM python:$python-slim

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY . ./
RUN useradd --create-home app && chown -R app:app /app

USER app
EXPOSE 8000
ENTRYPOINT ["python", "app.py", "--host", "0.0.0.0"]
CMD ["--port", "8000"]
""")


def docker_text() -> str:
    """Return ``Dockerfile``, with the version of Python that exports."""
    return _DOCKERFILE.substitute(python=f"{sys.version_info.major}.{sys.version_info.minor}")


def ignore_text() -> str:
    """Return ``.dockerignore``: what must not get into an image."""
    return "\n".join(["store.sqlite3*", "__pycache__", "*.new", ".env", ".git", ".venv", ""])


_README = Template("""\
# $title

A Tornado app, exported by `notebook-actions` from $notebook. It needs Python $python or newer,
and no Jupyter.

## Run

    python -m pip install -r requirements.txt
    python app.py

Then open <http://127.0.0.1:8000$path>. `python app.py --help` lists the options, among them
`--port`, `--host`, `--store`, `--patience` and `--executor`. Relative paths in `actions.py`, and in
options, are relative to this folder.

| page | forms |
|---|---|
$pages
$environment
## Test

    python test_app.py

It submits each form with made-up values to a temporary copy of this folder. What an action does
beyond the folder, such as sending a mail or writing to a database server, it does for real.

## Change

- `templates/` holds the pages and forms as Tornado templates. Edit them as you like; keep each
  control's `name`, and the `data-slot` and `data-loader` attributes: there messages, results and
  data go. Restart the app to see the change.
- `static/form.css` is the look. `static/page.js` spares the page a reload; every form works
  without it.
- `app.py` serves the pages; `make_app()` in it takes settings. `session=`, a function of the
  request, gives actions their `request.session`.
- `actions.py` is the part of the notebook that the app needs. Change it here, or in the notebook
  and export again: a file that you have edited is kept, and its new version is written beside it
  (`actions.py.new`).
- `notebook_actions/` is a copy of the package's runtime, so that the app does not depend on it.

## Deploy

People who reach the app under a name of its own, usually through a proxy that adds https, need that
name to be allowed:

    python app.py --proxy --public-url https://enroll.example

The proxy has to pass on the `Host` header and to set `X-Forwarded-For` and `X-Forwarded-Proto`
itself. Where none stands in front, leave `--proxy` out: anybody could write these. With Docker:

    docker build -t my-app .
    docker run --rm -p 8000:8000 my-app
    docker run --rm -p 8000:8000 my-app --proxy --public-url https://enroll.example

What the app writes into its own folder is lost with the container; put the files that must stay
on a volume. `GET /healthz` answers 200 while the app accepts requests. On SIGTERM it answers what
has arrived, then stops.
""")


def readme_text(pages: Pages, notebook: str | None, secrets: Iterable[str]) -> str:
    """Return ``README.md``."""
    rows = [
        f"| `{page.path}` | {', '.join(f'`{form}`' for form in page.forms) or 'none'} |"
        for page in pages.shown
    ]
    names = "".join(f"- `{name}`\n" for name in secrets)
    environment = (
        f"\nThese environment variables must be set; `.env.example` lists them:\n\n{names}"
        if names
        else ""
    )
    return _README.substitute(
        title=_plain(pages.shown[0].title),
        notebook="a notebook" if notebook is None else f"the notebook `{_plain(notebook)}`",
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        path=pages.shown[0].path,
        pages="\n".join(rows),
        environment=environment,
    )
