"""Executors: wherever an action runs it ends alike, tells its progress, and can be cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from distributed import Client
from loky import get_reusable_executor

from notebook_actions import (
    ActionError,
    ActionForm,
    FormData,
    FormError,
    Progress,
    Request,
    UploadedFile,
    action,
    redirect,
)
from notebook_actions.action import Action
from notebook_actions.errors import (
    ActionFailure,
    ActionTimeout,
    Cancelled,
    DefinitionError,
    WorkerError,
    WorkerLost,
)
from notebook_actions.executors import Place, Threads, abandoned
from notebook_actions.executors.local import _exchange
from notebook_actions.output import MAX_PRINTED, captured
from notebook_actions.progress import Step
from notebook_actions.results import Bug, Failure, Outcome, Success

ROOT = Path(__file__).parents[1]
HOUSE = ContextVar("HOUSE", default="none")


# --- a cluster of real processes ------------------------------------------------------------------


class Cluster:
    """A scheduler of Dask and its workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        self._log = (folder / "dask.log").open("wb")
        self.processes: list[subprocess.Popen[bytes]] = []
        self._home = folder / "home"
        self._home.mkdir()
        (self._home / "notebook_actions.py").write_text("raise ImportError('not on a scheduler')")
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.workers: list[subprocess.Popen[bytes]] = []
        for _ in range(2):
            self.start_worker()
        wait_for(self._file)
        self.client = self._connected()
        self.wait(2)

    def start_worker(self) -> None:
        one = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--host", "127.0.0.1")
        self.workers.append(self._start("worker", *one))

    def wait(self, workers: int) -> None:
        """Wait for so many workers."""
        self.client.wait_for_workers(workers, timeout=60)

    def _connected(self) -> Client:
        """Return a client that gives up soon once the scheduler is lost, but not before."""
        for _ in range(30):
            with contextlib.suppress(OSError):
                return Client(scheduler_file=str(self._file), set_as_default=False, timeout=2)
        raise AssertionError("the scheduler cannot be reached")

    def _start(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        path = [self._home] if kind == "scheduler" else [ROOT, ROOT / "tests"]
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard"),
                *("--scheduler-file", str(self._file), *options),
            ],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
            stdout=self._log,
            stderr=self._log,
        )
        self.processes.append(process)
        return process

    def close(self) -> None:
        self.client.close()
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self._log.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    running = Cluster(tmp_path_factory.mktemp("dask"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def place_of(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Place]]:
    """Return the place of a name, the same in the whole module."""
    makers: dict[str, Callable[[], Any]] = {
        "thread pool": lambda: lambda: ThreadPoolExecutor(2),
        "threads": lambda: "threads:2",
        "processes": lambda: "processes:1",
        "loky": lambda: lambda: get_reusable_executor(1),
        "dask": lambda: request.getfixturevalue("cluster").client.get_executor,
    }
    made: dict[str, Place] = {}

    def place_of(name: str) -> Place:
        if name not in made:
            made[name] = Place(makers[name]())
        return made[name]

    yield place_of
    for one in made.values():
        one.close()


THREADS = ("thread pool", "threads")
PROCESSES = ("processes", "loky", "dask")


@pytest.fixture(params=[*THREADS, *PROCESSES])
def place(request: pytest.FixtureRequest, place_of: Callable[[str], Place]) -> Place:
    return place_of(request.param)


@pytest.fixture(params=PROCESSES)
def far(request: pytest.FixtureRequest, place_of: Callable[[str], Place]) -> Place:
    """Return a place in another process."""
    return place_of(request.param)


async def run(
    place: Place,
    function: Callable[..., Any],
    *pairs: tuple[str, str | UploadedFile],
    request: Request | None = None,
    report: Callable[[Step], None] | None = None,
    **options: Any,
) -> Outcome:
    """Submit these pairs to a function that runs at a place."""
    made: Action[..., Any] = Action(function, executor="threads:1", **options)
    made.place = place
    return await made.run(FormData(pairs), request or Request(), Progress(report))


def wait_for(path: Path) -> str:
    """Return what a file holds, once a worker has written it."""
    until = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < until, f"no worker wrote {path.name}"
        time.sleep(0.005)
    return path.read_text()


async def nothing_is_left() -> None:
    """Wait until all jobs have ended that nobody waits for."""
    async with asyncio.timeout(60):
        while abandoned():  # noqa: ASYNC110 - what runs is let go of when it ends
            await asyncio.sleep(0.001)


def write(path: str, text: object) -> None:
    """Write a file that appears with its content."""
    part = Path(f"{path}.part")
    part.write_text(str(text))
    part.rename(path)


# --- what crosses ---------------------------------------------------------------------------------


@dataclass
class Owl:
    name: str
    size: int = 1


@action
def known_to_its_module(owl: Owl) -> tuple[Owl, int]:
    return owl, os.getpid()


async def test_a_function_runs_where_it_is_told_to(place: Place) -> None:
    """A local function and what it returns cross, and so does the context within a process."""
    HOUSE.set("Ravenclaw")
    own = os.getpid()

    def where(name: str, count: int) -> tuple[str, int, int, str]:
        here = sys.modules.get("test_executors")  # a worker has no need of it
        return name, count, os.getpid(), "none" if here is None else here.HOUSE.get()

    outcome = await run(place, where, ("name", "luna"), ("count", "2"))
    assert isinstance(outcome, Success)
    name, count, pid, house = outcome.value
    assert (name, count) == ("luna", 2)
    assert house == ("Ravenclaw" if pid == own else "none")


async def test_processes_are_others(far: Place) -> None:
    """What is called a process pool here is one, and a function of a module is found by name."""
    pairs = (("name", "Errol"), ("size", "3"))
    outcome = await run(far, known_to_its_module.function, *pairs)
    assert isinstance(outcome, Success)
    assert outcome.value[0] == Owl("Errol", 3)
    assert outcome.value[1] != os.getpid()


async def test_an_async_function_runs_there_on_a_loop_of_its_own(place: Place) -> None:
    """An ``async def`` is awaited where it runs."""

    async def add(a: int) -> tuple[int, int]:
        await asyncio.sleep(0)
        return a + 1, threading.get_ident()

    outcome = await run(place, add, ("a", "1"))
    assert isinstance(outcome, Success)
    assert outcome.value[0] == 2


async def test_an_action_may_use_itself_and_others(far: Place) -> None:
    """Actions that a function mentions go along, those with an executor too."""

    @action(executor=lambda: ThreadPoolExecutor(1))
    def count(depth: int) -> int:
        return 0 if depth == 0 else 1 + count(depth - 1)

    count.place = far
    assert await count.run(FormData([("depth", "3")]), Request()) == Success(3)


async def test_form_data_files_and_the_request_cross(place: Place) -> None:
    """The function sees what it would see here; the cookies that it sets are set here."""
    photo = UploadedFile("owl.png", "image/png", b"PIXELS" * 400_000)
    request = Request("POST", "/owls", {"A": "b"}, {"old": "1", "gone": "2"}, session={"user": 7})

    def read(photo: UploadedFile, form: FormData, request: Request) -> tuple[object, ...]:
        request.cookies["new"] = "3"
        del request.cookies["gone"]
        size = len(photo.file.read())
        return size, form.keys(), request.url, request.headers["a"], request.session["user"]

    outcome = await run(place, read, ("photo", photo), request=request)
    assert outcome == Success((2_400_000, ["photo"], "/owls", "b", 7))
    assert dict(request.cookies) == {"old": "1", "new": "3"}
    assert set(request.cookies.changes) == {"new", "gone"}


async def test_what_is_printed_comes_back(place: Place) -> None:
    """Who captures what an action prints gets it from wherever that was, after a failure too."""

    def chatty(much: bool) -> None:
        print("many" * 20_000 if much else "few")
        print("a warning", file=sys.stderr)
        raise ActionError("no")

    printed: list[str] = []
    with captured(printed.append):
        assert isinstance(await run(place, chatty), Failure)
        assert "".join(printed) == "few\na warning\n"
        assert isinstance(await run(place, chatty, ("much", "on")), Failure)
    assert "".join(printed).endswith("many\na warning\n")
    assert MAX_PRINTED <= len("".join(printed)) < 100_000


async def test_a_redirect_crosses(place: Place) -> None:
    """An outcome is the same outcome."""
    assert await run(place, lambda: redirect("/thanks"), name="go") == redirect("/thanks")


async def test_two_equal_submissions_are_two_runs(place: Place, tmp_path: Path) -> None:
    """Nothing takes a call for one that was made before."""
    runs = tmp_path / "runs"

    def note() -> None:
        with runs.open("a") as file:
            file.write("x")

    await asyncio.gather(run(place, note), run(place, note))
    await run(place, note)
    assert runs.read_text() == "xxx"


# --- how it ends ----------------------------------------------------------------------------------


class ClassFull(ActionError):
    """A failure of the author's own."""

    def __init__(self, subject: str, *, seats: int) -> None:
        super().__init__(f"{subject} is full", status=409)
        self.seats = seats


class Strange(Exception):
    """An exception that cannot be pickled, as many cannot."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


async def test_failures_keep_their_type_and_fields(place: Place) -> None:
    """What is raised there is what arrives here."""

    def wrong() -> None:
        raise FormError("Check", fields={"email": "taken"})

    def full() -> None:
        raise ClassFull("Charms", seats=3)

    outcome = await run(place, wrong)
    assert isinstance(outcome, Failure)
    assert type(outcome.error) is FormError
    assert (outcome.error.message, outcome.error.fields) == ("Check", {"email": "taken"})
    outcome = await run(place, full)
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.error, ClassFull)
    assert (outcome.error.status, outcome.error.seats) == (409, 3)


async def test_a_bug_is_logged_with_the_traceback_of_the_worker(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """The exception keeps its type, and the log shows the line that raised it."""

    def look_up() -> object:
        return {}["owl"]

    outcome = await run(place, look_up)
    assert isinstance(outcome, Bug)
    assert isinstance(outcome.error, KeyError)
    assert 'return {}["owl"]' in caplog.text
    assert outcome.id in caplog.text


@pytest.mark.parametrize("error", [TimeoutError("x"), StopIteration(), SystemExit(3)], ids=repr)
async def test_every_exception_ends_the_submission(place: Place, error: BaseException) -> None:
    """Also those that futures, loops and workers have a meaning for."""

    def fail() -> None:
        raise error

    outcome = await asyncio.wait_for(run(place, fail), 60)
    assert isinstance(outcome, Bug)
    assert type(outcome.error) is type(error) or type(outcome.error.__cause__) is type(error)


async def test_an_exception_that_cannot_be_pickled_is_told_as_text(
    far: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not break the pool; a failure stays a failure."""

    def strange() -> None:
        raise Strange("this", "that")

    class OddError(Exception):
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    def odd() -> None:
        raise OddError

    def failure() -> None:
        error = ActionError("Class is full", status=409)
        error.lock = threading.Lock()  # type: ignore[attr-defined]
        raise error

    outcome = await run(far, strange)
    assert isinstance(outcome, Bug)
    assert isinstance(outcome.error, WorkerError)
    assert str(outcome.error) == "test_executors.Strange: this and that"
    assert 'raise Strange("this", "that")' in caplog.text
    outcome = await run(far, odd)
    assert isinstance(outcome, Bug)
    assert str(outcome.error) == "a OddError that cannot be shown"
    outcome = await run(far, failure)
    assert isinstance(outcome, Failure)
    assert type(outcome.error) is ActionFailure
    assert (outcome.error.message, outcome.error.status) == ("Class is full", 409)


async def test_what_cannot_be_sent_is_a_bug_that_says_so(far: Place) -> None:
    """An argument, a variable and a result that belong to one process name the function."""
    lock = threading.Lock()

    def uses() -> bool:
        return lock.locked()

    def returns() -> object:
        return threading.Lock()

    class Leaves:
        def __reduce__(self) -> str:
            raise SystemExit

    leaves = Leaves()

    def uses_what_leaves() -> object:
        return leaves

    for given in (uses, uses_what_leaves):
        outcome = await run(far, given)
        assert isinstance(outcome, Bug)
        assert isinstance(outcome.error, DefinitionError)
        assert f"{given.__name__}() cannot be sent to its executor=" in str(outcome.error)
    outcome = await run(far, returns)
    assert isinstance(outcome, Bug)
    assert "what returns() returned cannot leave its worker" in str(outcome.error)


async def test_without_cloudpickle_the_remedy_is_named(
    place_of: Callable[[str], Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that no worker can import needs it; one of a module does not."""
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    outcome = await run(place_of("processes"), lambda: 1, name="one")
    assert isinstance(outcome, Bug)
    assert "install cloudpickle, or move the function into a module" in str(outcome.error)
    pairs = (("name", "Errol"), ("size", "3"))
    outcome = await run(place_of("processes"), known_to_its_module.function, *pairs)
    assert isinstance(outcome, Success)


# --- progress, cancel, timeout --------------------------------------------------------------------


async def test_progress_comes_from_there(place: Place) -> None:
    """The first step and the last one arrive, and the rest in between."""
    seen: list[Step] = []

    def sort_letters(progress: Progress) -> None:
        for _ in progress.track(range(1000), message="owls"):
            pass

    assert await run(place, sort_letters, report=seen.append) == Success(None)
    assert seen[0] == Step(0, 1000, "owls")
    assert seen[-1] == Step(1000, 1000, "owls")


async def test_the_last_step_comes_with_the_result(
    place_of: Callable[[str], Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result, which comes another way, may overtake all that was told before it."""

    seen: list[Step] = []
    monkeypatch.setattr(_exchange(os.getpid()), "tell", lambda *late: None)

    def sort_letters(progress: Progress) -> None:
        progress(1, 3, "owls")
        progress(3, 3, "owls")

    await run(place_of("processes"), sort_letters, report=seen.append)
    assert seen == [Step(3, 3, "owls")]


@pytest.mark.parametrize("way", ["cancel", "timeout"])
async def test_a_job_is_asked_to_stop(
    place: Place, way: str, tmp_path: Path, limit: asyncio.Timeout
) -> None:
    """Cancelled is cancelled at once for who waits, and the job hears of it."""
    path = str(tmp_path / "job")

    def endless(progress: Progress) -> None:
        write(f"{path}.began", os.getpid())
        while not progress.cancelled:
            time.sleep(0.005)
        write(f"{path}.asked", "")

    assert await run(place, lambda: 0, name="awake") == Success(0)
    running = asyncio.create_task(run(place, endless, timeout=1))
    await asyncio.to_thread(wait_for, tmp_path / "job.began")
    if way == "cancel":
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    else:
        limit.reschedule(0)
        outcome = await running
        assert isinstance(outcome, Failure)
        assert isinstance(outcome.error, ActionTimeout)
    await asyncio.to_thread(wait_for, tmp_path / "job.asked")
    assert await run(place, lambda: 1, name="next") == Success(1)


# --- threads --------------------------------------------------------------------------------------


def test_threads_that_hang_hold_up_no_other() -> None:
    """Each job has a thread of its own, which ends with it."""
    threads, release = Threads(), threading.Event()

    def hang() -> threading.Thread:
        release.wait(60)
        return threading.current_thread()

    hung = [threads.submit(hang) for _ in range(100)]
    assert threads.submit(int).result(60) == 0
    assert not any(one.done() for one in hung)
    release.set()
    for one in hung:
        thread = one.result(60)
        thread.join(60)
        assert not thread.is_alive()


def test_a_limit_lets_so_many_threads_run() -> None:
    """More jobs wait for their turn, in order, and can be cancelled while they do."""
    threads, entered, release = Threads(1), threading.Event(), threading.Event()
    order: list[int] = []

    def first() -> None:
        entered.set()
        release.wait(60)

    threads.submit(first)
    assert entered.wait(60)
    second, third, fourth = (threads.submit(order.append, n) for n in (2, 3, 4))
    assert not second.running()
    assert third.cancel()
    release.set()
    fourth.result(60)
    assert order == [2, 4]
    threads.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        threads.submit(int)


async def test_a_job_that_nobody_waits_for_is_known(place_of: Callable[[str], Place]) -> None:
    """A server that stops does not wait for it, as Python would."""
    entered, release = threading.Event(), threading.Event()

    def hang() -> None:
        entered.set()
        release.wait(60)

    await nothing_is_left()  # of earlier tests
    running = asyncio.create_task(run(place_of("thread pool"), hang))
    assert await asyncio.to_thread(entered.wait, 60)
    assert not abandoned()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert abandoned()
    release.set()


async def test_a_job_that_is_cancelled_while_it_is_submitted_does_not_run() -> None:
    """A start that takes long can be left; nothing begins behind the person's back."""
    entered, release, submitted = threading.Event(), threading.Event(), threading.Event()
    calls: list[int] = []

    class Slow(ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Any:
            future = super().submit(*args, **kwargs)
            future.add_done_callback(lambda _: submitted.set())
            return future

    def make() -> Slow:
        entered.set()
        release.wait(60)
        return Slow(1)

    place = Place(make)
    running = asyncio.create_task(run(place, lambda: calls.append(1), name="note"))
    assert await asyncio.to_thread(entered.wait, 60)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    release.set()
    assert await asyncio.to_thread(submitted.wait, 60)
    assert calls == []
    place.close()


# --- what executor= may be ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", ["process:4", "threads", "threads:0", "processes:x", "dask", "", 4, {}]
)
def test_what_is_no_executor_is_refused(given: Any) -> None:
    """The error says what there is."""
    with pytest.raises(DefinitionError, match=r"executor=.*'processes:4'"):
        Action(known_to_its_module.function, executor=given)


async def test_what_makes_an_executor_is_called_once_when_it_is_needed() -> None:
    """Declaring an action starts nothing."""
    made: list[Threads] = []

    def make() -> Threads:
        made.append(Threads())
        return made[-1]

    @action(executor=make)
    def ready() -> int:
        return 1

    assert made == []
    for _ in range(2):
        assert await ready.run(FormData(), Request()) == Success(1)
    assert len(made) == 1


def test_a_text_means_one_executor_for_all_actions() -> None:
    """Many actions, and cells that run again, do not start processes each."""
    one, two, other = (
        Action(known_to_its_module.function, executor=text)
        for text in ("threads:3", "threads:3", "threads:4")
    )
    assert one.place is two.place
    assert one.place is not other.place


async def test_what_makes_no_executor_is_a_bug_that_says_so() -> None:
    """The mistake is named at the first submission."""

    @action(executor=lambda: 3)  # type: ignore[arg-type, return-value]
    def ready() -> None: ...

    outcome = await ready.run(FormData(), Request())
    assert isinstance(outcome, Bug)
    assert "makes int; let it return an Executor of concurrent.futures" in str(outcome.error)


async def test_an_executor_that_cannot_be_reached_is_a_failure() -> None:
    """It can be retried, and the next try makes it anew."""
    tries: list[int] = []

    def make() -> Threads:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no route to host")
        return Threads()

    @action(executor=make)
    def ready() -> int:
        return 1

    outcome = await ready.run(FormData(), Request())
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.error, WorkerLost)
    assert await ready.run(FormData(), Request()) == Success(1)


async def test_dask_is_connected_to_by_its_address(cluster: Cluster) -> None:
    """The connection is ours, and closed with the place."""
    place = Place(f"dask:{cluster.client.scheduler.address}")
    assert await run(place, lambda: 1, name="one") == Success(1)
    place.close()
    assert await run(place, lambda: 2, name="two") == Success(2)
    place.close()


async def test_the_widget_follows_a_job_in_another_process() -> None:
    """Pending, progress, result and cancel are those of any action."""

    @action(executor="processes:1")
    def sort_letters(count: int, progress: Progress) -> int:
        for _ in progress.track(range(count), message="letters"):
            while count > 5 and not progress.cancelled:
                time.sleep(0.005)
        return count

    form = ActionForm(sort_letters)
    assert await form.submit(count=3) == 3
    assert (form.pending, form.result) == (False, 3)
    submission = form.submit(count=6)
    async with asyncio.timeout(60):
        while form.progress is None:  # noqa: ASYNC110 - it comes from another process
            await asyncio.sleep(0.005)
    assert (form.pending, form.progress) == (True, Step(0, 6, "letters"))
    form.cancel()
    with pytest.raises(Cancelled):
        await submission
    assert not form.pending
    assert isinstance(form.error, Cancelled)
    assert await form.submit(count=2) == 2
    form.close()
    sort_letters.place.close()


async def test_many_submissions_and_cancels_leave_nothing_behind(
    place_of: Callable[[str], Place],
) -> None:
    """Each one ends once, what was not cancelled has its own result, and no line is kept."""
    place, chance = place_of("processes"), Random(7)

    def double(number: int, progress: Progress) -> int:
        progress(number)
        return number * 2

    async def submit(number: int) -> Outcome | None:
        running = asyncio.create_task(run(place, double, ("number", str(number))))
        if chance.random() < 0.4:
            for _ in range(chance.randrange(20)):
                await asyncio.sleep(0)
            running.cancel()
        try:
            return await running
        except asyncio.CancelledError:
            return None

    ends = await asyncio.gather(*map(submit, range(200)))
    assert None in ends
    assert all(end in (None, Success(2 * number)) for number, end in enumerate(ends))
    assert await run(place, lambda: 1, name="last") == Success(1)
    await nothing_is_left()
    assert _exchange(os.getpid()).runs == {}


# --- workers that die -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["processes", "loky"])
async def test_a_killed_worker_is_a_failure_and_the_pool_is_made_again(
    name: str, place_of: Callable[[str], Place], tmp_path: Path
) -> None:
    """All that ran there fail and can be retried; the next submission has new workers."""
    place, path = place_of(name), str(tmp_path / "job")

    def wait() -> None:
        write(f"{path}.began", os.getpid())
        threading.Event().wait()

    running = asyncio.create_task(run(place, wait))
    pid = int(await asyncio.to_thread(wait_for, tmp_path / "job.began"))
    waiting = asyncio.create_task(run(place, lambda: 1, name="waits"))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    outcome = await asyncio.wait_for(running, 60)
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.error, WorkerLost)
    assert outcome.error.status == 503
    assert isinstance(await asyncio.wait_for(waiting, 60), Failure | Success)
    assert await run(place, lambda: 2, name="next") == Success(2)


async def test_a_pool_that_was_given_ready_made_is_not_made_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its author is told what to do, and each submission ends."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    # Not forked, since this process has threads.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        for _ in range(2):
            outcome = await run(Place(pool), die)
            assert isinstance(outcome, Failure)
            assert isinstance(outcome.error, WorkerLost)
    assert "write executor= as a function that makes it" in caplog.text


@pytest.mark.parametrize("allowed_failures", [0, 3])
async def test_a_job_of_dask_whose_worker_is_killed_is_not_started_again(
    cluster: Cluster, place_of: Callable[[str], Place], tmp_path: Path, allowed_failures: int
) -> None:
    """By its default Dask starts it on another worker: here one submission is one run."""
    place, path, runs = place_of("dask"), str(tmp_path / "job"), tmp_path / "runs"

    def allow(dask_scheduler: Any) -> None:
        dask_scheduler.allowed_failures = allowed_failures

    cluster.client.run_on_scheduler(allow)

    def wait(progress: Progress) -> None:
        with runs.open("a") as file:
            file.write("x")
        write(f"{path}.began", os.getpid())
        while not progress.cancelled:
            time.sleep(0.005)

    running = asyncio.create_task(run(place, wait))
    pid = int(await asyncio.to_thread(wait_for, tmp_path / "job.began"))
    (worker,) = (one for one in cluster.workers if one.pid == pid)
    worker.kill()
    outcome = await asyncio.wait_for(running, 60)
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.error, WorkerLost)
    assert await run(place, lambda: 2, name="next") == Success(2)
    assert runs.read_text() == "x"
    worker.wait()
    cluster.workers.remove(worker)
    cluster.start_worker()
    cluster.wait(2)


