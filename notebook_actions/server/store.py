"""The store: what has to outlive one request, so that the web tier itself keeps nothing.

That is the outcome of a submission between the 303 and the page that shows it, the files for its
next try and its downloads, the records of runs, and which of them a list of submissions has.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

__all__ = ["MemoryStore", "SQLiteStore", "Store"]

T = TypeVar("T")


class Store(Protocol):
    """Keeps bytes under keys for a limited time."""

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep ``value`` under ``key`` for ``seconds``."""

    async def get(self, key: str) -> bytes | None:
        """Return what is kept under ``key``; None when there is nothing."""

    async def get_all(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return what is kept under each of these keys that something is kept under."""

    async def take(self, key: str) -> bytes | None:
        """Return what is kept under ``key`` and forget it; None when there is nothing.

        However many ask at once, in one process or several, one of them gets it.
        """

    async def under(self, prefix: str) -> dict[str, bytes]:
        """Return all that is kept under keys that begin so."""

    def close(self) -> None:
        """Release files and threads."""


class MemoryStore:
    """A store in this process's memory: for tests and previews."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, float]] = {}

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep ``value`` under ``key`` for ``seconds``."""
        now = time.monotonic()
        self._kept = {name: one for name, one in self._kept.items() if one[1] > now}
        self._kept[key] = (value, now + seconds)

    async def get(self, key: str) -> bytes | None:
        """Return what is kept under ``key``; None when there is nothing."""
        return (await self.get_all([key])).get(key)

    async def get_all(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return what is kept under each of these keys that something is kept under."""
        now = time.monotonic()
        found = ((key, self._kept.get(key, (b"", 0.0))) for key in keys)
        return {key: value for key, (value, until) in found if until > now}

    async def take(self, key: str) -> bytes | None:
        """Return what is kept under ``key`` and forget it; None when there is nothing."""
        value, until = self._kept.pop(key, (None, 0.0))
        return value if until > time.monotonic() else None

    async def under(self, prefix: str) -> dict[str, bytes]:
        """Return all that is kept under keys that begin so."""
        now = time.monotonic()
        return {
            key: value
            for key, (value, until) in self._kept.items()
            if key.startswith(prefix) and until > now
        }

    def close(self) -> None:
        """Forget everything."""
        self._kept.clear()


class SQLiteStore:
    """A store in an SQLite file: serves several processes of one machine.

    One thread of this process works on the file, so that waiting for the disk or for another
    process never blocks the event loop. The file must be on a local disk, since WAL needs it, and
    only its owner may read it.

    Parameters
    ----------
    path : path-like
        The file; made when it is not there.

    Raises
    ------
    OSError
        When the file cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        # Here, so that a folder which is not there is noticed before anything is submitted.
        self._path.touch(mode=0o600)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="notebook_actions-store")
        self._connection: sqlite3.Connection | None = None

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep ``value`` under ``key`` for ``seconds``."""

        def work(connection: sqlite3.Connection) -> None:
            now = time.time()
            connection.execute("DELETE FROM kept WHERE until <= ?", (now,))
            connection.execute(
                "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (key, value, now + seconds)
            )

        await self._run(work)

    async def get(self, key: str) -> bytes | None:
        """Return what is kept under ``key``; None when there is nothing."""

        def work(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute(
                "SELECT value, until FROM kept WHERE key = ?", (key,)
            ).fetchone()
            return row[0] if row and row[1] > time.time() else None

        return await self._run(work)

    async def get_all(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return what is kept under each of these keys that something is kept under."""
        # As many as there are, which parameters cannot be.
        wanted = json.dumps(list(keys))

        def work(connection: sqlite3.Connection) -> dict[str, bytes]:
            return dict(
                connection.execute(
                    "SELECT kept.key, kept.value FROM json_each(?) AS wanted "
                    "JOIN kept ON kept.key = wanted.value WHERE until > ?",
                    (wanted, time.time()),
                ).fetchall()
            )

        return await self._run(work)

    async def take(self, key: str) -> bytes | None:
        """Return what is kept under ``key`` and forget it; None when there is nothing."""

        def work(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute(
                "DELETE FROM kept WHERE key = ? RETURNING value, until", (key,)
            ).fetchone()
            return row[0] if row and row[1] > time.time() else None

        return await self._run(work)

    async def under(self, prefix: str) -> dict[str, bytes]:
        """Return all that is kept under keys that begin so."""

        def work(connection: sqlite3.Connection) -> dict[str, bytes]:
            # No key goes on with the last of all characters.
            between = (prefix, prefix + "\U0010ffff", time.time())
            return dict(
                connection.execute(
                    "SELECT key, value FROM kept WHERE key >= ? AND key < ? AND until > ?", between
                ).fetchall()
            )

        return await self._run(work)

    def close(self) -> None:
        """Close the file and end the thread."""
        if self._connection is not None:
            self._thread.submit(self._connection.close).result()
            self._connection = None
        self._thread.shutdown()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def call() -> T:
            connection = self._open()
            with connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._path, timeout=10)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS kept "
                "(key TEXT PRIMARY KEY, value BLOB NOT NULL, until REAL NOT NULL)"
            )
            connection.execute("CREATE INDEX IF NOT EXISTS kept_until ON kept (until)")
            connection.commit()
            self._connection = connection
        return self._connection
