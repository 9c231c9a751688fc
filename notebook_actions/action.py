"""Actions: async (or plain) functions that handle a submission."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
import traceback
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar, get_args, overload

from .concurrency import Concurrency, lists
from .errors import ActionFailure, ActionTimeout, Cancelled, DefinitionError
from .executors import in_thread, is_cancelled, place_of, run
from .executors.place import Given
from .files import UploadedFile
from .form import Node, Parameters
from .formdata import FormData
from .messages import say
from .progress import Progress
from .request import Request
from .results import Bug, Failure, Outcome, Redirect, Success

__all__ = ["Action", "Invalidate", "Key", "action", "loggable", "report_bug"]

P = ParamSpec("P")
R = TypeVar("R")

#: The name of a loader's data: a string, or a list that is matched by prefix.
Key: TypeAlias = str | list[Any]

#: What to refresh: None for all loaders of the page, a key, keys, ``()`` for none, or a callable
#: that gets the result and returns one of these.
Invalidate: TypeAlias = Key | Iterable[Key] | Callable[[Any], Any] | None

log = logging.getLogger("notebook_actions")

#: What an option of the author's own must not be mistaken for: those of today and of tomorrow.
_OPTIONS = ("concurrency", "executor", "invalidate", "name", "timeout")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Action(Generic[P, R]):
    """A function that handles a submission. Made by :func:`action`.

    Calling it calls the function, so that helpers and tests can use it like any other.

    Parameters
    ----------
    function : callable
        ``async def`` runs on the event loop; ``def`` runs in a thread and blocks nobody.
    name : str, optional
        Name in the form's address; the function's own name by default. A name, not a position, so
        that an old tab never runs another action after a deploy.
    invalidate : key, list of keys, callable or None
        Which loaders to refresh when it succeeds.
    concurrency : {"latest", "parallel", "queue", "drop"}
        What becomes of a submission while others of its form run; see
        :mod:`notebook_actions.concurrency`.
    timeout : float, optional
        Seconds after which it is stopped.
    executor : Executor, callable or str, optional
        Where the function runs, ``async def`` or not: an executor of ``concurrent.futures``, Dask
        or loky, a function that makes one, or ``"processes:4"``, ``"threads:8"``,
        ``"dask:tcp://127.0.0.1:8786"``. In another process it works on copies: what it changes in
        variables of the notebook is lost there. An executor whose workers have died is made again
        when it was not given ready-made.
    **opts
        Options of the author's own, such as ``role="admin"``; they stand in ``opts`` for whoever
        looks at actions, and mean nothing here.

    Raises
    ------
    DefinitionError
        When the function cannot be an action; says why.
    """

    name: str

    def __init__(
        self,
        function: Callable[P, R],
        *,
        name: str | None = None,
        invalidate: Invalidate = None,
        concurrency: Concurrency = "latest",
        timeout: float | None = None,
        executor: Given | None = None,
        **opts: Any,
    ) -> None:
        if isinstance(function, Action):
            raise DefinitionError(f"{function.name!r} is an action already; make it one only once")
        if not callable(function):
            raise DefinitionError(
                f"an action is a function, not {type(function).__name__}; write @action above a def"
            )
        self.function = function
        self.name = getattr(function, "__name__", "") if name is None else name
        if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
            raise DefinitionError(f"{self.name or function}() yields; an action returns one value")
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise DefinitionError(
                f"{self.name!r} cannot be an action's name; give one of ASCII letters, digits, "
                "'_' and '-' with name="
            )
        if timeout is not None and not (isinstance(timeout, int | float) and timeout > 0):
            raise DefinitionError(f"timeout={timeout!r} of {self.name}: use seconds above 0")
        if concurrency not in get_args(Concurrency):
            known = ", ".join(map(repr, get_args(Concurrency)))
            raise DefinitionError(f"concurrency={concurrency!r} of {self.name}: use one of {known}")
        for option in opts:
            if close := get_close_matches(option, _OPTIONS, cutoff=0.75):
                raise DefinitionError(
                    f"{self.name} has no option {option}=; did you mean {close[0]}=? Give an "
                    "option of your own a name that is not so close to it"
                )
        if not (invalidate is None or callable(invalidate) or isinstance(invalidate, Iterable)):
            raise DefinitionError(
                f"invalidate={invalidate!r} of {self.name}: give the key of a loader, a list of "
                "keys, or a function that returns one"
            )
        self.invalidate = invalidate
        self.concurrency: Concurrency = concurrency
        self.timeout = timeout
        #: Where the function runs; None for the loop or a thread.
        self.place = None if executor is None else place_of(executor)
        self.opts = opts
        self.parameters = Parameters(function)
        self.__doc__ = function.__doc__
        self.__name__ = self.name
        self.__wrapped__ = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function, as if it were not decorated."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Action {self.name}>"

    @property
    def shows_each(self) -> bool:
        """Whether each submission is shown in a row of its own, and not only the newest."""
        return lists(self.concurrency)

    @property
    def fields(self) -> tuple[Node, ...]:
        """The fields that the function's parameters declare, in order."""
        return self.parameters.fields

    async def run(
        self,
        form: FormData,
        request: Request,
        progress: Progress | None = None,
        parameters: Parameters | None = None,
    ) -> Outcome:
        """Handle one submission, and say how it ended.

        Parameters
        ----------
        form : FormData
            What was submitted.
        request : Request
            What came with it.
        progress : Progress, optional
            Told how far the action has come, and asks it to stop when the task is cancelled or the
            time is over; one for each run. Without it nobody is told.
        parameters : Parameters, optional
            The action's own with what a form has added to them.

        Returns
        -------
        Success, Redirect, Failure or Bug
            Every exception becomes a Failure or a Bug, save the cancellation of the task. A bug is
            logged with its traceback and id.
        """
        deadline = asyncio.timeout(self.timeout)
        progress = Progress() if progress is None else progress
        try:
            for _, value in form.pairs():
                if isinstance(value, UploadedFile):  # An earlier try may have read it.
                    value.rewind()
            args, kwargs = (parameters or self.parameters).bind(form, request, progress)
            async with deadline:
                if self.place is None:
                    value = await call(self.function, *args, **kwargs)
                else:
                    value = await run(self.place, self.function, args, kwargs, progress)
        except ActionFailure as failure:
            return Failure(failure)
        except TimeoutError as error:
            # An action's own TimeoutError (a socket's, say) is a bug of the action.
            if deadline.expired() and self.timeout is not None:
                progress.cancel()
                return Failure(ActionTimeout(self.timeout))
            return report_bug(self.name, error)
        except KeyboardInterrupt:
            # The notebook's "interrupt" button while the action held the main thread.
            return Failure(Cancelled(say("interrupted")))
        except GeneratorExit:
            raise
        except BaseException as error:
            if is_cancelled(error):
                progress.cancel()
                raise
            return report_bug(self.name, error)
        finally:
            progress.flush()
        return value if isinstance(value, Redirect) else Success(value)


