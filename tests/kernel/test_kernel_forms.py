"""A form in real kernels: its action runs on the cells' loop, whatever the kernel is doing."""

from __future__ import annotations

import urllib.request

import pytest

WAITING = """
gate = asyncio.Event()
async def wait(form: FormData):
    await gate.wait()
    return "let through " + form.get("name", "")
waiting = ActionForm(wait)
"""


def make(kernel, code: str, name: str) -> str:
    """Run a cell that makes a form; return the id of its comm."""
    kernel.run(code)
    return kernel.value(f"{name}.model_id")


@pytest.mark.parametrize(
    ("made", "awaited", "released"),
    [
        ("thing = asyncio.Lock(); await thing.acquire()", "await thing.acquire()", "release()"),
        ("thing = asyncio.Queue()", "await thing.get()", "put_nowait(True)"),
        ("thing = asyncio.Event()", "await thing.wait()", "set()"),
        (
            "thing = asyncio.get_running_loop().create_future()",
            "await thing",
            "set_result(True)",
        ),
    ],
    ids=["lock", "queue", "event", "future"],
)
def test_an_action_awaits_what_a_cell_has_made(kernel, made, awaited, released):
    """An object that is bound to the cells' loop works in an action, in both directions."""
    comm = make(
        kernel,
        f"{made}\nasync def use(form: FormData):\n    return {awaited}\nusing = ActionForm(use)",
        "using",
    )
    kernel.submit(comm, "use", kernel.subshell())
    kernel.until(lambda: kernel.form(comm, "use").get("pending"))
    kernel.run(f"thing.{released}")
    kernel.until(lambda: "True" in kernel.result(comm, "use"))
    assert kernel.value("using.result") is True


def test_an_action_runs_on_the_loop_and_the_thread_of_the_cells(kernel):
    """Wherever a message arrives, its action runs where the cells run."""
    here = "id(asyncio.get_running_loop()), threading.get_ident()"
    comm = make(
        kernel,
        f"async def where(form: FormData):\n    return {here}\nasking = ActionForm(where)",
        "asking",
    )
    kernel.submit(comm, "where", kernel.subshell())
    kernel.until(lambda: kernel.result(comm, "where"))
    assert kernel.value("asking.result") == kernel.value(f"({here})")


def test_messages_of_two_subshells_are_one_sequence(kernel):
    """JupyterLab may change the subshell between two clicks; the form is the same."""
    comm = make(
        kernel,
        "got = []\nasync def note(form: FormData):\n"
        "    got.append((form['n'], threading.get_ident()))\n    return form['n']\n"
        "noting = ActionForm(note)",
        "noting",
    )
    for n, subshell in enumerate([kernel.subshell(), kernel.subshell(), None]):
        rid = kernel.submit(comm, "note", subshell, n=str(n))
        kernel.until(lambda rid=rid: rid in kernel.form(comm, "note").get("ended", []))
        assert f">{n}<" in kernel.result(comm, "note")
    main = kernel.value("threading.get_ident()")
    assert kernel.value("got") == [("0", main), ("1", main), ("2", main)]


def test_a_submission_during_a_cell_that_awaits(kernel):
    """With subshells the action runs at once, beside the cell; without, after it."""
    comm = make(kernel, WAITING, "waiting")
    if kernel.subshells:
        # The cell waits for what only the action does.
        kernel.run(
            "reached = asyncio.Event()\nasync def reach(form: FormData):\n    reached.set()\n"
            "    return 'reached'\nreaching = ActionForm(reach)"
        )
        comm = kernel.value("reaching.model_id")
        cell = kernel.start("await reached.wait()")
        rid = kernel.submit(comm, "reach", kernel.subshell())
        kernel.finish(cell)
        kernel.until(lambda: "reached" in kernel.result(comm, "reach"))
        assert kernel.acknowledged(comm, rid)
    else:
        cell = kernel.start("gate.set()\nawait asyncio.sleep(0.05)")
        rid = kernel.submit(comm, "wait", name="later")
        kernel.finish(cell)
        kernel.until(lambda: "let through later" in kernel.result(comm, "wait"))
        assert kernel.acknowledged(comm, rid)


