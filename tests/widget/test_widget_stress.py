"""Many submissions and every order of events, against a simple model of what should be."""

from __future__ import annotations

import asyncio
import random
import threading
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tab import Tab, until

from notebook_actions import ActionError, ActionForm, FormData, action
from notebook_actions.errors import Cancelled, Dropped, NothingToRetry

POLICIES = ("latest", "parallel", "queue", "drop")
ERRORS = {"cancelled": Cancelled, "dropped": Dropped, "failed": ActionError}


@dataclass(eq=False)
class Expected:
    """What the model knows of a submission."""

    number: int
    status: str  # "waits", "runs", "done", "failed", "cancelled" or "dropped"

    @property
    def pending(self) -> bool:
        return self.status in ("waits", "runs")


class Submissions(RuleBasedStateMachine):
    """Submits, ends, cancels, clears and retries at random, under a policy at random."""

    @initialize(policy=st.sampled_from(POLICIES))
    def begin(self, policy: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.lost: list[object] = []
        self.loop.set_exception_handler(lambda _, context: self.lost.append(context))
        self.policy = policy
        self.gates: dict[int, asyncio.Future[str]] = {}
        self.runs: list[int] = []
        self.written: list[int] = []
        self.wanted: list[int] = []  # what the model says is written
        self.model: list[Expected] = []
        self.listed: list[Expected] = []
        self.newest: Expected | None = None
        self.kept = False
        self.real: dict[Expected, object] = {}

        @action(concurrency=policy)
        async def save(form: FormData) -> int:
            number = len(self.runs)
            self.runs.append(number)
            gate = self.gates[number] = self.loop.create_future()
            if await gate == "fail":
                raise ActionError("no")
            self.written.append(number)
            return number

        async def make() -> ActionForm:
            return ActionForm(save)

        self.form = self.loop.run_until_complete(make())
        self.running: dict[Expected, int] = {}  # → number of its run

    # --- the model --------------------------------------------------------------------------------

    @property
    def alive(self) -> list[Expected]:
        return [one for one in self.model if one.pending]

    def submitted(self, submission: object, instead: Expected | None = None) -> None:
        one = Expected(len(self.model), "runs")
        self.real[one] = submission
        if self.policy == "drop" and self.alive:
            one.status = "dropped"
            self.model.append(one)
            return
        if self.policy == "queue" and self.alive:
            one.status = "waits"
        self.model.append(one)
        if self.policy in ("latest", "drop"):
            self.listed = [one]
        elif instead in self.listed:
            self.listed[self.listed.index(instead)] = one
        else:
            self.listed.append(one)
        self.newest, self.kept = one, True
        self.go_on()

    def go_on(self) -> None:
        """Let the next one of a queue run, and the loop catch up."""
        if self.policy == "queue" and not any(one.status == "runs" for one in self.model):
            for one in self.alive[:1]:
                one.status = "runs"
        self.turn()
        begun = [one for one in self.model if one.status == "runs" and one not in self.running]
        self.running.update(zip(begun, self.runs[len(self.running) :], strict=False))

    def turn(self) -> None:
        async def some() -> None:
            for _ in range(20):
                await asyncio.sleep(0)

        self.loop.run_until_complete(some())

    def call(self, function: object, *args: object) -> object:
        async def inside() -> object:
            return function(*args)  # type: ignore[operator]

        return self.loop.run_until_complete(inside())

    def stop(self, one: Expected) -> None:
        if one.pending:
            one.status = "cancelled"

    # --- what happens -----------------------------------------------------------------------------

    @rule()
    def submit(self) -> None:
        self.submitted(self.call(self.form.submit))

    @precondition(lambda self: any(one.status == "runs" for one in self.model))
    @rule(data=st.data(), how=st.sampled_from(["done", "failed"]))
    def end(self, data: st.DataObject, how: str) -> None:
        one = data.draw(st.sampled_from([one for one in self.model if one.status == "runs"]))
        self.gates[self.running[one]].set_result("fail" if how == "failed" else "go")
        one.status = how
        if how == "done":
            self.wanted.append(self.running[one])
        self.go_on()

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.model))
        self.call(self.real[one].cancel)
        self.stop(one)
        self.go_on()

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.model))
        self.call(self.real[one].clear)
        self.stop(one)
        if one in self.listed:
            self.listed.remove(one)
            if one is self.newest:
                self.newest, self.kept = None, False
        self.go_on()

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.model))
        again = self.call(self.real[one].retry)
        if one.pending:
            assert again is self.real[one]
        else:
            self.submitted(again, one)

    @rule()
    def retry_the_form(self) -> None:
        if not self.kept:
            with pytest.raises(NothingToRetry):
                self.call(self.form.retry)
            return
        before, newest = self.newest, self.newest
        again = self.call(self.form.retry)
        if self.policy in ("latest", "drop"):
            self.submitted(again)
        elif before is not None and before.pending:
            assert again is self.real[before]
        else:
            self.submitted(again, newest)

    @rule()
    def cancel_the_form(self) -> None:
        self.call(self.form.cancel)
        for one in self.listed:
            self.stop(one)
        self.go_on()

    @rule()
    def clear_the_form(self) -> None:
        self.call(self.form.clear)
        for one in self.model:
            self.stop(one)
        self.listed, self.newest, self.kept = [], None, False
        self.go_on()

    # --- what holds -------------------------------------------------------------------------------

    @invariant()
    def the_list_is_as_it_should_be(self) -> None:
        if not hasattr(self, "form"):
            return
        assert list(self.form.submissions) == [self.real[one] for one in self.listed]

    @invariant()
    def each_submission_is_as_it_should_be(self) -> None:
        for one in getattr(self, "model", ()):
            real = self.real[one]
            assert real.pending == one.pending
            assert type(real.error) is ERRORS.get(one.status, type(None))
            assert real.result == (self.running[one] if one.status == "done" else None)
            assert one.status != "runs" or one in self.running

    @invariant()
    def the_traits_follow_the_newest(self) -> None:
        if not hasattr(self, "form"):
            return
        newest = self.newest
        assert self.form.pending == (newest is not None and newest.pending)
        assert self.form.result == (None if newest is None else self.real[newest].result)
        assert self.form.error is (None if newest is None else self.real[newest].error)
        assert (self.form.input is not None) == self.kept

    @invariant()
    def no_effect_is_lost_or_doubled(self) -> None:
        assert getattr(self, "written", []) == getattr(self, "wanted", [])

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        while self.alive:
            for one in [one for one in self.alive if one.status == "runs"]:
                self.gates[self.running[one]].set_result("go")
                one.status = "done"
                self.wanted.append(self.running[one])
                self.go_on()
        self.turn()
        assert (self.form.pending, self.form._submissions.running) == (False, {})
        assert self.written == self.wanted
        assert (asyncio.all_tasks(self.loop), self.lost) == (set(), [])
        self.loop.close()


