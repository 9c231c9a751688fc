"""The state machine: every row of the table, superseded runs, and any sequence of events."""

import dataclasses
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_actions import FormData, FormError, redirect, submission
from notebook_actions.errors import (
    ActionError,
    ActionTimeout,
    Cancelled,
    MissingField,
    NothingToRetry,
)
from notebook_actions.results import Bug, Failure, Success
from notebook_actions.submission import State

LUNA = FormData([("name", "Luna")])
RON = FormData([("name", "Ron")])
HOME = redirect("/")
WRONG = FormError("wrong")
CRASH = ZeroDivisionError()

RUNNING = State().submit(LUNA)
DONE = RUNNING.settle(1, Success("done"))
FAILED = RUNNING.settle(1, Failure(WRONG))
CRASHED = RUNNING.settle(1, Bug(CRASH, id="0a1b2c3d"))
LEFT = RUNNING.settle(1, HOME)
STOPPED = RUNNING.cancel()


def shown(state: State) -> tuple[object, ...]:
    """Return a state's columns of the table."""
    return state.pending, state.input, state.result, state.error


#: Row of the table in the module's docstring → state after the event, and its columns.
TABLE = {
    "submit": (RUNNING, (True, LUNA, None, None)),
    "value returned": (DONE, (False, LUNA, "done", None)),
    "redirect returned": (LEFT, (False, None, HOME, None)),
    "failure": (FAILED, (False, LUNA, None, WRONG)),
    "unexpected exception": (CRASHED, (False, LUNA, None, CRASH)),
    "clear": (FAILED.clear(), (False, None, None, None)),
    "retry": (FAILED.retry(), (True, LUNA, None, None)),
}


@pytest.mark.parametrize("event", TABLE)
def test_the_columns_of_each_row(event):
    """After each event the state is what the table says."""
    state, columns = TABLE[event]
    assert shown(state) == columns


def test_the_row_of_cancel():
    """After cancel() the input is kept and the error is a Cancelled."""
    assert shown(STOPPED)[:3] == (False, LUNA, None)
    assert isinstance(STOPPED.error, Cancelled)


def test_every_row_of_the_documented_table_has_a_test():
    """A row that is added to the docstring is missed here."""
    table = submission.__doc__.split("=====\n")[2]
    rows = {line[:26].strip() for line in table.splitlines() if not line.startswith("=")}
    assert rows == {*TABLE, "cancel"}


def test_a_fresh_form_shows_nothing():
    """Before the first submission there is nothing to show and nothing runs."""
    assert shown(State()) == (False, None, None, None)
    assert State().run == 0


@pytest.mark.parametrize("value", ["", 0, False, None, [], {}, 0.0, ValueError("returned")])
def test_a_falsy_result_is_a_result(value):
    """Whatever is returned ends the submission as a success, and is no error."""
    state = RUNNING.settle(1, Success(value))
    assert state.outcome == Success(value)
    assert state.result is value
    assert state.error is None
    assert not state.pending


@pytest.mark.parametrize(
    "error", [WRONG, MissingField("x"), ActionError("full", 409), ActionTimeout(1), Cancelled()]
)
def test_an_error_is_never_a_result(error):
    """Every kind of failure shows as an error and keeps the input."""
    assert shown(RUNNING.settle(1, Failure(error))) == (False, LUNA, None, error)


@pytest.mark.parametrize("before", [DONE, FAILED, CRASHED, LEFT, STOPPED, RUNNING], ids=repr)
def test_a_new_submission_takes_over_from_any_state(before):
    """Submitting forgets what was shown and counts up."""
    after = before.submit(RON)
    assert shown(after) == (True, RON, None, None)
    assert after.run == before.run + 1


def test_a_superseded_run_changes_nothing():
    """The answer to an older submission is ignored while the newer one runs and after it."""
    second = RUNNING.submit(RON)
    assert second.settle(1, Success("old")) is second
    ended = second.settle(2, Success("new"))
    assert ended.settle(1, Success("old")) is ended
    assert ended.result == "new"