def test_a_submission_during_a_cell_that_blocks(kernel, tmp_path):
    """With subshells it is acknowledged while the cell blocks, and runs when the loop is free."""
    end = tmp_path / "end"
    comm = make(kernel, WAITING + "gate.set()", "waiting")
    block = f"while not Path({str(end)!r}).exists():\n    time.sleep(0.01)"
    subshell = kernel.subshell()
    cell = kernel.start(f"print('blocking', flush=True)\n{block}")
    kernel.until(lambda: "blocking" in kernel.printed(cell))
    rid = kernel.submit(comm, "wait", subshell, name="queued")
    if kernel.subshells:
        kernel.until(lambda: kernel.acknowledged(comm, rid))
        assert not kernel.ended(cell)
        assert not kernel.form(comm, "wait").get("rid")
    end.touch()
    kernel.finish(cell)
    kernel.until(lambda: "let through queued" in kernel.result(comm, "wait"))
    assert kernel.acknowledged(comm, rid)


def test_sync_is_answered_during_a_cell_that_blocks(kernel, tmp_path):
    """A view that reloads meanwhile learns the state: at once with subshells, else after it."""
    end = tmp_path / "end"
    comm = make(kernel, WAITING, "waiting")
    subshell = kernel.subshell()
    cell = kernel.start(f"while not Path({str(end)!r}).exists():\n    time.sleep(0.01)")
    content = {"kind": "sync", "v": 1, "rid": f"sync-{cell}"}
    kernel.send(comm, {"method": "custom", "content": content}, subshell)
    if kernel.subshells:
        kernel.until(lambda: kernel.acknowledged(comm, content["rid"]))
        assert not kernel.ended(cell)
    end.touch()
    kernel.finish(cell)
    kernel.until(lambda: kernel.acknowledged(comm, content["rid"]))


def test_awaiting_a_submission_in_a_cell(kernel):
    """`await form.submit(...)` gives a cell the result; a failure is raised there."""
    kernel.run(
        "async def enroll(subject: str):\n"
        "    if subject == 'Potions':\n        raise FormError('full')\n"
        "    await asyncio.sleep(0)\n    return subject.upper()\nenrolling = ActionForm(enroll)"
    )
    assert kernel.run("print(await enrolling.submit(subject='Charms'))") == "CHARMS\n"
    with pytest.raises(AssertionError, match="full"):
        kernel.run("await enrolling.submit(subject='Potions')")
    assert kernel.value("str(enrolling.error)") == "full"


def test_a_cell_that_does_not_await_submits_too(kernel):
    """`form.submit(...)` in a cell without `await` runs after the cell."""
    comm = make(kernel, WAITING + "gate.set()\n_ = waiting.submit(name='later')", "waiting")
    kernel.until(lambda: "let through later" in kernel.result(comm, "wait"))


def test_what_an_action_prints_is_the_forms(kernel):
    """Text printed in an action reaches the form's log and no cell's output, nor the reverse."""
    comm = make(
        kernel,
        "said, turn = asyncio.Event(), asyncio.Event()\n"
        "async def say(form: FormData):\n    print('the action', 1)\n    said.set()\n"
        "    await turn.wait()\n    print('the action', 2)\nsaying = ActionForm(say)",
        "saying",
    )
    rid = kernel.submit(comm, "say", kernel.subshell())
    cell = kernel.start(
        "await said.wait()\nprint('the cell')\nturn.set()\nwhile saying.pending:\n"
        "    await asyncio.sleep(0)\nprint('the cell again')"
    )
    kernel.finish(cell)
    kernel.until(lambda: "the action 2" in kernel.form(comm, "say").get("log", ""))
    assert "<pre>the action 1\nthe action 2\n</pre>" in kernel.form(comm, "say")["log"]
    assert kernel.printed(cell) == "the cell\nthe cell again\n"
    assert "the action" not in kernel.printed()
    assert kernel.acknowledged(comm, rid)
    assert kernel.value("type(sys.stdout).__name__" if kernel.run("import sys") == "" else "") == (
        "OutStream"
    )


def test_a_thread_prints_into_the_form(kernel):
    """What a plain `def` prints in its thread is the form's too."""
    comm = make(
        kernel,
        "def say(form: FormData):\n    print('in a thread')\nsaying = ActionForm(say)",
        "saying",
    )
    kernel.submit(comm, "say", kernel.subshell())
    kernel.until(lambda: "in a thread" in kernel.form(comm, "say").get("log", ""))
    assert "in a thread" not in kernel.printed()


