"""No secret is ever written: it is read from the environment, or the export is refused."""

from __future__ import annotations

import pytest

from notebook_actions.exporter.analysis.secret_literals import looks_secret, replace_secrets
from notebook_actions.exporter.analysis.source import module_source
from tests.exporter.notebooks import slice_of

SECRET = [
    ("API_KEY", "abc-123-def"),
    ("password", "hunter2"),
    ("stripeToken", "tok_12345678"),
    (None, "postgresql://bob:pw@host/db"),
    (None, "sk_live_123456789012"),
    (None, "host=x password=hunter2"),
]
PLAIN = [
    ("key", "enrollments"),
    ("password_field", "password"),
    ("token", "<token>"),
    ("password", "Too short, sorry"),
    ("url", "postgresql://host/db"),
    ("PRIMARY_KEY", "id"),
    ("PASSWORD", ""),
]


@pytest.mark.parametrize(("name", "value"), SECRET)
def test_seen(name: str | None, value: str) -> None:
    """A name or a form tells that a text is a secret."""
    assert looks_secret(name, value)


@pytest.mark.parametrize(("name", "value"), PLAIN)
def test_not_seen(name: str | None, value: str) -> None:
    """Labels, placeholders and messages are no secrets."""
    assert not looks_secret(name, value)


def test_replaced_everywhere() -> None:
    """Assignments, dicts, arguments and comments lose the secret; the variables are listed."""
    part = replace_secrets(slice_of(
        "PASSWORD = 'hunter2!'  # hunter2!\n# api_key = 'abc-123-def'",
        "DB = {'user': 'bob', 'password': 's3cret'}",
        "def connect(url='pg://bob:pw1@h/d', *, token=b'tok-12345678'): return [url, token]",
        "wanted = [PASSWORD, DB, connect, 'hunter2!']",
    ))  # fmt: skip
    assert module_source(part) == (
        'import os\n\nPASSWORD = os.environ["PASSWORD"]\n'
        "DB = {'user': 'bob', 'password': os.environ[\"DB_PASSWORD\"]}\n\n\n"
        'def connect(url=os.environ["URL"], *, token=os.environ["TOKEN"].encode()): '
        "return [url, token]\n\n\n"
        'wanted = [PASSWORD, DB, connect, os.environ["PASSWORD"]]\n'
    )
    assert part.secrets == {
        "DB_PASSWORD": "s3cret",
        "PASSWORD": "hunter2!",
        "TOKEN": "tok-12345678",
        "URL": "pg://bob:pw1@h/d",
    }
    assert {one.code for one in part.problems} == {"W203"}


def test_setting_the_environment_is_left_to_the_environment() -> None:
    """A secret put into ``os.environ`` is expected there."""
    part = replace_secrets(slice_of(
        "import os\nos.environ['STRIPE_KEY'] = 'abc-123-def'", "wanted = os.environ['STRIPE_KEY']"
    ))  # fmt: skip
    assert module_source(part) == (
        "import os\n\n# STRIPE_KEY comes from the environment\nwanted = os.environ['STRIPE_KEY']\n"
    )


@pytest.mark.parametrize("text", ["wanted = f'pg://bob:{x}hunter2@h'", "wanted = f'{x} hunter2'"])
def test_refused_where_it_cannot_be_replaced(text: str) -> None:
    """A secret within a longer text is an error."""
    part = replace_secrets(slice_of("PASSWORD = 'hunter2'\nx = PASSWORD", text))
    assert [one.code for one in part.errors] == ["E113"]
