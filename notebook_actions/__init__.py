"""Form actions: one async function, a live form in the notebook and a web page by export.

The core is loaded at once and needs neither Jupyter nor a server. The edges are loaded when they
are asked for, so that this same file serves the package and the runtime inside an exported app,
which has no ``widget`` and no ``exporter``: there ``ActionForm`` and ``Page`` are the declarations
without the widget on top.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .action import Action, action
from .download import Download
from .errors import ActionError, ExportError, FormError
from .files import UploadedFile
from .formdata import FormData
from .loader import loader
from .progress import Progress
from .request import Request
from .results import redirect

if TYPE_CHECKING:
    from .exporter import export
    from .server import make_app, serve
    from .widget import ActionForm, Page

__version__ = "0.1.0"

__all__ = [
    "Action",
    "ActionError",
    "ActionForm",
    "Download",
    "ExportError",
    "FormData",
    "FormError",
    "Page",
    "Progress",
    "Request",
    "UploadedFile",
    "action",
    "export",
    "loader",
    "make_app",
    "redirect",
    "serve",
]

_WIDGETS = "widget" if find_spec("notebook_actions.widget") else "page"

_EDGES = {
    "ActionForm": _WIDGETS,
    "Page": _WIDGETS,
    "export": "exporter",
    "make_app": "server",
    "serve": "server",
}


def __getattr__(name: str) -> Any:
    if name not in _EDGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_EDGES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
