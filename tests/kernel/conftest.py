from __future__ import annotations

import json
from pathlib import Path

import pytest
from frontend import Frontend

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("6.31", "7.3", "7.4")


@pytest.fixture(scope="session", params=VERSIONS)
def running(request, tmp_path_factory):
    """A kernel of one version of ipykernel, with a front end that is connected to it."""
    version = request.param
    python = ROOT / ".kernels" / version / "bin" / "python"
    if not python.exists():
        pytest.fail(f"no ipykernel {version} here; `make .kernels/{version}/.ready` installs it")
    folder = tmp_path_factory.mktemp(f"kernel-{version}")
    spec = folder / "specs" / "tested"
    spec.mkdir(parents=True)
    argv = [str(python), "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f"]
    (spec / "kernel.json").write_text(
        json.dumps(
            {
                "argv": [*argv, "{connection_file}"],
                "display_name": version,
                "language": "python",
                "env": {"IPYTHONDIR": str(folder / "ipython")},
            }
        )
    )
    with Frontend(folder / "specs", cwd=folder) as frontend:
        frontend.run(
            "import asyncio, threading, time, contextvars\n"
            "from pathlib import Path\n"
            "from notebook_actions import *"
        )
        yield frontend


@pytest.fixture
def kernel(running):
    """The same kernel for every test, with what came from it before forgotten."""
    running.messages.clear()
    return running