def test_an_interrupt_ends_the_cell_and_not_the_action(kernel):
    """ "Interrupt" is for the cell that runs; an action goes on, and `cancel()` still stops it."""
    comm = make(kernel, WAITING, "waiting")
    kernel.submit(comm, "wait", kernel.subshell(), name="on")
    kernel.until(lambda: kernel.form(comm, "wait").get("pending"))
    cell = kernel.start("print('here', flush=True)\nwhile True:\n    await asyncio.sleep(0.01)")
    kernel.until(lambda: "here" in kernel.printed(cell))
    kernel.interrupt()
    with pytest.raises(AssertionError):
        kernel.finish(cell)
    assert kernel.value("waiting.pending") is True
    kernel.run("waiting.cancel()")
    kernel.until(lambda: not kernel.form(comm, "wait")["pending"])
    assert "Cancelled" in kernel.form(comm, "wait")["answer"]["slots"]["errors"]


def test_an_interrupt_of_an_idle_kernel_harms_no_action(kernel):
    """Without a cell that runs, an interrupt leaves a pending action alone."""
    comm = make(kernel, WAITING, "waiting")
    kernel.submit(comm, "wait", kernel.subshell(), name="on")
    kernel.until(lambda: kernel.form(comm, "wait").get("pending"))
    kernel.interrupt()
    kernel.run("gate.set()")
    kernel.until(lambda: "let through on" in kernel.result(comm, "wait"))


def test_running_a_cell_again_replaces_its_form(kernel):
    """The same cell's new form takes over: the old one is closed and its task cancelled."""
    code = (
        "async def wait(form: FormData):\n    try:\n"
        "        await asyncio.Event().wait()\n    except asyncio.CancelledError:\n"
        "        cancelled.append(True)\n        raise\nwaiting = ActionForm(wait)"
    )
    kernel.run("cancelled = []")
    kernel.run(code, cell_id="cell-1")
    old = kernel.value("waiting.model_id")
    kernel.submit(old, "wait", kernel.subshell())
    kernel.until(lambda: kernel.form(old, "wait").get("pending"))
    kernel.run("first = waiting")
    kernel.run(code, cell_id="cell-1")
    kernel.until(lambda: kernel.closed(old))
    assert kernel.value("cancelled") == [True]
    assert kernel.value("first.pending, waiting.pending") == (False, False)
    assert kernel.value("waiting.model_id") != old


def test_another_cell_with_the_same_action_leaves_the_first_alone(kernel):
    """Two cells may show forms of one action, and one cell several; none closes another."""
    kernel.run("async def echo(form: FormData):\n    return 1")
    kernel.run("a, b = ActionForm(echo), ActionForm(echo)", cell_id="cell-2")
    kernel.run("c = ActionForm(echo)", cell_id="cell-3")
    assert kernel.value("[one.comm is not None for one in (a, b, c)]") == [True, True, True]


def test_running_a_pages_cell_again_replaces_the_page_only(kernel):
    """A new page of the same cell closes the old page, and the forms that it shows live on."""
    kernel.run("async def echo(form: FormData):\n    return form['n']\nform = ActionForm(echo)")
    kernel.run("page = Page('/p', form)", cell_id="cell-4")
    old = kernel.value("page.model_id")
    kernel.run("page = Page('/p', form)", cell_id="cell-4")
    kernel.until(lambda: kernel.closed(old))
    new = kernel.value("page.model_id")
    kernel.submit(new, "echo", kernel.subshell(), n="7")
    kernel.until(lambda: ">7<" in kernel.result(new, "echo"))
    assert kernel.value("form.pages == [page]") is True


def test_context_variables_do_not_leak(kernel):
    """What an action sets in its context is seen by no later action and by no cell."""
    comm = make(
        kernel,
        "user = contextvars.ContextVar('user', default='nobody')\n"
        "async def become(form: FormData):\n    before = user.get()\n"
        "    user.set(form['name'])\n    return before\nbecoming = ActionForm(become)",
        "becoming",
    )
    subshell = kernel.subshell()
    for name in ("luna", "neville"):
        rid = kernel.submit(comm, "become", subshell, name=name)
        kernel.until(lambda rid=rid: rid in kernel.form(comm, "become").get("ended", []))
        assert "nobody" in kernel.result(comm, "become")
    assert kernel.value("user.get()") == "nobody"


