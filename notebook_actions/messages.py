"""Every text that a person reads, in one mapping: change it to translate the forms.

::

    from notebook_actions.messages import MESSAGES

    MESSAGES.update(language="de", required="{label} fehlt.", submit="Senden")

The texts are looked up when they are shown, so the mapping may be changed at any time before.
"""

from __future__ import annotations

from typing import Any

__all__ = ["DIRECTIONS", "MESSAGES", "say"]

#: Name of a text → the text. ``{label}`` is the field's, the rest in braces is the rule's.
MESSAGES: dict[str, str] = {
    # The language of the page (BCP 47), which also gives the direction of its text.
    "language": "en",
    # --- what is wrong with a field ---
    "required": "{label} is required.",
    "choice": "{label} must be one of {choices}.",
    "not_a_file": "{label} cannot be a file.",
    "file": "{label} must be a file.",
    "file_too_large": "{filename} is too large: {limit} at most.",
    "whole_number": "{label} must be a whole number.",
    "number": "{label} must be a number.",
    "too_large": "{label} is too large.",
    "digits": "{label} must have {max_digits} or fewer digits.",
    "decimals": "{label} must have {decimal_places} or fewer decimals.",
    "yes_or_no": "{label} must be yes or no.",
    "greater_than": "{label} must be more than {gt}.",
    "greater_than_equal": "{label} must be {ge} or more.",
    "less_than": "{label} must be less than {lt}.",
    "less_than_equal": "{label} must be {le} or less.",
    "multiple_of": "{label} must be a multiple of {multiple_of}.",
    "too_short": "{label} must have {min_length} or more characters.",
    "too_long": "{label} must have {max_length} or fewer characters.",
    "too_few": "{label} must have {min_length} or more entries.",
    "too_many": "{label} must have {max_length} or fewer entries.",
    "pattern": "{label} does not have the right form.",
    "date": "{label} must be a date.",
    "past": "{label} must be in the past.",
    "future": "{label} must be in the future.",
    "time": "{label} must be a time.",
    "datetime": "{label} must be a date and time.",
    "email": "{label} must be an email address, such as name@example.com.",
    "url": "{label} must be a web address, such as https://example.com.",
    "rows": "The entries of {label} did not arrive complete. Check them and send them again.",
    "other": "{label}: {said}",
    # --- what a form says ---
    "done": "Done.",
    "check": "Please check the form.",
    "failed": "This did not work.",
    "bug": "Something went wrong on our side. What you entered is still here.",
    "bug_id": "If it happens again, mention {id}.",
    # --- what a submission says ---
    "working": "Working…",
    "waits": "Waiting for its turn…",
    "progress": "Progress",
    "upload": "Upload",
    "submissions": "Submissions",
    "cancel": "Cancel",
    "retry": "Try again",
    "clear": "Clear",
    # --- fields ---
    "entry": "{label} {number}",
    "choose": "Choose…",
    "yes": "Yes",
    "no": "No",
    "add": "Add",
    "add_to": "Add to {label}",
    "remove": "Remove",
    "remove_entry": "Remove {label} {number}",
}

#: Languages that are written from right to left; the others are not.
DIRECTIONS = dict.fromkeys(
    ("ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"), "rtl"
)


def say(name: str, /, **context: Any) -> str:
    """Return a text with what belongs into it.

    Parameters
    ----------
    name : str
        Its name in :data:`MESSAGES`.
    **context
        What stands in braces in it; what it does not mention is left out.
    """
    return MESSAGES[name].format(**context)
