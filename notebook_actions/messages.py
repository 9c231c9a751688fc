"""Every text that a person reads, in one mapping: change it to translate the forms.

::

    from notebook_actions.messages import MESSAGES

    MESSAGES.update(language="de", required="{label} fehlt.", submit="Senden")

The texts are looked up when they are shown, so the mapping may be changed at any time before.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["DIRECTIONS", "MESSAGES", "say", "script_texts"]

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
    "after": "{label} must be after {gt}.",
    "from": "{label} must be {ge} or later.",
    "before": "{label} must be before {lt}.",
    "until": "{label} must be {le} or earlier.",
    "multiple_of": "{label} must be a multiple of {multiple_of}.",
    "steps": "{label} must be {base}, or that and a multiple of {multiple_of}.",
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
    "no_such_field": "The form has no field {name}; it sent {present}.",
    "no_field": "no field at all",
    "missing": "is missing",
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
    "step": "{done} of {total}",
    "upload": "Upload",
    "submissions": "Submissions",
    "cancel": "Cancel",
    "retry": "Try again",
    "clear": "Clear",
    "cancelled": "Cancelled.",
    "interrupted": "Interrupted.",
    "dropped": "The last one is still running; this one was not sent.",
    "worker_lost": "What was working on this has stopped before it was done. Please try again.",
    "timeout": "This took longer than {seconds} seconds and was stopped.",
    # --- a submission that takes longer ---
    "stopped": "The server was stopped, and this with it. It may be done in part.",
    "lost": "Not finished: the server that carried this out has stopped; nobody knows whether it "
    "was done. What you entered is still here.",
    "follow": "Follow it",
    "again": "Enter again what is not kept: {names}.",
    "run_help": "This page follows it by itself. You can leave and come back to this address.",
    "run_back": "Back to the page",
    # --- fields ---
    "entry": "{label} {number}",
    "choose": "Choose…",
    "yes": "Yes",
    "no": "No",
    "add": "Add",
    "add_to": "Add to {label}",
    "remove": "Remove",
    "remove_entry": "Remove {label} {number}",
    # --- files ---
    "kept": "{filename} ({size}) is kept.",
    "remove_file": "Remove {filename}",
    "expired": "The file is no longer kept; choose it again.",
    "too_many_files": "These are too many files: {most} at most can be sent at once.",
    "not_stored": "The files could not be kept: {reason}.",
    "upload_gone": "The upload was given up, and nothing was sent. Submit the form again.",
    "byte": "{size} byte",
    "bytes": "{size} bytes",
    "kilobytes": "{size} KB",
    "megabytes": "{size} MB",
    # --- results and data ---
    "empty": "Nothing here yet.",
    "empty_text": "Empty text.",
    "leads_to": "Leads to {link}",
    "some_shown": "{shown} of {count} shown.",
    "some_columns": "{shown} of {count} columns shown.",
    "picture": "Picture of the result",
    "interactive": "{type}: this needs scripts of its own, which do not run here.",
    "cannot_show": "This {type} could not be shown.",
    "download_csv": "Download all as CSV",
    "download_page": "Download it as a page",
    "download_text": "Download all of it",
    "offer_gone": "This file belongs to an earlier result. Submit the form again to get it.",
    "offer_failed": "This file could not be made.",
    "loading": "Loading…",
    "not_loaded": "This part could not be loaded.",
    # --- a submission that was not run ---
    "network": "This could not be sent. What you entered is still here; check the connection and "
    "try again.",
    "body_too_large": "That is too large: {limit} at most.",
    "another_site": "This submission came from another site and was not carried out. If you meant "
    "it, send it again from here. If this is the app's own address, whoever runs it can allow it "
    "by starting it with --public-url.",
    "no_such_form": "This form is no longer here. The page may have changed.",
    "entered": "You entered:",
    "unreadable": "What your browser sent is not a form that can be read.",
    "no_form": "A form is expected here, not {kind}.",
    "unknown_kind": "data of an unknown kind",
    # --- pages that are no page of yours: heading and text ---
    "home": "Home",
    "leaving_title": "One moment",
    "leaving": "You are led to {link}",
    "bad_request_title": "This request cannot be answered",
    "bad_request": "It is not well formed.",
    "cross_site_title": "Not sent from this page",
    "cross_site": "The submission came from another site and was not carried out. Open the page "
    "itself and submit the form there.",
    "no_such_page_title": "Page not found",
    "no_such_page": "There is no page at this address.",
    "no_such_run_title": "Nothing to follow",
    "no_such_run": "Nothing is known of this any more. It may have ended long ago. The app begins "
    "at {link}",
    "wrong_method_title": "That is not possible here",
    "wrong_method": "This address does not take such a request.",
    "file_gone_title": "No longer here",
    "file_gone": "A file is kept for an hour. Submit the form again to get it anew.",
    "wrong_host_title": "Unknown host name",
    "wrong_host": "This app does not answer under this name. Whoever runs it can allow the name by "
    "starting it with --public-url and the address that is in your browser.",
    "server_error_title": "Something went wrong",
    "server_error": "The problem has been logged. Please try again.",
    # --- in a notebook ---
    "output": "Output",
    "traceback": "Traceback",
    "run_cell": "Run this notebook to use the form.",
    "queued": "The kernel is busy; your submission is queued.",
    "waiting": "Waiting for the kernel. If it was stopped or restarted, run this cell again to "
    "bring the form back to life.",
}

#: The texts that the scripts show.
_SCRIPT = (
    *("working", "cancelled", "network", "file_too_large", "body_too_large"),
    *("byte", "bytes", "kilobytes", "megabytes", "queued", "waiting", "dropped"),
)

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


def script_texts() -> str:
    """Return what the scripts say, as JSON; it stands in the page as ``data-messages``."""
    return json.dumps({name: MESSAGES[name] for name in _SCRIPT}, ensure_ascii=False)
