"""The demo app in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

APP = Path(__file__).resolve().parent / "demo_app.py"


class Demo:
    """The demo app, or another of its kind, which can be stopped and started again."""

    def __init__(self, folder: Path, app: Path = APP) -> None:
        self.folder = folder
        self.app = app
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(self.app), str(self.folder), str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("Serving ")

    def stop(self) -> None:
        if self.process is not None:
            self.release()
            self.process.terminate()
            self.process.communicate(timeout=60)
            self.process = None

    def hold(self) -> None:
        """Let actions wait until ``release()``."""
        (self.folder / "hold").touch()

    def release(self) -> None:
        (self.folder / "hold").unlink(missing_ok=True)

    def rows(self) -> list[str]:
        file = self.folder / "rows"
        return file.read_text().splitlines() if file.exists() else []

    def until_rows(self, count: int) -> None:
        waiting = threading.Event()
        for _ in range(6000):
            if len(self.rows()) >= count:
                return
            waiting.wait(0.01)
        raise AssertionError(f"only {self.rows()}")
