"""Forms: how a signature becomes fields, and what was submitted its arguments.

The only part that knows pydantic, which turns text into values and checks them.
"""

from .field import Field, humanize
from .parameters import Parameters
from .tree import Group, Node, Rows
from .wording import labels_of, value_text

__all__ = ["Field", "Group", "Node", "Parameters", "Rows", "humanize", "labels_of", "value_text"]
