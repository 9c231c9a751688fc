"""Everything that can go wrong with an export, each with a code, a place and a remedy.

An error stops the export, a warning does not. The wording lives in one table, ``CODES``, so that
the documentation can list it and no message is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["CODES", "Code", "Problem", "problem"]

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """The wording of one kind of problem; ``{name}`` and ``{detail}`` are filled in."""

    message: str
    remedy: str


CODES: dict[str, Code] = {
    # reading a notebook
    "E001": Code("there is no file {detail}", "Check the path."),
    "E002": Code("{detail} is not a Jupyter notebook", "Give the path of a notebook (.ipynb)."),
    "E003": Code("the notebook's language is {detail}, not Python", "Export a Python notebook."),
    "E004": Code("the notebook has no code cells", "Add a cell with an @action and run it."),
    # finding what to export
    "E010": Code(
        "there is no page, form or action to export",
        "Decorate a function with @action, or make an ActionForm or a Page.",
    ),
    # names
    "E101": Code("`{name}` is not defined", "{detail}"),
    "E102": Code(
        "`{name}` is used before the cell that defines it",
        "Move the definition (cell {detail}) above its use.",
    ),
    "E103": Code(
        "`{name}` gets its value from a magic or shell command ({detail})",
        "Compute it in plain Python, for example with pathlib, glob or subprocess.",
    ),
    "E104": Code(
        "`{name}` is the notebook's own variable for earlier input or output",
        "Give the value a name in the cell that computes it, and use that name.",
    ),
    "E105": Code(
        "`{name}` is only set by `global` inside a function",
        "At the top level, give it a starting value such as `{name} = None` before the function.",
    ),
    "E106": Code(
        "`{name}` is only defined in a cell that is not valid Python ({detail})",
        "Correct the syntax of that cell.",
    ),
    "E107": Code(
        "`{name}` is a notebook widget, which has no value in an exported app",
        "Make it a field of the form, or a constant.",
    ),
    "E108": Code(
        "the names of `from {detail} import *` cannot be found out, and `{name}` may be one",
        "Import the names that you use by name.",
    ),
    "E109": Code("`{name}` was deleted by `del`", "Remove the `del`, or define the name again."),
    "E110": Code(
        "`{name}` runs a magic or shell command ({detail})",
        "Write it in plain Python, for example with subprocess.",
    ),
    "E111": Code(
        "the file {detail} of `%run` cannot be read",
        "Put it beside the notebook, or import what you use by name.",
    ),
    "E112": Code(
        "the cell stopped with an error before `{name}` was set", "Correct the cell and run it."
    ),
    "E113": Code(
        "a literal that looks like a secret cannot be replaced ({detail})",
        "Read it from the environment: `os.environ[...]`.",
    ),
    "E114": Code(
        "`{name}` goes through all names of the notebook ({detail}), and the app has fewer",
        "List what it looks for by name, such as `CHECKS = [check_a, check_b]`.",
    ),
    "E115": Code(
        "`{name}` uses {detail}, which is '__main__' in a notebook and another module in the app",
        "Take it out, or write the text that you need.",
    ),
    "E116": Code(
        "the page, form or action that `{detail}` makes has no name of its own",
        "Give it one at the top level of a cell, such as `form = ...`.",
    ),
    "E117": Code(
        "`{name}` seems to be set by a magic ({detail}), which the app cannot run",
        "Set it in plain Python.",
    ),
    "E118": Code(
        "the module `{name}` beside the notebook has the name of one of Python's own",
        "Rename it, and import it by its new name.",
    ),
    "E119": Code(
        "the file {detail} of `%run` cannot become a module, since {remedy}",
        "Make it a module that needs nothing of the notebook, and import what you use by name.",
    ),
    "E120": Code(
        "`{name}` asks whether `__name__` is '__main__', which it is in a notebook and is not in "
        "the app",
        "Take the question out, or ask it alone: `if __name__ == '__main__':` at the top level.",
    ),
    "E121": Code(
        "`{name}` has a decorator that makes notebook widgets ({detail})",
        "Take the decorator off, and call it with the function in a cell of its own.",
    ),
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
    # what the author should know about the notebook
    "W201": Code(
        "a cell ran more than once ({detail} times); the app does it once",
        "Restart the kernel and run all cells if the value depends on it.",
    ),
    "W202": Code(
        "top-level await moved to start-up", "Nothing to do: the server awaits it before it starts."
    ),
    "W203": Code(
        "literal secret replaced by an environment variable ({name})",
        "Set {name} where the app runs.",
    ),
    "W204": Code("the app uses the data file {detail}", "Check that it may be copied."),
    "W205": Code(
        "`{name}` comes from an `if __name__ == '__main__'` block (__main__ block), which is "
        "run as part of the app",
        "Move it out of the block.",
    ),
    "W206": Code(
        "a statement with a side effect was left out: {detail}",
        "Add the comment `# export: keep` if the app needs it.",
    ),
    "W207": Code(
        "display() outside a notebook does nothing", "Return the value instead of displaying it."
    ),
    "W208": Code(
        "names looked up by eval or globals() cannot be followed",
        "Mark what they need with `# export: keep`.",
    ),
    "W209": Code("%run turned into a module ({detail})", "Import it to make this explicit."),
    "W210": Code(
        "`{name}` is module-level state that an action changes: lost on restart, not shared "
        "between processes",
        "Keep it in a database.",
    ),
    "W211": Code(
        "value frozen from the kernel: `{name}`", "Assign it in a cell to make it explicit."
    ),
    "W212": Code(
        "the execution counts tell that the cells were not run from top to bottom; the export "
        "takes them in that order",
        "Restart the kernel and run all cells, or export from the notebook.",
    ),
    "W213": Code(
        "the {detail} lies outside the notebook's folder",
        "Put the file beside the notebook and use a relative path.",
    ),
    "W214": Code(
        "`{name}` is defined in a cell that stopped with an error", "Correct the cell and run it."
    ),
    "W215": Code(
        "the call `{detail}` is kept because it changes `{name}`",
        "Add the comment `# export: skip` if it was only a test.",
    ),
    "W216": Code(
        "nobody can tell from the text which names `{detail}` sets: it was left out",
        "Write it in plain Python, or add the comment `# export: keep` if the app needs it.",
    ),
    "W217": Code(
        "the page that `{detail}` makes is not exported, since no name of a cell holds it",
        "Give it one at the top level of a cell, such as `page = ...`.",
    ),
    "W218": Code(
        "the cell stopped with an error in {detail}, which may have changed `{name}` before; the "
        "app does without it",
        "Correct the cell, restart the kernel and run all cells.",
    ),
    "W219": Code(
        "`{name}` ({detail}) is re-created per process",
        "Nothing to do where it stands for a server or a file; what it holds in memory is not "
        "shared.",
    ),
    "W220": Code(
        "the module `{name}` is not installed here, so its package {detail} has no version",
        "Install it and export again, or give its version in requirements.txt.",
    ),
    "W221": Code(
        "the folder {detail} has too many files to be copied", "Copy it into the app yourself."
    ),
    "W222": Code(
        "the app writes into the folder {detail}, which is empty there",
        "Copy what it needs of it into the app.",
    ),
    "W223": Code(
        "`{name}` may show where {detail} is defined, which is '__main__' in a notebook and "
        "another module in the app",
        "Show its name: `.__name__`.",
    ),
    "W224": Code(
        "`{name}` asks about all objects of the process ({detail}), and the app has others",
        "Keep a list of what it looks for, such as in a `weakref.WeakSet`.",
    ),
    "W225": Code(
        "`{name}` comes from an earlier version of its cell, which has been edited and run again",
        "Run the cells again that were made with it, or put it back.",
    ),
    "W226": Code(
        "`{name}` {detail}",
        "It may come from trying the form. To be sure, restart the kernel, run all cells and "
        "export again.",
    ),
    "W227": Code(
        "the cell that made `{name}` was {detail}; the app takes what ran",
        "Run the cell again, and save the notebook.",
    ),
    "W228": Code(
        "the cell that made `{name}` was deleted; the app takes what ran",
        "Put it back: the next kernel would not have it.",
    ),
    # what the author should know about the app
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


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or that the author should know.

    Attributes
    ----------
    code
        ``"E..."`` for an error, ``"W..."`` for a warning; a key of ``CODES``.
    severity
        ``"error"`` stops the export, ``"warning"`` does not.
    cell
        The number of the code cell, counted from 1, or None.
    line
        The line within the cell, counted from 1, or None.
    name
        The name that it is about, or None.
    why
        The chain of names that leads to it, such as ``("enroll", "price", "RATE")``.
    message, remedy
        What is wrong, and what to do.
    """

    code: str
    severity: Severity
    cell: int | None
    line: int | None
    name: str | None
    why: tuple[str, ...]
    message: str
    remedy: str

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Errors first, then in the order of the cells."""
        return (self.severity, self.cell or 0, self.line or 0, self.code, self.name or "")

    @property
    def place(self) -> str:
        """The cell and line as people say it; empty where there is none."""
        if self.cell is None:
            return ""
        return f"cell {self.cell}" + (f", line {self.line}" if self.line is not None else "")

    @property
    def lines(self) -> tuple[str, ...]:
        """All that is said about it but the code: what and where, why, and what to do."""
        what = f"{self.place}: {self.message}" if self.place else self.message
        why = f"needed by {' → '.join(self.why)}" if len(self.why) > 1 else ""
        return tuple(line for line in (what, why, self.remedy) if line)

    def __str__(self) -> str:
        # Codes are equally long: below each other, they stand in a column of their own.
        hanging = "\n" + " " * (len(self.code) + 2)
        lines = [line for one in self.lines for line in one.splitlines()]
        return f"{self.code}  {hanging.join(lines)}"


def problem(
    code: str,
    *,
    cell: int | None = None,
    line: int | None = None,
    name: str | None = None,
    why: tuple[str, ...] = (),
    detail: object = "",
    remedy: object = "",
) -> Problem:
    """Make the problem of this code, worded by ``CODES``."""
    wording = CODES[code]
    words = {"name": name or "", "detail": str(detail), "remedy": str(remedy)}
    return Problem(
        code,
        "error" if code.startswith("E") else "warning",
        cell,
        line,
        name,
        why,
        wording.message.format_map(words),
        wording.remedy.format_map(words),
    )
