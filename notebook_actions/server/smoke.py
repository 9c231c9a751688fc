"""The smoke test of an exported app: what its ``test_app.py`` runs.

It starts the app as its owner would, from a temporary copy of the folder, so that what the actions
write does not end up in the app's own files. Then it visits each page and submits each form, with
JavaScript's requests and without, with made-up values. An action may refuse these (a failure is an
answer, and is noted); it may not crash.
"""

# unittest's assertions: an app's environment has no pytest, and -O removes assert statements.
# ruff: noqa: PT009, T201

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urljoin, urlsplit

from ..sample import SampleForm, forms_of
from .records import run_path

__all__ = ["SmokeTest"]

#: Seconds for the app to start, and for an action to answer.
START_TIMEOUT = 120.0
ANSWER_TIMEOUT = 120.0

#: What is the running app's own, and is not copied.
_NOT_COPIED = ("store.sqlite3*", "__pycache__", "*.new", ".git", ".venv", "venv")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    text: str


class SmokeTest(unittest.TestCase):
    """Runs an app and submits its forms.

    Attributes
    ----------
    folder : Path
        The app.
    pages : mapping of str to sequence of str
        Path of each page → the ids of its forms.
    cookies : mapping of str to str
        What the browser sends along, such as who is signed in.
    samples : mapping of str to mapping
        Path → form → field → the value to send, where the HTML of the form does not tell enough.
    unknown : mapping of str to sequence of str
        Path → those forms whose action reads the form data itself, so that nobody knows what to
        send. They are sent as they are, and it is no failure when the action cannot use that.
    """

    folder: ClassVar[Path]
    pages: ClassVar[Mapping[str, Sequence[str]]]
    cookies: ClassVar[Mapping[str, str]] = {}
    samples: ClassVar[Mapping[str, Mapping[str, Mapping[str, str]]]] = {}
    unknown: ClassVar[Mapping[str, Sequence[str]]] = {}

    _running: ClassVar[contextlib.ExitStack]
    _log: ClassVar[Path]
    _host: ClassVar[str]

    @classmethod
    def setUpClass(cls) -> None:
        """Start a copy of the app."""
        with contextlib.ExitStack() as stack:
            temporary = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            copy = Path(temporary) / "app"
            shutil.copytree(cls.folder, copy, ignore=shutil.ignore_patterns(*_NOT_COPIED))
            cls._log = Path(temporary) / "log"
            process, cls._host = _start(copy, cls._log)
            stack.callback(_stop, process)
            cls._running = stack.pop_all()

    @classmethod
    def tearDownClass(cls) -> None:
        """Stop it."""
        cls._running.close()

    def test_pages_show_their_forms(self) -> None:
        """Each page answers 200 with each of its forms."""
        for path, ids in self.pages.items():
            with self.subTest(page=path):
                answer = self._get(path)
                self.assertEqual(answer.status, 200, self._told(answer))
                self.assertEqual([form.id for form in forms_of(answer.text)], list(ids))

    def test_get_runs_no_action(self) -> None:
        """Visiting the address that a form posts to submits nothing."""
        for path, form in self._forms():
            with self.subTest(page=path, form=form.id):
                answer = self._get(self._target(path, form))
                same = next(one for one in forms_of(answer.text) if one.id == form.id)
                said = {name: text for name, text in same.slots.items() if text}
                self.assertEqual(said, {}, self._told(answer))

    def test_forms_without_javascript(self) -> None:
        """A plain POST of each form is answered by a redirect, or by the page with messages."""
        for path, form in self._forms():
            with self.subTest(page=path, form=form.id):
                answer = self._post(path, form, "text/html")
                if answer.status == 303:
                    target = urlsplit(urljoin(path, answer.headers["location"]))
                    if target.path in self.pages and not target.netloc:
                        location = f"{target.path}?{target.query}"
                        shown = self._get(location)
                        if not self._is_unknown(path, form):
                            self.assertNotEqual(shown.status, 500, self._told(shown))
                        expected = self.pages[target.path] if target.path != path else [form.id]
                        found = {one.id for one in forms_of(shown.text)}
                        self.assertLessEqual(set(expected), found, self._told(shown))
                else:
                    if not self._is_unknown(path, form):
                        self.assertNotEqual(answer.status, 500, self._told(answer))
                    self.assertGreaterEqual(answer.status, 400, self._told(answer))
                    again = [one.id for one in forms_of(answer.text)]
                    self.assertIn(form.id, again, self._told(answer))

    def test_forms_with_javascript(self) -> None:
        """A fetch of each form is answered by JSON that says how it ended."""
        for path, form in self._forms():
            with self.subTest(page=path, form=form.id):
                answer = self._post(path, form, "application/json")
                told = json.loads(answer.text)
                expected = {"success": True, "redirect": True, "failure": False}
                if self._is_unknown(path, form):
                    expected["error"] = False
                self.assertIn(told["type"], expected, self._told(answer))
                self.assertEqual(told["form"], form.id)
                self.assertEqual(answer.status == 200, expected[told["type"]])
                if told["type"] == "failure":
                    said = _plain(told["slots"].get("errors", ""))
                    note = f"note: {form.id} on {path} refused its made-up values: {said}"
                    print(f"\n{note}", file=sys.stderr)

    def _forms(self) -> list[tuple[str, SampleForm]]:
        found = [(path, form) for path in self.pages for form in forms_of(self._get(path).text)]
        for path, form in found:
            form.given = self.samples.get(path, {}).get(form.id, {})
        return found

    def _is_unknown(self, path: str, form: SampleForm) -> bool:
        return form.id in self.unknown.get(path, ())

    def _target(self, path: str, form: SampleForm) -> str:
        return urljoin(path, form.action)

    def _get(self, url: str) -> _Answer:
        return self._send("GET", url, {"Accept": "text/html"})

    def _post(self, path: str, form: SampleForm, accept: str) -> _Answer:
        kind, body = form.body()
        headers = {
            "Accept": accept,
            "Content-Type": kind,
            "Origin": f"http://{self._host}",
            "Sec-Fetch-Site": "same-origin",
        }
        answer = self._send("POST", self._target(path, form), headers, body)
        deadline = time.monotonic() + ANSWER_TIMEOUT
        # What takes long is answered by the address of its run, which is then asked until it ends.
        while (run := _run_of(answer)) and time.monotonic() < deadline:
            answer = self._send("GET", run, {"Accept": accept})
        return answer

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> _Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**headers, "Cookie": cookies} if cookies else dict(headers)
        with contextlib.closing(HTTPConnection(self._host, timeout=ANSWER_TIMEOUT)) as connection:
            connection.request(method, quote(url, safe="/?&=%+~:@!$'()*,;"), body, sent)
            response = connection.getresponse()
            text = response.read().decode("utf-8", errors="replace")
            names = {name.lower(): value for name, value in response.getheaders()}
            return _Answer(response.status, names, text)

    def _told(self, answer: _Answer) -> str:
        log = "".join(_text(self._log).splitlines(keepends=True)[-40:])
        return f"\n--- answer ({answer.status})\n{answer.text}\n--- log of the app\n{log}"


def _run_of(answer: _Answer) -> str:
    """Return where a submission that has not ended is followed; empty for one that has."""
    if answer.status == HTTPStatus.ACCEPTED:
        return str(json.loads(answer.text)["location"])
    given = answer.headers.get("refresh", "").partition("url=")[2] or answer.headers.get("location")
    return given if given and given.startswith(run_path("")) else ""


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def _start(folder: Path, log: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the app on a free port, and return its process and host.

    What it prints goes to a file: there it stands before an answer that it is about is sent.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - the app itself
            [sys.executable, str(folder / "app.py"), "--port", "0"],
            cwd=folder,
            env={**environment, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        if match := re.search(r"^Serving (http\S+)\s", _text(log), re.MULTILINE):
            return process, urlsplit(match[1]).netloc
        time.sleep(0.02)
    _stop(process)
    raise AssertionError("the app did not start:\n" + _text(log))


def _text(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
