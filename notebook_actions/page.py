"""Declarations: the form of an action, and a page made of forms, loaders and HTML.

These classes only hold what the author said. In a notebook the widget's classes of the same names
stand on top of them; in an exported app they are all there is.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, TypeAlias

from .action import Action
from .errors import DefinitionError
from .fields import Control
from .form import Node, Parameters, humanize
from .formdata import FormData
from .handwritten import check_html
from .loader import Loader
from .messages import say
from .progress import Progress
from .request import Request
from .results import Outcome

__all__ = ["ActionForm", "Child", "Page"]

#: Where a docstring stops to be about what the action does: numpydoc, Google's style, Sphinx.
_SECTION = re.compile(
    r"^(?:\w[\w ]*\n-{3,}|(?:Args|Returns|Raises|Examples?):|:\w+|>>> )", re.MULTILINE
)


class ActionForm:
    """The form of an action.

    Parameters
    ----------
    action : Action or callable
        What handles the submission; a plain function is wrapped with the defaults.
    fields : iterable of Control, optional
        Fields by hand (:mod:`notebook_actions.fields`): one that has the name of a parameter
        changes its field, the others are added.
    html : str, optional
        The author's own markup for the inside of the form. Without it the form has one field for
        each parameter of the action. A button or field elsewhere on the page belongs to the form
        with ``form="form-NAME"``, where ``NAME`` is the action's.
    title : str, optional
        A heading.
    submit : str, optional
        Text of the submit button; the action's name in words by default.
    request : Request, optional
        What the action gets in the notebook, where there is no real request. A served form never
        uses it.
    path : str, optional
        Where the form is served when it is on no page; ``/`` and the action's name by default.
    reset : bool, optional
        Whether a success empties the form. By default it does where its outcome is not shown beside
        the input: after a redirect, and where each submission has a row.

    Raises
    ------
    DefinitionError
        When something does not fit; says what.
    """

    def __init__(
        self,
        action: Action[..., Any] | Callable[..., Any],
        *,
        fields: Iterable[Control] | None = None,
        html: str | None = None,
        title: str | None = None,
        submit: str | None = None,
        request: Request | None = None,
        path: str | None = None,
        reset: bool | None = None,
    ) -> None:
        self.action: Action[..., Any] = action if isinstance(action, Action) else Action(action)
        if html is not None:
            check_html(html, f"html= of {self.action.name}", self.action.parameters.leaves())
        if html is not None and fields is not None:
            raise DefinitionError(
                f"{self.action.name} has both fields= and html=; write the fields into the HTML"
            )
        self.parameters: Parameters = self.action.parameters.with_fields(fields or ())
        if request is not None and not isinstance(request, Request):
            raise DefinitionError(f"request={request!r} of {self.action.name}: give a Request(...)")
        self.html = html
        self.title = title
        self.submit_label = submit or humanize(self.action.name)
        self.request = request
        self.path = check_path(path or f"/{self.action.name}")
        self.reset = reset

    @property
    def fields(self) -> tuple[Node, ...]:
        """The fields that the form shows by itself; none where the author wrote the HTML."""
        return self.parameters.fields if self.html is None else ()

    @property
    def description(self) -> str:
        """What the action's docstring says before its first section; none with ``html=``."""
        text = inspect.getdoc(self.action.function) or ""
        return "" if self.html is not None else _SECTION.split(text, maxsplit=1)[0].strip()

    async def run(
        self, data: FormData, request: Request, progress: Progress | None = None
    ) -> Outcome:
        """Handle one submission of this form; see :meth:`Action.run`."""
        return await self.action.run(data, request, progress, self.parameters)

    def __repr__(self) -> str:
        return f"<ActionForm {self.action.name}>"


Child: TypeAlias = ActionForm | Loader | str


