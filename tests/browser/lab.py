"""A JupyterLab server of our own, and a notebook in it as a person sees it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import nbformat
from playwright.sync_api import Locator, Page, expect

#: Seconds for what a person would call "in a moment", on a busy machine.
PATIENCE = 60.0


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until something outside the browser is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Lab:
    """A JupyterLab server with its own folders, which ends with the ``with`` block."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "notebooks"
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"

    def __enter__(self) -> Self:
        self.root.mkdir()
        own = {
            name: str(self._folder / name)
            for name in (
                "HOME",
                "IPYTHONDIR",
                "JUPYTER_CONFIG_DIR",
                "JUPYTER_DATA_DIR",
                "JUPYTER_RUNTIME_DIR",
                "JUPYTERLAB_SETTINGS_DIR",
                "JUPYTERLAB_WORKSPACES_DIR",
            )
        }
        for path in own.values():
            Path(path).mkdir()
        # No question about news in front of the notebook.
        self.set("@jupyterlab/apputils-extension", "notification", fetchNews="false")
        self._log = (self._folder / "lab.log").open("w")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                f"--port={self.url.rsplit(':', 1)[1]}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={self.root}",
                "--IdentityProvider.token=",
                "--ServerApp.password=",
                "--ServerApp.disable_check_xsrf=True",
                "--LabApp.expose_app_in_browser=True",
                "--LabApp.news_url=",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            env={**os.environ, **own},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        until(self._ready, f"JupyterLab did not start; see {self._log.name}")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _ready(self) -> bool:
        assert self._process.poll() is None, (self._folder / "lab.log").read_text()
        try:
            return bool(self._api("GET", "api"))
        except urllib.error.URLError:
            return False

    def _api(self, method: str, path: str) -> Any:
        request = urllib.request.Request(f"{self.url}/{path}", method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            body = response.read()
        return json.loads(body) if body else None

    def set(self, extension: str, plugin: str, **settings: object) -> None:
        """Change a person's settings, for notebooks that are opened from now on."""
        path = (
            self._folder / "JUPYTERLAB_SETTINGS_DIR" / extension / f"{plugin}.jupyterlab-settings"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))

    def clear(self, page: Page) -> None:
        """Close all that is open in a window, without a question, and end every kernel."""
        if page.url.startswith(self.url):
            page.evaluate(
                "() => [...window.jupyterapp.shell.widgets('main')].forEach((one) => one.dispose())"
            )
            if page.locator(".jp-Dialog").count():
                page.goto("about:blank")
        self.stop_kernels()

    def stop_kernels(self) -> None:
        """End every kernel, as closing the notebook's session does."""
        for session in self._api("GET", "api/sessions"):
            self._api("DELETE", f"api/sessions/{session['id']}")


# The launcher comes by itself where nothing is open, and may come later than the notebook.
_OPEN = """async (path) => {
    const { commands, shell } = window.jupyterapp;
    const { context, id } = await commands.execute("docmanager:open", { path });
    await context.ready;
    await context.sessionContext.ready;
    shell.activateById(id);
}"""


class Notebook:
    """A notebook that is open in a browser."""

    def __init__(self, lab: Lab, page: Page, path: Path) -> None:
        self.lab = lab
        self.page = page
        self.path = path
        self.folder = path.parent

    @classmethod
    def write(cls, lab: Lab, page: Page, folder: str, *cells: str) -> Notebook:
        """Make a notebook with these code cells, not yet open."""
        path = lab.root / folder / "notebook.ipynb"
        path.parent.mkdir()
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        )
        nbformat.write(notebook, path)
        return cls(lab, page, path)

    def open(self) -> None:
        """Open it, in a workspace of its own where JupyterLab is loaded; wait for its kernel."""
        path = f"{self.folder.name}/{self.path.name}"
        if self.page.url.startswith(self.lab.url):
            self.page.evaluate(_OPEN, path)
        else:
            self.page.goto(f"{self.lab.url}/lab/workspaces/{self.folder.name}/tree/{path}")
        self.ready()

    def ready(self) -> None:
        """Wait until the notebook and its kernel are there."""
        kernel = self.page.locator(".jp-StatusBar-Widget").get_by_text("| Idle")
        expect(kernel).to_be_visible()

    def command(self, name: str, **given: object) -> None:
        """Give JupyterLab a command, as a menu or a shortcut does; do not wait for its end."""
        script = "([name, given]) => void window.jupyterapp.commands.execute(name, given)"
        self.page.evaluate(script, [name, given])

    def run_all(self) -> None:
        """Run all cells."""
        self.command("notebook:run-all-cells")

    def save(self) -> None:
        """Save, and wait until the file has changed."""
        before = self.path.stat().st_mtime_ns
        self.command("docmanager:save")
        until(lambda: self.path.stat().st_mtime_ns != before, "the notebook was not saved")

    def form(self, action: str, view: int = 0) -> Locator:
        """Return a view of a form."""
        return self.page.locator(f'form[data-action="{action}"]').nth(view)

    @property
    def cells(self) -> Locator:
        """The cells."""
        return self.page.locator(".jp-Notebook .jp-Cell")

    def prompt(self, cell: int) -> str:
        """Return what stands beside a cell, which changes each time that it runs."""
        return self.cells.nth(cell).locator(".jp-InputPrompt").inner_text()
