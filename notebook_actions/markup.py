"""Markup: the HTML of a form's fields, as the text of a template.

Everything in it has an ``id`` that begins with the form's, a slot for the message, and is described
by its help and that message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from tornado.escape import xhtml_escape as escape

from .fields import Submit
from .form import Field, Group, Node, Rows
from .messages import say
from .rows import numbered

__all__ = ["attributes_text", "buttons_text", "default_button_text", "node_text"]

#: Types of which several controls make one field.
_SETS = {"radio": "radio", "checkboxes": "checkbox"}


def node_text(node: Node, form_id: str) -> str:
    """Return the HTML of a field, a group or a list.

    Parameters
    ----------
    node : Field, Group or Rows
        What is shown.
    form_id : str
        What ids begin with.
    """
    match node:
        case Field(type="hidden"):
            value = escape(node.initial[0]) if node.initial else ""
            return f'<input type="hidden" name="{escape(node.name)}" value="{value}">'
        case Field() if node.type in _SETS:
            return _set(node, form_id)
        case Field():
            return _field(node, form_id)
        case Group(name=""):
            return "\n".join(node_text(one, form_id) for one in _members(node))
        case Group():
            inside = "\n".join(node_text(one, form_id) for one in _members(node))
            return _fieldset(node, form_id, inside)
        case Rows():
            return _rows(node, form_id)
        case _:
            assert_never(node)


def attributes_text(attributes: Mapping[str, str]) -> str:
    """Return attributes as they stand in a tag; one whose value is empty stands alone."""
    return "".join(
        f' {name}="{escape(value)}"' if value else f" {name}" for name, value in attributes.items()
    )


def buttons_text(buttons: Iterable[Submit], label: str) -> str:
    """Return the buttons that submit a form; one with this label where none is given."""
    shown = [_button(one, {}) for one in buttons] or [_submit(label, {})]
    return f'<p class="na-buttons">{" ".join(shown)}</p>'


def default_button_text(buttons: Iterable[Submit], label: str) -> str:
    """Return the button that Enter presses, in a form whose first ones would add or remove rows.

    Source: HTML, "implicit submission": a form's default button is its first.
    """
    hidden = {"class": "na-default", "tabindex": "-1", "aria-hidden": "true"}
    return next((_button(one, hidden) for one in buttons), _submit(label, hidden))


def _button(button: Submit, more: Mapping[str, str]) -> str:
    named = {"name": button.name, "value": str(button.value)} if button.name else {}
    return _submit(str(button.label), {**named, **button.attributes, **more})


def _submit(label: str, attributes: Mapping[str, str]) -> str:
    return f'<button type="submit"{attributes_text(attributes)}>{escape(label)}</button>'


# --- fields ---------------------------------------------------------------------------------------


def _field(field: Field, form_id: str, place: str = "") -> str:
    """Return one control with its label; ``place`` is its name in a list of plain values."""
    known = place or field.name
    control = f"{form_id}-{known}"
    described = _described(field, control)
    attributes = {"id": control, "name": field.name, "aria-describedby": described}
    if place:
        attributes["data-field"] = place
    if field.required:
        attributes["required"] = ""
    if field.secret:
        attributes["data-secret"] = ""
    attributes |= {**_step(field), **field.attributes}
    label = f'<label for="{escape(control)}">{escape(field.label)}</label>'
    initial = field.initial
    match field.type:
        case "select":
            if field.many:
                attributes["multiple"] = ""
            widget = f"<select{attributes_text(attributes)}>{_options(field)}</select>"
        case "textarea":
            # The parser drops one line break after the tag.
            text = "\n" + escape(initial[0]) if initial else ""
            widget = f"<textarea{attributes_text(attributes)}>{text}</textarea>"
        case "checkbox":
            if field.default is True:
                attributes["checked"] = ""
            value = field.shown[0] if field.shown else ""
            value = f' value="{escape(value)}"' if value else ""
            widget = f'<input type="checkbox"{attributes_text(attributes)}{value}> {label}'
            label = ""
        case "file":
            if field.many:
                attributes["multiple"] = ""
            slot = escape(f"kept:{field.name}")
            widget = f'<input type="file"{attributes_text(attributes)}>'
            widget += f'\n<div class="na-kept" data-slot="{slot}"></div>'
        case _:
            value = f' value="{escape(initial[0])}"' if initial and initial[0] else ""
            widget = f'<input type="{field.type}"{attributes_text(attributes)}{value}>'
    parts = (label, _help(field.help, control), widget, _error(known, control))
    return '<div class="na-field">\n' + "\n".join(part for part in parts if part) + "\n</div>"


def _step(field: Field) -> dict[str, str]:
    """Return the step of a time that is more precise than the minutes that a browser counts in."""
    if field.type not in ("time", "datetime-local"):
        return {}
    shown = (*field.initial, *(field.attributes.get(name, "") for name in ("min", "max")))
    digits = max(len(text.rpartition("T")[2]) for text in ("", *shown))
    return {"step": "0.001" if digits > len("00:00:00") else "1"} if digits > len("00:00") else {}


def _described(node: Node, control: str) -> str:
    """Return the ids of what a control is described by."""
    return f"{control}-help {control}-error" if node.help else f"{control}-error"


def _help(text: str, control: str) -> str:
    return f'<p class="na-help" id="{escape(control)}-help">{escape(text)}</p>' if text else ""


def _error(name: str, control: str) -> str:
    slot = escape(f"error:{name}")
    return f'<p class="na-error" id="{escape(control)}-error" data-slot="{slot}"></p>'


def _options(field: Field) -> str:
    initial = field.initial
    choices = {text: field.label_of(text) for text in field.choices}
    if not field.many and (field.optional or not initial or "" in choices):
        choices = {"": "", **choices}  # Chosen where nothing else is, as it stands first.
    return "".join(
        f'<option value="{escape(text)}"{" selected" if text in initial else ""}>'
        f"{escape(label or say('choose'))}</option>"
        for text, label in choices.items()
    )


def _set(field: Field, form_id: str) -> str:
    """Return radio buttons or check boxes that make one field."""
    control, type_ = f"{form_id}-{field.name}", _SETS[field.type]
    choices = []
    for number, text in enumerate(field.choices):
        attributes = {"type": type_, "name": field.name, "value": text}
        attributes["id"] = control if number == 0 else f"{control}-{number + 1}"
        if field.required and type_ == "radio":
            attributes["required"] = ""
        if field.secret:
            attributes["data-secret"] = ""
        if text in field.initial:
            attributes["checked"] = ""
        attributes |= field.attributes
        written = attributes_text({k: v for k, v in attributes.items() if k != "value"})
        label = escape(field.label_of(text))
        choices.append(
            f'<label class="na-choice"><input{written} value="{escape(text)}"> {label}</label>'
        )
    role = ' role="radiogroup"' if type_ == "radio" else ""
    required = " na-required" if field.required else ""
    attributes = {"data-field": field.name, "aria-describedby": _described(field, control)}
    parts = [
        f'<fieldset class="na-field na-choices{required}"{role}{attributes_text(attributes)}>',
        f"<legend>{escape(field.label)}</legend>",
        _help(field.help, control),
        *choices,
        _error(field.name, control),
        "</fieldset>",
    ]
    return "\n".join(part for part in parts if part)


# --- groups and lists -----------------------------------------------------------------------------


def _fieldset(node: Group | Rows, form_id: str, inside: str, kind: str = "na-group") -> str:
    control = f"{form_id}-{node.name}"
    described = _described(node, control)
    attributes = {"id": control, "tabindex": "-1", "aria-describedby": described}
    attributes["data-field"] = node.name
    parts = [
        f'<fieldset class="{kind}"{attributes_text(attributes)}>',
        f"<legend>{escape(node.label)}</legend>",
        _help(node.help, control),
        inside,
        _error(node.name, control),
        "</fieldset>",
    ]
    return "\n".join(part for part in parts if part)


def _rows(rows: Rows, form_id: str) -> str:
    """Return a list: the rows that are shown at first, one to copy, and a button to add one."""
    shown = [
        numbered(_row(rows, row, form_id), rows.name, number)
        for number, row in enumerate(rows.shown)
    ]
    name = escape(rows.name)
    place = rows.name if isinstance(rows.row, Field) else f"{rows.name}[#]"
    add = {"class": "na-add", "name": "_add", "value": place, "formnovalidate": ""}
    parts = [
        f'<div data-rows="{name}">',
        *shown,
        "</div>",
        f'<template data-row="{name}">{_row(rows, rows.row, form_id)}</template>',
        _submit(say("add"), {**add, "aria-label": say("add_to", label=rows.label)}),
    ]
    return _fieldset(rows, form_id, "\n".join(parts), "na-group na-rows")


def _row(rows: Rows, row: Field | Group, form_id: str) -> str:
    """Return a row to copy."""
    place, number = f"{rows.name}[#]", f"#{rows.name}#"
    if isinstance(row, Field):
        inside = _field(row, form_id, place)
    else:
        members = list(_members(row))
        inside = "\n".join(node_text(one, form_id) for one in members)
        if not any(map(_always_sends, members)):
            inside = f'<input type="hidden" name="{escape(place)}" value="">\n{inside}'
        inside += "\n" + _error(place, f"{form_id}-{place}")
    remove = {"class": "na-remove", "name": "_remove", "value": place, "formnovalidate": ""}
    # The script renumbers rows by this mark.
    counted = {"data-numbered": rows.name}
    label = say("remove_entry", label=rows.label, number=number)
    button = _submit(say("remove"), {**remove, **counted, "aria-label": label})
    group = {"class": "na-row", "data-at": place, "role": "group", **counted}
    group["aria-label"] = say("entry", label=rows.label, number=number)
    if isinstance(row, Group):  # What is wrong with it as a whole can be led to.
        control = f"{form_id}-{place}"
        group |= {"id": control, "tabindex": "-1", "aria-describedby": f"{control}-error"}
    return f"<div{attributes_text(group)}>\n{inside}\n{button}\n</div>"


def _always_sends(node: Node) -> bool:
    """Whether a browser sends something of it, whatever is entered: no box, no list, no file."""
    if isinstance(node, Field):
        return not (node.many or node.type in ("checkbox", "radio", "file"))
    return isinstance(node, Group) and any(map(_always_sends, node.nodes.values()))


def _members(group: Group) -> Iterable[Node]:
    """Return what is in a group; where that may be left blank, no browser asks for it."""
    return map(_unasked, group.shown.values()) if group.may_be_blank else group.shown.values()


def _unasked(node: Node) -> Node:
    match node:
        case Field():
            return replace(node, must=False)
        case Group():
            return replace(node, optional=True)
        case Rows(row=Group() as row):
            return replace(node, row=replace(row, optional=True))
        case _:
            return node
