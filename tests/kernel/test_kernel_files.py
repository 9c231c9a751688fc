"""Files in real kernels: they arrive whole, also while a cell blocks, and leave nothing behind."""

from __future__ import annotations

import hashlib
import random

import pytest

CONTENT = random.Random(7).randbytes(3_000_000)

FORM = """
import gc, hashlib, os, threading

def temporary():
    found = 0
    for one in Path("/proc/self/fd").iterdir():
        try:
            found += "(deleted)" in os.readlink(one)
        except OSError:  # That of this very loop.
            pass
    return found

async def send(form: FormData):
    return hashlib.sha256(form["paper"].read()).hexdigest()
sending = ActionForm(send, html='<input type="file" name="paper">')
"""


@pytest.fixture
def comm(kernel) -> str:
    """The comm of a form that takes a file."""
    kernel.run(FORM)
    yield kernel.value("sending.model_id")
    kernel.run("sending.close()")


def submit(kernel, comm, reference, subshell):
    entries = [["paper", reference]]
    content = {"kind": "submit", "form": "send", "entries": entries}
    return kernel.say(comm, content, subshell)


def test_a_file_arrives_whole(kernel, comm):
    """Each chunk is acknowledged, and the action reads the bytes that were sent."""
    subshell = kernel.subshell()
    reference, rids = kernel.upload(comm, "send", "paper", CONTENT, subshell)
    kernel.until(lambda: all(kernel.acknowledged(comm, rid) for rid in rids))
    submit(kernel, comm, reference, subshell)
    kernel.until(lambda: kernel.result(comm, "send"))
    assert hashlib.sha256(CONTENT).hexdigest() in kernel.result(comm, "send")


def test_a_file_arrives_while_a_cell_blocks(kernel, comm, tmp_path):
    """With subshells the chunks are taken in meanwhile; without them, after the cell."""
    end = tmp_path / "end"
    subshell = kernel.subshell()
    cell = kernel.start(f"while not Path({str(end)!r}).exists():\n    time.sleep(0.01)")
    reference, rids = kernel.upload(comm, "send", "paper", CONTENT, subshell)
    submit(kernel, comm, reference, subshell)
    if kernel.subshells:
        kernel.until(lambda: all(kernel.acknowledged(comm, rid) for rid in rids))
        assert not kernel.ended(cell)
    end.touch()
    kernel.finish(cell)
    kernel.until(lambda: kernel.result(comm, "send"))
    assert hashlib.sha256(CONTENT).hexdigest() in kernel.result(comm, "send")


def test_an_upload_over_two_subshells_is_one(kernel, comm):
    """JupyterLab may change the subshell in the middle; the file is whole."""
    first, second = kernel.subshell(), kernel.subshell()
    reference, rids = kernel.upload(comm, "send", "paper", CONTENT, first)
    kernel.until(lambda: all(kernel.acknowledged(comm, rid) for rid in rids))
    submit(kernel, comm, reference, second)
    kernel.until(lambda: kernel.result(comm, "send"))
    assert hashlib.sha256(CONTENT).hexdigest() in kernel.result(comm, "send")


def test_a_cleared_form_leaves_nothing_in_the_kernel(kernel, comm):
    """After `clear()` no file is open and no thread runs that was not there before."""
    subshell = kernel.subshell()
    kernel.run("sending.clear(); gc.collect()")
    before = kernel.value("temporary(), threading.active_count()")
    reference, rids = kernel.upload(comm, "send", "paper", CONTENT, subshell)
    kernel.until(lambda: all(kernel.acknowledged(comm, rid) for rid in rids))
    during = kernel.value("temporary(), threading.active_count()")
    submit(kernel, comm, reference, subshell)
    kernel.until(lambda: kernel.result(comm, "send"))
    kernel.run("sending.clear(); gc.collect()")
    after = kernel.value("temporary(), threading.active_count()")
    assert during == (before[0] + 1, before[1])
    assert after == before
