"""The text of a page's templates: the one place where markup is written.

A form or page gives the *text* of a Tornado template. The notebook and the server render that text,
and export writes the same text out as a file that its owner may edit. It is plain HTML: what was
typed and what is to be said is filled in afterwards (``fill.py``).
"""

from __future__ import annotations

import re
from typing import assert_never

from tornado.escape import xhtml_escape as escape

from .controls import complete, controls
from .loader import Loader
from .markup import attributes_text, buttons_text, default_button_text, node_text
from .messages import DIRECTIONS, MESSAGES, say
from .page import ActionForm, Page

__all__ = ["body_text", "language_text", "template_texts"]


def template_texts(page: Page, *, author: bool = False) -> dict[str, str]:
    """Return the templates of a page: file name → text.

    Parameters
    ----------
    page : Page
        The page.
    author : bool
        Whether it is for the notebook, where a form stands without the heading of its page. Else
        the form does not say again what that says.

    Returns
    -------
    dict of str to str
        ``SLUG.html`` is the page, ``SLUG.FORM.html`` each form.
    """
    texts = {f"{page.slug}.html": _page_text(page)}
    for form_id, form in page.forms.items():
        title = form.title if author or form.title != page.title else None
        texts[f"{page.slug}.{form_id}.html"] = _form_text(form, form_id, title)
    return texts


def _verbatim(html: str) -> str:
    """Return HTML of the author such that a template engine leaves it alone."""
    return re.sub(r"\{([{%#])", r"{\1!", html)


def _page_text(page: Page) -> str:
    return f"""<!DOCTYPE html>
<html{language_text()}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{_verbatim(escape(page.title))}</title>
<link rel="stylesheet" href="{{{{ static("form.css") }}}}">
<script type="module" src="{{{{ static("page.js") }}}}"></script>
</head>
<body>
<main class="na-page" data-messages="{{{{ messages }}}}">
{body_text(page)}
</main>
</body>
</html>
"""


def language_text() -> str:
    """Return the attributes that say in which language a page is, and in which direction."""
    language = MESSAGES["language"]
    direction = DIRECTIONS.get(language.split("-")[0], "")
    return attributes_text({"lang": language} | ({"dir": direction} if direction else {}))


def body_text(page: Page) -> str:
    """Return the template of the inside of a page."""
    parts = [f"<h1>{_verbatim(escape(page.title))}</h1>", "{% raw notice %}"]
    forms = iter(page.forms)
    for child in page.parts:
        match child:
            case ActionForm():
                parts.append(f'{{% raw form("{next(forms)}") %}}')
            case Loader():
                name = _verbatim(escape(child.name))
                # A "%}" in the key would end the expression that it stands in.
                key = repr(child.name).replace("%}", r"%\x7d")
                parts.append(f'<section data-loader="{name}">{{% raw loader({key}) %}}</section>')
            case str():
                parts.append(_verbatim(child))
            case _:
                assert_never(child)
    return "\n".join(parts)


def _form_text(form: ActionForm, form_id: str, title: str | None) -> str:
    name = form.action.name
    if form.html is None:
        inside = _verbatim("\n".join(node_text(node, form_id) for node in form.fields))
    else:
        inside = _verbatim(complete(form.html, form_id))
    found = controls(inside, f"form-{form_id}")
    # The id is for buttons and fields elsewhere on the page: <button form="form-enroll">.
    attributes = {"class": "na-form", "id": f"form-{form_id}", "method": "post"}
    attributes |= {"action": "{{ url }}", "data-action": name}
    if form.reset is not None:
        attributes["data-reset"] = "true" if form.reset else "false"
    if found.files:
        attributes["enctype"] = "multipart/form-data"
        attributes["data-max-body"] = "{{ max_body }}"
    lines = [f"<form{attributes_text(attributes)}>"]
    buttons, label = form.parameters.buttons, form.submit_label
    if 'name="_add"' in inside:
        lines.append(_verbatim(default_button_text(buttons, label)))
    if form_id != name:
        lines.append(f'<input type="hidden" name="_form" value="{form_id}">')
    if title:
        lines.append(f"<h2>{_verbatim(escape(title))}</h2>")
    for paragraph in re.split(r"\n\s*\n", form.description):
        if paragraph:
            lines.append(f'<p class="na-description">{_verbatim(escape(paragraph))}</p>')
    lines.append('<div class="na-errors" data-slot="errors" role="alert" tabindex="-1"></div>')
    lines.append(inside)
    if not found.submitter:
        lines.append(_verbatim(buttons_text(buttons, label)))
    lines += [
        '<div class="na-running">',
        '<p class="na-status" data-slot="status" role="status"></p>',
        '<div class="na-progress" data-slot="progress"></div>',
    ]
    if found.files:
        label = _verbatim(escape(say("upload")))
        lines.append(f'<progress data-upload max="1" aria-label="{label}" hidden></progress>')
    lines += [
        f'<button type="button" data-cancel hidden>{_verbatim(escape(say("cancel")))}</button>',
        "</div>",
        '<div class="na-result" data-slot="result"></div>',
        "</form>",
    ]
    if form.action.shows_each:
        listed = {"class": "na-submissions", "data-slot": "submissions", "data-of": form_id}
        listed["aria-label"] = say("submissions")
        lines += [
            f"<ul{_verbatim(attributes_text(listed))}></ul>",
            f'<template data-pattern="{form_id}">{{% raw pattern %}}</template>',
        ]
    return "\n".join(line for line in lines if line) + "\n"