def test_a_state_that_changes_while_a_cell_awaits_reaches_the_front_end(kernel):
    """Transitions during an awaiting cell are sent, and the form still answers afterwards."""
    comm = make(kernel, WAITING, "waiting")
    subshell = kernel.subshell()
    # What a browser would do that syncs traits: refused, and without consequence.
    forged = {"method": "update", "state": {"_html": "forged"}, "buffer_paths": []}
    cell = kernel.start(
        "submission = waiting.submit(name='python')\nprint('begun', flush=True)\n"
        "while not Path('go-on').exists():\n    await asyncio.sleep(0.01)\n"
        "gate.set()\nprint(await submission)\nPath('go-on').unlink()"
    )
    kernel.until(lambda: "begun" in kernel.printed(cell))
    kernel.send(comm, forged, subshell)
    kernel.until(lambda: kernel.form(comm, "wait").get("pending"))
    assert not kernel.ended(cell)
    kernel.touch("go-on")
    kernel.finish(cell)
    kernel.until(lambda: "let through python" in kernel.result(comm, "wait"))
    kernel.submit(comm, "wait", subshell, name="again")
    kernel.until(lambda: "let through again" in kernel.result(comm, "wait"))
    assert kernel.value("'forged' in waiting._html") is False


def test_a_front_end_that_closes_the_widget(kernel):
    """After the browser has closed the comm, the form still works from Python."""
    comm = make(kernel, WAITING + "gate.set()", "waiting")
    closing = kernel.send(comm, {}, kind="comm_close")
    kernel.until(lambda: kernel.ended(closing))
    assert kernel.run("print(await waiting.submit(name='on'))") == "let through on\n"
    kernel.run("waiting.close()")


def test_closing_a_form_closes_its_view(kernel):
    """`form.close()` ends the comm, so that the view goes away, and cancels what runs."""
    comm = make(kernel, WAITING + "submission = waiting.submit()", "waiting")
    kernel.run("waiting.close()")
    kernel.until(lambda: kernel.closed(comm))
    assert kernel.value("type(submission.error).__name__") == "Cancelled"


def test_an_exception_stops_nothing(kernel):
    """A bug is shown with its traceback, and the next submission is answered."""
    comm = make(
        kernel,
        "async def divide(by: int):\n    return 1 / by\ndividing = ActionForm(divide)",
        "dividing",
    )
    subshell = kernel.subshell()
    kernel.submit(comm, "divide", subshell, by="0")
    kernel.until(lambda: kernel.form(comm, "divide").get("answer"))
    errors = kernel.form(comm, "divide")["answer"]["slots"]["errors"]
    assert "<strong>ZeroDivisionError</strong>" in errors
    assert "return 1 / by" in errors
    kernel.submit(comm, "divide", subshell, by="1")
    kernel.until(lambda: "1.0" in kernel.result(comm, "divide"))


def test_leaving_the_program_in_an_action_does_not_end_the_kernel(kernel):
    """`sys.exit()` in an action is a bug of the action."""
    comm = make(
        kernel,
        "import sys\nasync def leave(form: FormData):\n    sys.exit(3)\n"
        "leaving = ActionForm(leave)",
        "leaving",
    )
    kernel.submit(comm, "leave", kernel.subshell())
    kernel.until(lambda: kernel.form(comm, "leave").get("answer"))
    assert "SystemExit" in kernel.form(comm, "leave")["answer"]["slots"]["errors"]
    assert kernel.value("1 + 1") == 2


def test_the_preview_runs_in_the_kernel(kernel):
    """`form.serve()` answers over HTTP while the kernel is idle, with the same form."""
    kernel.run("async def echo(name: str):\n    return name\nechoing = ActionForm(echo)")
    address = kernel.value("echoing.serve()")
    with urllib.request.urlopen(address, timeout=60) as response:
        assert 'data-action="echo"' in response.read().decode()
    kernel.run("echoing.close()")
