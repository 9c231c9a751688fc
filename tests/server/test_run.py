"""A real process: its start, its log, its stop."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tornado.web import Application

from notebook_actions.page import Page
from notebook_actions.server import make_app, run

APP = """
import asyncio, os, pathlib, sys, threading
from notebook_actions import action, FormData
from notebook_actions.server import main, make_app

here = pathlib.Path(sys.argv.pop(1))

async def until(name):
    while not (here / name).exists():
        await asyncio.sleep(0.01)

@action
async def slow(form: FormData):
    (here / "started").touch()
    await until("release")
    (here / "ended").touch()
    return "slow is done"

@action
def stuck():
    (here / "started").touch()
    threading.Event().wait()

main(lambda **settings: make_app([slow, stuck], **settings), here)
"""

URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


class Process:
    """An app in a process of its own; ``here`` is its folder."""

    def __init__(self, here: Path, *arguments: str, code: str = APP) -> None:
        self.here = here
        # Tornado's bind_sockets() does not close the socket that it could not bind.
        warnings = ["-W", "error", "-W", "ignore::ResourceWarning"]
        self.process = subprocess.Popen(
            [sys.executable, *warnings, "-c", textwrap.dedent(code), str(here), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=here,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.port = 0

    def started(self) -> Process:
        """Wait until it serves."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Serving http://127.0.0.1:"), self.end()
        self.port = int(line.partition("127.0.0.1:")[2].partition("/")[0])
        return self

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        """Return status, Location and text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, URLENCODED if body is not None else {})
            reply = connection.getresponse()
            return reply.status, reply.getheader("Location", ""), reply.read().decode()

    def until(self, name: str) -> None:
        """Wait for a file that the action makes."""
        waiting = threading.Event()
        for _ in range(6000):
            if (self.here / name).exists():
                return
            waiting.wait(0.01)
        raise AssertionError(f"{name} never came: {self.end()}")

    def end(self) -> tuple[int, str]:
        """Wait for the end, and return the exit code and what it said."""
        try:
            out, err = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        return self.process.returncode, out + err


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Process] = []

    def start(*arguments: str, code: str = APP) -> Process:
        running.append(Process(tmp_path, *(arguments or ("--port", "0")), code=code))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_waits_for_what_runs(start: Start, number: signal.Signals) -> None:
    """After the signal a slow action ends, is answered, and the process exits with 0."""
    app = start().started()
    answers: list[tuple[int, str, str]] = []
    visitor = threading.Thread(
        target=lambda: answers.append(app.ask("POST", "/slow?_action=slow", "text=x"))
    )
    visitor.start()
    app.until("started")
    app.process.send_signal(number)
    assert refused_or_stopping(app)
    assert answers == []
    (app.here / "release").touch()
    visitor.join(60)
    ((status, location, _),) = answers
    assert (status, location.startswith("/slow?_outcome=")) == (303, True)
    assert app.end()[0] == 0


def refused_or_stopping(app: Process) -> bool:
    """Whether the app, told to stop, comes to refuse connections or to say 503."""
    waiting = threading.Event()
    for _ in range(6000):
        try:
            if app.ask("GET", "/healthz")[0] == 503:
                return True
        except OSError:
            return True
        waiting.wait(0.005)
    return False


def test_the_outcome_survives_a_restart(start: Start) -> None:
    """What ended while the app was stopping is shown by the app that is started after it."""
    app = start().started()
    (app.here / "release").touch()
    _, location, _ = app.ask("POST", "/slow?_action=slow", "")
    app.process.terminate()
    assert app.end()[0] == 0
    again = start().started()
    assert "slow is done" in again.ask("GET", location)[2]
    assert "slow is done" not in again.ask("GET", location)[2]


def test_an_idle_app_stops_at_once(start: Start) -> None:
    """With nothing to wait for, an open connection does not hold the process."""
    app = start().started()
    with socket.create_connection(("127.0.0.1", app.port)):
        app.process.terminate()
        assert app.end()[0] == 0


def test_a_second_signal_does_not_wait(start: Start) -> None:
    """Who asks twice is obeyed, even when an action will never end."""
    app = start().started()
    visitor = socket.create_connection(("127.0.0.1", app.port))
    visitor.sendall(
        b"POST /stuck?_action=stuck HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    )
    app.until("started")
    app.process.terminate()
    assert refused_or_stopping(app)
    app.process.terminate()
    visitor.close()
    assert app.end()[0] == -signal.SIGTERM


def test_after_the_grace_time_nothing_holds_the_process(start: Start) -> None:
    """What still runs after the grace time is given up, a thread that cannot be stopped too."""
    code = """
        import pathlib, sys, threading
        from notebook_actions import action, serve

        @action
        def stuck():
            pathlib.Path(sys.argv[1], "started").touch()
            threading.Event().wait()

        serve(stuck, port=0, grace=0.05)
    """
    app = start("unused", code=code).started()
    with socket.create_connection(("127.0.0.1", app.port)) as visitor:
        visitor.sendall(
            b"POST /stuck?_action=stuck HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        )
        app.until("started")
        app.process.terminate()
        exit_code, said = app.end()
    assert exit_code == 1
    assert said == "stopped after 0.05 s; submissions cancelled: 1\n"


HEAVY = """
    import os, pathlib, sys, threading
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    from notebook_actions import action
    from notebook_actions.server import main, make_app

    here = pathlib.Path(sys.argv.pop(1))
    @action(executor=lambda: ThreadPoolExecutor(1))
    def heavy():
        return f"heavy ran in {os.getpid()}"

    @action
    def light():
        return f"light ran in {os.getpid()}"

    # A process that is there when the app starts, and one that it is given.
    pool = ProcessPoolExecutor(1) if "ready-made" in sys.argv else None
    if pool is not None:
        sys.argv.remove("ready-made")
        pool.submit(int).result()

    @action(executor=pool or (lambda: ThreadPoolExecutor(1)), timeout=0.5)
    def stuck(path: str):
        pathlib.Path(path, "started").write_text(str(os.getpid()))
        threading.Event().wait()

    main(lambda **settings: make_app([heavy, light, stuck], **settings), here)
