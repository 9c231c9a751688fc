"""The store: every kind keeps the same promises."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from notebook_actions.server.store import MemoryStore, SQLiteStore, Store


class Contract:
    """What a store promises."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = self.make(tmp_path)
        yield store
        store.close()

    def make(self, folder: Path) -> Store:
        raise NotImplementedError

    async def test_take_gives_what_was_put_once(self, store: Store) -> None:
        """What is taken is gone."""
        await store.put("key", b"\x00\xffvalue", 60)
        assert await store.take("key") == b"\x00\xffvalue"
        assert await store.take("key") is None

    async def test_nothing_under_an_unknown_key(self, store: Store) -> None:
        """A key that nothing was put under gives None, whatever characters it has."""
        for key in ("", "missing", "' OR 1=1 --", "größe\x00", "%"):
            assert await store.take(key) is None

    async def test_keys_do_not_mix(self, store: Store) -> None:
        """Each key has its own value."""
        for number in range(20):
            await store.put(f"key{number}", str(number).encode(), 60)
        assert [await store.take(f"key{number}") for number in range(20)] == [
            str(number).encode() for number in range(20)
        ]

    async def test_put_again_replaces(self, store: Store) -> None:
        """The newer value stands."""
        await store.put("key", b"old", 60)
        await store.put("key", b"new", 60)
        assert await store.take("key") == b"new"
        assert await store.take("key") is None

    async def test_empty_and_large_values(self, store: Store) -> None:
        """A value of any size is kept."""
        for value in (b"", b"x" * 5_000_000):
            await store.put("key", value, 60)
            assert await store.take("key") == value

    async def test_what_is_too_old_is_gone(self, store: Store) -> None:
        """After its time a value is not given out."""
        await store.put("young", b"y", 60)
        await store.put("old", b"x", -1)
        assert await store.take("old") is None
        assert await store.take("young") == b"y"

    async def test_what_begins_alike_is_found(self, store: Store) -> None:
        """All keys that begin with a text are found, no other one, and none that is too old."""
        for key in ("a:1", "a:2", "a:ü%", "a", "b:1", "A:1", "a;"):
            await store.put(key, key.encode(), 60)
        await store.put("a:old", b"", -1)
        assert await store.under("a:") == {key: key.encode() for key in ("a:1", "a:2", "a:ü%")}
        assert await store.under("c") == {}

    async def test_many_are_found_at_once(self, store: Store) -> None:
        """Of as many keys as there are, those that are there are found, and none that is old."""
        for key in ("a", "b", "größe"):
            await store.put(key, key.encode(), 60)
        await store.put("old", b"", -1)
        wanted = ["b", "größe", "old", *(f"missing{number}" for number in range(40_000))]
        assert await store.get_all(wanted) == {"b": b"b", "größe": "größe".encode()}
        assert await store.get_all([]) == {}

    async def test_one_of_many_at_once_gets_it(self, store: Store) -> None:
        """However many take a key at once, one gets it."""
        await store.put("key", b"x", 60)
        taken = await asyncio.gather(*(store.take("key") for _ in range(50)))
        assert sorted(taken, key=bool) == [None] * 49 + [b"x"]

    async def test_closing_twice_is_fine(self, tmp_path: Path) -> None:
        """A store can be closed before its first use, and again."""
        (tmp_path / "other").mkdir()
        store = self.make(tmp_path / "other")
        store.close()
        store.close()


class TestMemoryStore(Contract):
    def make(self, folder: Path) -> Store:
        return MemoryStore()

    async def test_old_values_do_not_pile_up(self) -> None:
        """What nobody took is forgotten with the next put."""
        store = MemoryStore()
        for number in range(100):
            await store.put(f"key{number}", b"x", -1)
        assert len(store._kept) == 1


def permissions(folder: Path) -> dict[str, int]:
    """Return the permissions of the files of a folder, by name."""
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def _race(path: Path, ready: Callable[[], object], count: int, results: object) -> None:
    """Take every key, in a process of its own, at the same moment as the other processes."""

    async def take_all() -> list[int]:
        store = SQLiteStore(path)
        ready()
        got = [number for number in range(count) if await store.take(f"key{number}") is not None]
        store.close()
        return got

    results.put(asyncio.run(take_all()))  # type: ignore[attr-defined]


class TestSQLiteStore(Contract):
    def make(self, folder: Path) -> Store:
        return SQLiteStore(folder / "store.sqlite3")

    async def test_it_outlives_the_process(self, tmp_path: Path) -> None:
        """What was put is there for the next store of the same file."""
        first = self.make(tmp_path)
        await first.put("key", b"x", 60)
        first.close()
        second = self.make(tmp_path)
        assert await second.take("key") == b"x"
        second.close()

    async def test_only_its_owner_can_read_it(self, tmp_path: Path) -> None:
        """The file and its companions hold what people entered: nobody else may read them."""
        store = self.make(tmp_path)
        await store.put("key", b"x", 60)
        modes = permissions(tmp_path)
        assert set(modes) >= {"store.sqlite3", "store.sqlite3-wal"}
        assert {mode & 0o077 for mode in modes.values()} == {0}
        store.close()

    async def test_old_values_do_not_pile_up(self, tmp_path: Path) -> None:
        """What nobody took is deleted with the next put."""
        store = self.make(tmp_path)
        for number in range(20):
            await store.put(f"key{number}", b"x", -1)
        store.close()
        with sqlite3.connect(tmp_path / "store.sqlite3") as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)
        connection.close()

    def test_a_folder_that_is_not_there_is_noticed_at_once(self, tmp_path: Path) -> None:
        """A store that could never keep anything is an error before the first submission."""
        with pytest.raises(FileNotFoundError):
            SQLiteStore(tmp_path / "missing" / "store.sqlite3")

    async def test_waiting_for_the_disk_blocks_nobody(self, tmp_path: Path) -> None:
        """While another process holds the file, the loop goes on."""
        store = self.make(tmp_path)
        await store.put("key", b"x", 60)
        other = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        taking = asyncio.create_task(store.take("key"))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not taking.done()
        other.execute("COMMIT")
        other.close()
        assert await taking == b"x"
        store.close()

    def test_two_processes_take_each_key_once(self, tmp_path: Path) -> None:
        """Of processes that take the same keys at the same moment, one gets each of them."""
        path, count = tmp_path / "store.sqlite3", 200

        async def fill() -> None:
            store = SQLiteStore(path)
            for number in range(count):
                await store.put(f"key{number}", b"x", 60)
            store.close()

        asyncio.run(fill())
        context = multiprocessing.get_context("spawn")
        barrier, results = context.Barrier(2), context.Queue()
        processes = [
            context.Process(target=_race, args=(path, barrier.wait, count, results))
            for _ in range(2)
        ]
        for process in processes:
            process.start()
        taken = [results.get(timeout=60) for _ in processes]
        for process in processes:
            process.join(60)
            assert process.exitcode == 0
        results.close()
        results.join_thread()
        assert sorted(taken[0] + taken[1]) == list(range(count))
