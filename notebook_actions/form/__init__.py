"""Forms: how a signature becomes fields, and what was submitted its arguments.

The only part that knows pydantic, which turns text into values and checks them.
"""

from .parameters import Parameters
from .tree import Field, Group, Node, Rows, humanize
from .wording import labels_of

__all__ = ["Field", "Group", "Node", "Parameters", "Rows", "humanize", "labels_of"]