"""


def shown(app: Process, name: str) -> str:
    """Return the page that shows what an action without fields ended in."""
    _, location, text = app.ask("POST", f"/{name}?_action={name}", "")
    return app.ask("GET", location)[2] if location else text


def test_the_executor_of_the_settings_is_for_actions_that_have_one(start: Start) -> None:
    """They run where the settings say, the others where they did; it ends with the app."""
    app = start("--port", "0", "--executor", "processes:1", code=HEAVY).started()
    here = f"ran in {app.process.pid}"
    heavy = shown(app, "heavy")
    assert "heavy ran in" in heavy
    assert here not in heavy
    assert f"light {here}" in shown(app, "light")
    worker = int(heavy.partition("heavy ran in ")[2].partition("<")[0])
    app.process.send_signal(signal.SIGINT)
    assert app.end()[0] == 0
    assert gone(worker)


@pytest.mark.parametrize(
    "told", [(), ("--executor", "processes:1"), ("--executor", "threads:1"), ("ready-made",)]
)
def test_a_job_that_hangs_does_not_hold_an_app_that_stops(
    start: Start, told: tuple[str, ...]
) -> None:
    """A submission that has ended by its time limit leaves nothing that Python waits for."""
    app = start("--port", "0", *told, code=HEAVY).started()
    shown(app, "heavy")  # a process takes its time to come
    while not (app.here / "started").exists():  # on a busy machine it may begin too late
        status, _, text = app.ask("POST", "/stuck?_action=stuck", f"path={app.here}")
        assert (status, "took longer than 0.5 seconds" in text) == (504, True)
    pid = int((app.here / "started").read_text())
    app.process.terminate()
    assert app.end()[0] == 0
    if pid != app.process.pid:
        assert gone(pid)


def gone(pid: int) -> bool:
    """Whether a process ends soon."""
    waiting = threading.Event()
    for _ in range(6000):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        waiting.wait(0.01)
    return False


def test_an_executor_that_no_action_asks_for_is_told(start: Start) -> None:
    """Who believes that it moved something learns that it did not."""
    app = start("--port", "0", "--executor", "threads:2").started()
    app.process.terminate()
    assert "--executor threads:2 is for actions with executor=, and there is none" in app.end()[1]


def test_port_in_use(start: Start) -> None:
    """A port that another program has gives one line that says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = start("--port", str(port)).end()
    assert code == 1
    assert said == (
        f"error: port {port} is in use by another program; choose another with --port\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--store", "/missing/folder/store.sqlite3"),
        ("--host", "203.0.113.7"),
        ("--host", "no such host"),
        ("--public-url", "enroll.example"),
        ("--executor", "process:4"),
    ],
)
def test_settings_that_cannot_be(start: Start, arguments: tuple[str, ...]) -> None:
    """A setting that cannot work gives one line at the start, without a traceback."""
    code, said = start("--port", "0", *arguments).end()
    assert code == 1
    assert said.startswith("error: ")
    assert said.count("\n") == 1, said


