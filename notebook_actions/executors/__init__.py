"""Executors: where an action's function runs, from a thread of its own to a worker elsewhere."""

from __future__ import annotations

from .job import abandoned
from .place import Place, place_of
from .run import in_thread, is_cancelled, run
from .threads import Threads

__all__ = ["Place", "Threads", "abandoned", "in_thread", "is_cancelled", "place_of", "run"]
