"""Forms and pages as live widgets: the same declarations, with a kernel under them."""

from .form import ActionForm
from .page import Page
from .submission import Submission

__all__ = ["ActionForm", "Page", "Submission"]
