"""Modules that functions import for themselves, known as those of the top level are.

A function's own name for a module says nothing outside of it: ``def f(): import helper``. So in
the syntax tree every use of it gets a name that is the same wherever the module is imported so,
``import helper``, and what one function changes in the module is seen by all others. No name of a
notebook is like these, and nothing has to bind them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from notebook_actions.exporter.analysis.scopes import (
    FunctionNode,
    imported_name,
    local_names,
    own_nodes,
)

__all__ = ["inner_imports", "name_inner_imports"]


def inner_imports(function: FunctionNode) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield what a function imports: its local name, the name for all, the module, the attribute.

    Of ``import a.b``, which binds ``a``, the module is ``a``.
    """
    body = [] if isinstance(function, ast.Lambda) else function.body
    own = local_names(function)[0]
    for node in own_nodes(body):
        for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            local = imported_name(alias)
            if local not in own:
                continue  # it is declared as global
            if isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                yield local, f"from {module} import {alias.name}", module, alias.name
            else:
                module = alias.name if alias.asname else local
                yield local, f"import {module}", module, None


def name_inner_imports(node: ast.AST, names: Mapping[str, str] = MappingProxyType({})) -> None:
    """Give the uses of what functions import their names, in place.

    Parameters
    ----------
    node
        The tree.
    names
        By local name, the names of what the functions around it import.
    """
    for part in ast.iter_child_nodes(node):
        inside = names
        if isinstance(part, FunctionNode):
            own = local_names(part)[0]
            inside = {name: one for name, one in names.items() if name not in own}
            inside.update((local, name) for local, name, *_ in inner_imports(part))
        name_inner_imports(part, inside)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        node.id = names.get(node.id, node.id)
