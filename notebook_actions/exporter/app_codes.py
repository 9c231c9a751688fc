"""What can go wrong once it is known what to export: in the app, its files and its folder.

The codes go on where those of ``problems.py`` about the notebook itself end.
"""

from __future__ import annotations

from functools import partial

from notebook_actions.exporter.analysis.problems import Code, problem

__all__ = ["APP_CODES", "app_problem"]

APP_CODES: dict[str, Code] = {
    # where the export starts
    "E301": Code(
        "export() needs a running notebook, and there is none here",
        "Use the command line: notebook-actions export NOTEBOOK -o DIR.",
    ),
    "E302": Code(
        "{detail} has no name in the notebook",
        "Assign it in a cell, such as `page = Page(...)`, run the cell and export that name.",
    ),
    "E303": Code("{detail} cannot be exported", "Give a Page, an ActionForm or an @action."),
    # the app
    "E310": Code("the app cannot be imported: {detail}", "{remedy}"),
    "E311": Code("`{name}` is {detail}", "It must be a Page, an ActionForm or an @action."),
    "E312": Code("the pages do not fit together: {detail}", "Change it in the notebook."),
    "E313": Code(
        "the import of the app did not end within {detail} seconds",
        "Move what takes long, or runs for ever, into a function.",
    ),
    "E314": Code("the import of the app ended the process: {detail}", "Take that out of the cell."),
    "E315": Code(
        "`{name}` is made after a top-level await, so nobody can know what it shows",
        "Make the page in a statement that needs nothing awaited.",
    ),
    "E316": Code(
        "the file {detail} would take the place of a file of the app",
        "Rename it, and what refers to it.",
    ),
    "E317": Code(
        "a secret of the notebook would be written into {detail}",
        "Read it from the environment: `os.environ[...]`.",
    ),
    # the folder
    "E320": Code(
        "{detail} is not empty and holds no earlier export",
        "Choose another folder, or an empty one; nothing in it was touched.",
    ),
    "E321": Code("{detail} is a file", "Choose a folder."),
    "E322": Code("{detail} cannot be written: {remedy}", "Choose another folder."),
    "E323": Code(
        "{detail} cannot be read, so nobody knows which files are yours",
        "Restore it, or choose another folder.",
    ),
    # what the author should know
    "W301": Code(
        "no installed package provides the module `{name}`",
        "If the app needs it, add its package to requirements.txt.",
    ),
    "W302": Code(
        "`{name}` is installed from a folder of this machine, where other machines cannot get it",
        "Copy the package into the app, or change its line in requirements.txt.",
    ),
    "W303": Code(
        "the data file {detail} is too large to be copied", "Copy it into the app yourself."
    ),
    "W304": Code(
        "the database {detail} was not copied, since the app makes its tables itself",
        "Copy it into the app if the app should start with the rows of the notebook.",
    ),
    "W305": Code(
        "the file {detail} was not copied, since it may hold secrets",
        "Set them where the app runs.",
    ),
    "W306": Code("the data file {detail} cannot be read", "Copy it into the app yourself."),
    "W310": Code(
        "you have edited {detail}: your version is kept",
        "Compare it with the new one, {detail}.new, or export with force to overwrite it.",
    ),
    "W311": Code(
        "you have edited {detail}: your version is kept",
        "Nothing to do: this export would not have changed it.",
    ),
    "W312": Code(
        "{detail} is no longer part of the app, but you have edited it: it is kept",
        "Delete it if you do not need it.",
    ),
}

#: Makes the problem of one of these codes; takes what ``problem`` takes.
app_problem = partial(problem, codes=APP_CODES)
