"""Notebook files for the tests of whole exports, and what comes out of them."""

import json
import sqlite3
import textwrap
from contextlib import closing

from notebook_actions.exporter import export_notebook
from notebook_actions.exporter.analysis.notebook import read_notebook
from notebook_actions.exporter.analysis.slice import slice_statements
from notebook_actions.exporter.plan import plan_app

IMPORT = (
    "from notebook_actions import ActionForm, FormData, Page, Request, action, loader, redirect"
)

#: A page with a loader and two forms, without anything but the standard library.
SMALL = (
    IMPORT,
    "GUESTS = ['luna']",
    """
    @loader(key="guests")
    def guests():
        return GUESTS
    """,
    """
    @action
    async def invite(name: str, seats: int = 1):
        return f"{name} with {seats}"
    """,
    """
    @action(invalidate=["guests"])
    def leave(form: FormData, request: Request):
        return redirect("/party")
    """,
    "page = Page('/party', guests, ActionForm(invite), ActionForm(leave), title='Party')",
)


def write_notebook(folder, *cells, name="party.ipynb", ids=None):
    """Write a notebook with these code cells and return its path."""
    ids = ids or [f"cell-{number}" for number in range(1, len(cells) + 1)]
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"language_info": {"name": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": cell_id,
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": textwrap.dedent(text).strip("\n"),
            }
            for cell_id, text in zip(ids, cells, strict=True)
        ],
    }
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def plan(folder, *cells, roots=None):
    """Return the plan for a notebook with these cells in a folder."""
    notebook = write_notebook(folder, *cells)
    found = slice_statements(read_notebook(notebook), roots, folder=folder)
    return plan_app(found, folder, notebook.name)


def export(folder, *cells, to="app", **options):
    """Export a notebook with these cells from ``folder / "work"`` and return the app's folder."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    target = folder / to
    export_notebook(write_notebook(work, *cells), target, **options)
    return target


def content_of(folder):
    """Return every file below a folder: path → content."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def make_database(path, table, *rows):
    """Make an SQLite database with one table of texts."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"CREATE TABLE {table} (text TEXT)")
        database.executemany(f"INSERT INTO {table} VALUES (?)", [(row,) for row in rows])