Submissions.TestCase.settings = settings(max_examples=60, stateful_step_count=30)


class TestSubmissions(Submissions.TestCase):
    """Whatever happens in whatever order, list, traits, effects and tasks are as the model says."""


@pytest.mark.parametrize("kind", ["async", "thread"])
@pytest.mark.parametrize("policy", POLICIES)
async def test_two_hundred_at_once(policy: str, kind: str) -> None:
    """Of 200 submissions at once none is lost or doubled, and nothing is left when all ended."""
    done: list[int] = []
    lock, most, inside = threading.Lock(), 0, 0

    def write(number: int) -> None:
        nonlocal most, inside
        with lock:
            inside += 1
            most = max(most, inside)
            done.append(number)
            inside -= 1

    async def save(number: int) -> int:
        await asyncio.sleep(0)
        write(number)
        return number

    def save_in_a_thread(number: int) -> int:
        write(number)
        return number

    function = save if kind == "async" else save_in_a_thread
    form = ActionForm(action(concurrency=policy)(function))
    threads = threading.active_count()
    tasks = asyncio.all_tasks()
    results = await asyncio.gather(
        *(form.submit(number=number) for number in range(200)), return_exceptions=True
    )
    taken = [number for number, result in enumerate(results) if result == number]
    assert sorted(done) == taken
    assert len(taken) == (1 if policy == "drop" else 200)
    assert all(isinstance(one, Dropped) for one in results if not isinstance(one, int))
    if policy == "queue":
        assert done == taken
    assert (form.pending, form.result) == (False, taken[-1])
    assert len(form.submissions) == (200 if policy in ("parallel", "queue") else 1)
    await until(lambda: asyncio.all_tasks() == tasks)
    # The pool of threads is the event loop's own, and bounded.
    assert threading.active_count() - threads <= 40


@pytest.mark.parametrize("policy", POLICIES)
async def test_two_hundred_from_a_browser(policy: str) -> None:
    """Every message is answered: in the end each key is settled, and no row shown is pending."""
    order = random.Random(5)

    @action(concurrency=policy)
    async def save(number: int) -> int:
        for _ in range(order.randrange(5)):
            await asyncio.sleep(0)
        return number

    form = ActionForm(save)
    tab = Tab(form)
    rids = [tab.submit(["number", str(number)], form="save") for number in range(200)]
    settled: set[str] = set()

    def all_settled() -> bool:
        for state in tab.states:
            settled.update(state["forms"]["save"]["ended"])
        return settled >= set(rids)

    await until(all_settled)
    last = tab.states[-1]["forms"]["save"]
    assert not last["pending"]
    assert "aria-busy" not in "".join(last["submissions"].values())