async def call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function of the author: ``async def`` here, ``def`` in a thread.

    Parameters
    ----------
    function : callable
        The function.
    *args, **kwargs
        What it is called with.

    Returns
    -------
    object
        What it returned, awaited where that is needed.
    """
    if inspect.iscoroutinefunction(inspect.unwrap(function)):
        value = function(*args, **kwargs)
    else:
        value = await in_thread(function, *args, **kwargs)
    return await value if inspect.isawaitable(value) else value


def loggable(error: BaseException) -> BaseException:
    """Return an exception that a log can show: its class alone where its own look fails."""
    try:
        traceback.format_exception(error)
    except BaseException:  # whatever an author's class makes of it
        return RuntimeError(f"a {type(error).__name__} whose traceback cannot be shown")
    return error


def report_bug(name: str, error: BaseException) -> Bug:
    """Log an exception that nobody expected, and return it as an outcome.

    Parameters
    ----------
    name : str
        The action's name.
    error : BaseException
        The exception; its traceback goes to the log with the bug's id.
    """
    bug = Bug(error)
    log.error("action %s failed (id %s)", name, bug.id, exc_info=loggable(error))
    return bug


@overload
def action(function: Callable[P, R], /) -> Action[P, R]: ...
@overload
def action(
    *,
    name: str | None = None,
    invalidate: Invalidate = None,
    concurrency: Concurrency = "latest",
    timeout: float | None = None,
    executor: Given | None = None,
    **opts: Any,
) -> Callable[[Callable[P, R]], Action[P, R]]: ...
def action(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a function an action: a decorator, bare or with options.

    Parameters
    ----------
    function : callable
        The function; see :class:`Action` for what it may take.
    name, invalidate, concurrency, timeout, executor, **opts
        See :class:`Action`.

    Returns
    -------
    Action
        Which can be called like the function, given to an ``ActionForm``, or served.

    Examples
    --------
    >>> @action(invalidate=["enrollments"])
    ... async def enroll(subject: str, seats: int = 1):
    ...     return f"{seats} × {subject}"
    >>> [field.name for field in enroll.fields]
    ['subject', 'seats']
    """
    if function is not None:
        return Action(function)
    return lambda given: Action(given, **options)