@pytest.mark.parametrize(("told", "patience"), [(["--patience", "7.5"], 7.5), ([], 3.0)])
def test_the_patience_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[str], patience: float
) -> None:
    """--patience overrules what the app says, which holds where nothing is said."""
    monkeypatch.setattr(sys, "argv", ["app.py"])
    served: list[Application] = []
    monkeypatch.setattr(run, "run", lambda app, **_: served.append(app))
    page = Page("/", "<p>Hello</p>")
    run.main(lambda **given: make_app(page, **{"patience": 3.0, **given}), tmp_path, argv=told)
    site = served[0].settings["site"]
    site.store.close()
    assert site.patience == patience


@pytest.mark.parametrize("given", ["-1", "nan"])
def test_a_patience_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """It is told in one line, as other settings that cannot work."""
    monkeypatch.setattr(sys, "argv", ["app.py"])
    with pytest.raises(SystemExit, match=f"error: patience={float(given)}: give a number"):
        run.main(partial(make_app, Page("/", "<p>Hello</p>")), tmp_path, argv=["--patience", given])


@pytest.mark.parametrize("port", ["65536", "-1", "web"])
def test_a_number_that_is_no_port(
    port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused; the system would listen on another port in its place."""
    with pytest.raises(SystemExit):
        run.main(partial(make_app, []), tmp_path, argv=[f"--port={port}"])
    assert f"argument --port: '{port}' is no port; give a number from 0 to 65535" in (
        capsys.readouterr().err
    )


def test_the_log(start: Start) -> None:
    """A line for each request: status, method, path, client, time; no query, no value."""
    app = start().started()
    (app.here / "release").touch()
    app.ask("GET", "/slow?q=needle")
    app.ask("POST", "/slow?_action=slow&q=needle", "text=needle")
    app.process.terminate()
    _, said = app.end()
    assert "needle" not in said
    assert " INFO 200 GET /slow 127.0.0.1 " in said
    assert " INFO 303 POST /slow 127.0.0.1 " in said


@pytest.mark.parametrize(("told", "client"), [((), "127.0.0.1"), (("--proxy",), "203.0.113.9")])
def test_headers_of_a_proxy(start: Start, told: tuple[str, ...], client: str) -> None:
    """What a proxy says about the client is believed only where there is said to be one."""
    app = start("--port", "0", *told).started()
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", "/slow", headers={"X-Forwarded-For": "203.0.113.9"})
        connection.getresponse().read()
    app.process.terminate()
    assert f" INFO 200 GET /slow {client} " in app.end()[1]


def test_the_store_is_private(start: Start) -> None:
    """The store of a running app can be read by its owner only, whatever the umask."""
    app = start().started()
    (app.here / "release").touch()
    app.ask("POST", "/slow?_action=slow", "")
    modes = {file.name: file.stat().st_mode & 0o077 for file in app.here.glob("store.sqlite3*")}
    assert modes
    assert set(modes.values()) == {0}


def test_it_listens_on_this_machine_only(start: Start) -> None:
    """Without --host nobody else on the network reaches it."""
    app = start().started()
    others = {
        info[4][0]
        for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        if not str(info[4][0]).startswith("127.")
    }
    for address in others:
        with pytest.raises(OSError), socket.create_connection((str(address), app.port), timeout=5):
            pass
    assert app.ask("GET", "/healthz")[0] == 200