async def test_the_last_worker_of_dask_may_be_killed_too(
    cluster: Cluster, place_of: Callable[[str], Place], tmp_path: Path
) -> None:
    """Dask would wait for another worker for ever; the submission ends."""
    place, path = place_of("dask"), str(tmp_path / "job")

    def wait() -> None:
        write(f"{path}.began", os.getpid())
        threading.Event().wait()

    for worker in cluster.workers[1:]:
        worker.kill()
        worker.wait()
    running = asyncio.create_task(run(place, wait))
    pid = int(await asyncio.to_thread(wait_for, tmp_path / "job.began"))
    os.kill(pid, signal.SIGKILL)
    outcome = await asyncio.wait_for(running, 60)
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.error, WorkerLost)
    waiting = asyncio.create_task(run(place, lambda: 3, name="waits"))
    cluster.start_worker()
    assert await asyncio.wait_for(waiting, 60) == Success(3)


async def test_a_scheduler_that_is_killed_ends_what_runs(
    cluster: Cluster, place_of: Callable[[str], Place], tmp_path: Path
) -> None:
    """A submission does not outlive the cluster, and one that comes later ends as well."""
    place, path = place_of("dask"), str(tmp_path / "job")

    def wait() -> None:
        write(f"{path}.began", os.getpid())
        time.sleep(60)

    running = asyncio.create_task(run(place, wait))
    await asyncio.to_thread(wait_for, tmp_path / "job.began")
    cluster.scheduler.kill()
    for ending in (running, run(place, lambda: 1, name="later")):
        outcome = await asyncio.wait_for(ending, 60)
        assert isinstance(outcome, Failure)
        assert isinstance(outcome.error, WorkerLost)
