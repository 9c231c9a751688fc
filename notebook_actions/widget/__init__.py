"""Forms and pages as live widgets: the same declarations, with a kernel under them."""

from .form import ActionForm
from .loop import note_cells
from .page import Page
from .submission import Submission

__all__ = ["ActionForm", "Page", "Submission"]

note_cells()