class Page:
    """A page: forms, loaders and HTML strings, in the order in which they are shown.

    Parameters
    ----------
    path : str
        Where it is served, such as ``"/enrollment"``.
    *children : ActionForm, Loader or str
        What it shows. A string is HTML of the author.
    title : str, optional
        Heading and window title; made from the path by default.
    request : Request, optional
        What loaders and forms get in the notebook; by default that of its first form which has one.

    Raises
    ------
    DefinitionError
        When the path or a child does not fit; says which.
    """

    def __init__(
        self,
        path: str,
        *children: Child,
        title: str | None = None,
        request: Request | None = None,
    ) -> None:
        self.path = check_path(path)
        for position, child in enumerate(children, start=1):
            if not isinstance(child, ActionForm | Loader | str):
                raise DefinitionError(
                    f"child {position} of Page({path!r}) is {_kind(child)}; a page holds "
                    "ActionForm(...), @loader functions and HTML strings"
                )
        self.parts: tuple[Child, ...] = children
        by_name: dict[str, Loader] = {}
        for child in children:
            if isinstance(child, Loader) and by_name.setdefault(child.name, child) is not child:
                raise DefinitionError(
                    f"two loaders of Page({path!r}) have the key {child.name}; give one another key"
                )
        self.title = title or humanize(path.strip("/").split("/")[-1]) or say("home")
        self.request = request or next(
            (form.request for form in self.forms.values() if form.request), Request(url=path)
        )

    @cached_property
    def forms(self) -> dict[str, ActionForm]:
        """The forms by id: the action's name, with a number for a second form of the same one."""
        forms: dict[str, ActionForm] = {}
        for child in self.parts:
            if isinstance(child, ActionForm):
                name, number = child.action.name, 2
                while name in forms:
                    name, number = f"{child.action.name}-{number}", number + 1
                forms[name] = child
        return forms

    @cached_property
    def loaders(self) -> dict[str, Loader]:
        """The loaders by name."""
        return {child.name: child for child in self.parts if isinstance(child, Loader)}

    @property
    def slug(self) -> str:
        """The path as a name for files: ``/a/b`` → ``a-b``, ``/`` → ``index``."""
        return re.sub(r"[^\w-]+", "-", self.path.strip("/")) or "index"

    @classmethod
    def of(cls, shown: Page | ActionForm | Action[..., Any]) -> Page:
        """Return ``shown`` as a page: a form or an action gets one of its own."""
        if isinstance(shown, Page):
            return shown
        if isinstance(shown, Action):
            shown = ActionForm(shown)
        if isinstance(shown, ActionForm):
            title = shown.title or humanize(shown.action.name)
            return Page(shown.path, shown, title=title)
        raise DefinitionError(
            f"{_kind(shown)} cannot be served; give a Page, ActionForm or @action"
        )

    def __repr__(self) -> str:
        return f"<Page {self.path}>"


def _kind(thing: object) -> str:
    return f"{thing!r:.60} (type {type(thing).__name__})"


def check_path(path: str) -> str:
    """Return ``path`` when it can be the path of a page.

    Raises
    ------
    DefinitionError
        When it does not begin with one slash, or has a query, spaces, control characters or ``..``
        in it.
    """
    allowed = r"/(?!/)[^\s\x00-\x1f\x7f?#\\%]*"
    if not isinstance(path, str) or not re.fullmatch(allowed, path) or ".." in path:
        raise DefinitionError(
            f"{path!r} cannot be a page's path; write one like '/enrollment', without a query"
        )
    return path


def check_pages(pages: Iterable[Page]) -> dict[str, Page]:
    """Return the pages by path.

    Raises
    ------
    DefinitionError
        When there is none, or two have the same path, or paths that give the same file names.
    """
    by_path: dict[str, Page] = {}
    by_slug: dict[str, Page] = {}
    for page in pages:
        if page.path in by_path:
            raise DefinitionError(f"two pages have the path {page.path!r}; give one another path")
        by_path[page.path] = page
        if by_slug.setdefault(page.slug, page) is not page:
            raise DefinitionError(
                f"the pages {by_slug[page.slug].path!r} and {page.path!r} would both be exported "
                f"as {page.slug}.html; give one another path"
            )
    if not by_path:
        raise DefinitionError("there is no page to serve; give at least one Page or ActionForm")
    return by_path
