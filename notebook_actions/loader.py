"""Loaders: functions that supply a page's data, known by a key and refreshed by it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable
from typing import Any, overload

from .action import Invalidate, Key, call
from .errors import DefinitionError
from .request import Request

__all__ = ["Loader", "invalidated", "loader"]


class Loader:
    """A function that supplies data for a page. Made by :func:`loader`.

    Calling it calls the function.

    Parameters
    ----------
    function : callable
        ``async def`` or ``def``; takes nothing, or the request.
    key : str or list
        Its name for refreshing; the function's own name by default.
    template : str, optional
        A Tornado template that shows the data, which it finds under the name ``data``. Without one
        the data is shown as results are: a list of dicts as a table, and so on.

    Raises
    ------
    DefinitionError
        When the function cannot be a loader; says why.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        key: Key | None = None,
        template: str | None = None,
    ) -> None:
        if not callable(function):
            raise DefinitionError(
                f"a loader is a function, not {type(function).__name__}; write @loader above a def"
            )
        self.function = function
        self.key: Key = key if key is not None else getattr(function, "__name__", "")
        if not self.key:
            raise DefinitionError(f"the loader {function!r} has no name; give it one with key=")
        if not isinstance(self.key, str | list):
            raise DefinitionError(
                f"key={key!r} of a loader: give a text, or a list that starts with one"
            )
        if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
            raise DefinitionError(f"{self.name}() yields; a loader returns its data")
        self.template = template
        self.__doc__ = function.__doc__
        self.__wrapped__ = function
        self._request_parameter = _request_parameter(function, self.name)

    @property
    def name(self) -> str:
        """The key as text: what stands in ``data-loader`` and on the wire."""
        return self.key if isinstance(self.key, str) else json.dumps(self.key, ensure_ascii=False)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, as if it were not decorated."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Loader {self.name}>"

    async def load(self, request: Request) -> Any:
        """Return the data for one request; a ``def`` runs in a thread.

        Parameters
        ----------
        request : Request
            The visit or submission that the data is for.
        """
        taken = self._request_parameter
        if taken is None:
            return await call(self.function)
        if taken.kind is inspect.Parameter.POSITIONAL_ONLY:
            return await call(self.function, request)
        return await call(self.function, **{taken.name: request})


def _request_parameter(function: Callable[..., Any], name: str) -> inspect.Parameter | None:
    """Return the parameter that gets the request: the one without a default, or of that name."""
    try:
        signature = inspect.signature(function)
    except ValueError as error:
        raise DefinitionError(f"{name!r} cannot be a loader: {error}") from None
    named = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    ]
    required = [one for one in named if one.default is one.empty]
    if len(required) > 1:
        raise DefinitionError(
            f"the loader {name!r} takes {len(required)} parameters; it can have only `request`"
        )
    meant = (
        one for one in named if one.name == "request" or one.annotation in (Request, "Request")
    )
    return next(iter(required), next(meant, None))


def invalidated(loaders: Iterable[Loader], invalidate: Invalidate, result: Any) -> list[Loader]:
    """Return the loaders that an action asks to refresh.

    Parameters
    ----------
    loaders : iterable of Loader
        The loaders of the page.
    invalidate : key, list of keys, callable or None
        As given to ``@action``.
    result : object
        The action's result, for a callable.

    Returns
    -------
    list of Loader
        Those whose key is among the keys, or begins with one that is a list.
    """
    wanted = invalidate(result) if callable(invalidate) else invalidate
    if wanted is None:
        return list(loaders)
    keys: list[Key] = [wanted] if isinstance(wanted, str) else list(wanted)
    return [one for one in loaders if any(_matches(key, one.key) for key in keys)]


def _matches(wanted: Key, key: Key) -> bool:
    prefix = [wanted] if isinstance(wanted, str) else list(wanted)
    whole = [key] if isinstance(key, str) else list(key)
    return whole[: len(prefix)] == prefix


@overload
def loader(function: Callable[..., Any], /) -> Loader: ...
@overload
def loader(
    *, key: Key | None = None, template: str | None = None
) -> Callable[[Callable[..., Any]], Loader]: ...
def loader(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a function a loader: a decorator, bare or with options.

    Parameters
    ----------
    function : callable
        The function; see :class:`Loader`.
    key, template
        See :class:`Loader`.

    Returns
    -------
    Loader
        To be placed in a ``Page``.
    """
    if function is not None:
        return Loader(function)
    return lambda given: Loader(given, **options)
