"""An exported app that runs in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notebook_actions.exporter.rehearse import clean_environment


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run an app, and give its address; in the end it stops as it should."""
    with subprocess.Popen(
        [sys.executable, str(folder / "app.py"), "--port", "0"],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        yield address[0]
        process.terminate()
        assert process.wait(timeout=60) == 0
