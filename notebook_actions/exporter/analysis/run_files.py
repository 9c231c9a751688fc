"""Whether a file that the notebook runs by ``%run`` can be a module of the app instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from notebook_actions.exporter.analysis.effects import Effect
from notebook_actions.exporter.analysis.modules import LocalModules
from notebook_actions.exporter.analysis.names import names_of
from notebook_actions.exporter.analysis.needs import Events
from notebook_actions.exporter.analysis.statements import Statement

__all__ = ["why_no_module"]

_READS_ARGUMENTS = re.compile(r"\b(?:argv|argparse|click|typer|docopt)\b")


def why_no_module(
    name: str,
    statement: Statement,
    statements: Sequence[Statement],
    events: Events,
    effects: Mapping[int, Effect],
    modules: LocalModules,
) -> str | None:
    """Return why a run file would not do as a module what it did in the notebook, or None.

    Parameters
    ----------
    name
        The module that it becomes.
    statement
        One of the imports that take the place of ``%run``.
    statements, events, effects
        Those of the notebook.
    modules
        The notebook's modules, with what is known of how they were run.
    """
    module, runs = modules.find(name), modules.runs[name]
    try:
        parts = [] if module is None else [names_of(node) for node in ast.parse(module.text).body]
    except (SyntaxError, ValueError):
        return None  # the rehearsal says so
    bound = frozenset(modules.star_names(name) or ())
    used = frozenset(used for part in parts for used in (*part.now, *part.later))
    others = [
        one
        for one in statements
        if not (isinstance(one.node, ast.ImportFrom) and one.node.module == name)
    ]
    if any(run.shares for run in runs):
        for one in sorted(used - bound):
            if events.binders(one):
                return f"it uses `{one}` of the notebook"
        for other in others:
            again = used & bound & (other.names.binds | other.names.sets)
            if other.index > statement.index and again:
                return f"the notebook sets its `{min(again)}` anew"
    given = any(run.arguments for run in runs)
    if module is not None and given and _READS_ARGUMENTS.search(module.text):
        return "it reads the arguments that it is given"
    if len(runs) > 1 and any(bound & effects[one.index].changes for one in others):
        return "it runs again after its objects have changed"
    return None