def test_an_answer_from_the_future_changes_nothing():
    """A run that was never started cannot end."""
    assert RUNNING.settle(2, Success("x")) is RUNNING


def test_a_run_ends_once():
    """A second answer to the same submission is ignored."""
    assert DONE.settle(1, Failure(WRONG)) is DONE


def test_a_late_answer_does_not_undo_cancel_or_clear():
    """Who cancelled or cleared is not surprised by the result afterwards."""
    assert STOPPED.settle(1, Success("late")) is STOPPED
    cleared = RUNNING.clear()
    assert cleared.settle(1, Success("late")) is cleared


def test_a_cleared_run_is_not_confused_with_the_next():
    """The number of runs goes on after clear()."""
    after = RUNNING.clear().submit(RON)
    assert after.run == 2
    assert after.settle(1, Success("late")) is after


@pytest.mark.parametrize("state", [State(), DONE, FAILED, CRASHED, LEFT, STOPPED], ids=repr)
def test_cancelling_what_does_not_run_changes_nothing(state):
    """An outcome is not replaced by a cancellation that came too late."""
    assert state.cancel() is state


@pytest.mark.parametrize("state", [DONE, FAILED, CRASHED, STOPPED, RUNNING], ids=repr)
def test_retry_submits_the_kept_input(state):
    """After every outcome that keeps the input it can be submitted again, as a new run."""
    assert state.retry() == State(state.run + 1, pending=True, input=LUNA)


@pytest.mark.parametrize("state", [State(), LEFT, DONE.clear()], ids=["fresh", "left", "cleared"])
def test_retry_without_input_is_an_error(state):
    """Where no input is kept retry() says so and changes nothing."""
    with pytest.raises(NothingToRetry):
        state.retry()


def test_empty_form_data_is_an_input():
    """A form without fields can be retried like any other."""
    assert State().submit(FormData()).cancel().retry().input == FormData()


def test_a_state_cannot_be_changed():
    """Nobody can see half of a transition, since an event makes a new state."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        RUNNING.pending = False
    RUNNING.settle(1, Success(1))
    assert shown(RUNNING) == (True, LUNA, None, None)


@dataclass
class Model:
    """The same machine, told as a story: submissions in a list, of which one may be shown."""

    sent: list[FormData] = field(default_factory=list)
    current: int | None = None
    ended: dict[int, object] = field(default_factory=dict)

    def submit(self, form):
        self.sent.append(form)
        self.current = len(self.sent)

    def settle(self, run, outcome):
        if run == self.current:
            self.ended.setdefault(run, outcome)

    def clear(self):
        self.current = None

    def columns(self):
        if self.current is None:
            return False, None, None
        if self.current not in self.ended:
            return True, self.sent[self.current - 1], None
        outcome = self.ended[self.current]
        return False, None if outcome is HOME else self.sent[self.current - 1], outcome


outcomes = st.sampled_from(
    [Success(None), Success(0), Success("x"), HOME, Failure(WRONG), Bug(CRASH)]
)
events = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from([LUNA, RON, FormData()])),
    st.tuples(st.just("settle"), st.integers(0, 5), outcomes),
    st.tuples(st.sampled_from(["cancel", "clear", "retry"])),
)


@settings(max_examples=300)
@given(st.lists(events, max_size=12))
def test_any_sequence_of_events_agrees_with_the_model(sequence):
    """Whatever happens in whatever order, the state is that of the newest submission alone."""
    state, model = State(), Model()
    for event, *given_ in sequence:
        if event == "retry" and state.input is None:
            with pytest.raises(NothingToRetry):
                state.retry()
            continue
        ran, state = state.pending, getattr(state, event)(*given_)
        if event == "retry":
            model.submit(model.sent[model.current - 1])
        elif event == "cancel":
            assert not ran or isinstance(state.error, Cancelled)
            model.settle(model.current, state.outcome)
        else:
            getattr(model, event)(*given_)
        assert (state.pending, state.input, state.outcome) == model.columns()
        assert state.run == len(model.sent)
        assert not (state.pending and state.outcome)
        assert state.error is None or state.result is None
