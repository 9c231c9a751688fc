# ruff: noqa: E501 (one notebook a line)
"""No secret is ever written: it is read from the environment, or the export is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from notebook_actions.exporter.analysis.secret_forms import looks_secret
from notebook_actions.exporter.analysis.secret_literals import replace_secrets
from notebook_actions.exporter.analysis.source import module_source
from tests.exporter.notebooks import slice_of

SECRET = [
    ("API_KEY", "abc-123-def"),
    ("password", "hunter2"),
    ("stripeToken", "tok_12345678"),
    (None, "postgresql://bob:pw@host/db"),
    (None, "sk_live_123456789012"),
    (None, "host=x password=hunter2"),
    ("DB_PASS", "swordfish"),
    ("Passwort", "abc"),
    ("X-Api-Key", "abc-123-def"),
    (None, "Bearer abcdef123456"),
    (None, "https://x.org/y?api_key=hunter2Zq9&n=1"),
    (None, '{"password": "hunter2Zq9"}'),
    (None, '<input type="password" value="hunter2Zq9">'),
    (None, "https://hooks.slack.com/services/T000/B000/XXXX"),
    (None, "AccountName=x;AccountKey=abc123def==;"),
    ("PIN", "4821"),
    ("door_code", "4821"),
    ("TOKEN", "dev-token-abc123"),
    ("password", "hunter2-secret"),
    ("password", "hunter2\n"),
    ("password", "hunter2\nZq9"),
    (None, "-----BEGIN RSA PRIVATE KEY-----"),
]
PLAIN = [
    ("key", "enrollments"),
    ("password_field", "password"),
    ("token", "<token>"),
    ("token", "next_token_v2"),
    ("password", "password2"),
    ("password", "db_secret"),
    ("password", "Too short, sorry"),
    ("url", "postgresql://host/db"),
    ("PRIMARY_KEY", "id"),
    ("PASSWORD", ""),
    ("password", "string?"),
    ("api_key", "your-api-key-1"),
    ("PIN", "D4"),
    ("zip_code", "90210"),
    ("password", "Wrong.\nTry again 3 times"),
    ("CACHE_KEY", "course-list-17"),
    ("SORT_COLUMN_KEY", "grade_2024"),
    ("tokens", r"[0-9]{6}"),
    ("bypass", "route66a"),
    ("uuid", "4f9d1f6e-2d1c-4d3e-9a53-0f3a4c7b7f11"),
    (None, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (None, "SELECT * FROM users WHERE password=:password AND name=?"),
    (None, "postgresql://{user}:{password}@host/db"),
    (None, "Basic programming and Token authentication"),
    (None, "Password: at least 8 characters"),
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


FLOWS = {
    "a pair": "wanted = dict(auth=('bob', 'hunter2Zq9'))",
    "a position": "def wanted(s): s.login('bob', 'hunter2Zq9')",
    "a parameter": "def wanted(): return f('hunter2Zq9')\ndef f(password): return password",
    "a field": "class C:\n    def __init__(self, api_key): self.k = api_key\nwanted = C('hunter2Zq9').k",
    "a sum": "API_KEY = 'hunter2' + 'Zq9'\nwanted = API_KEY",
    "a part of a sum": "wanted = 'pg://bob:' + 'hunter2Zq9' + '@h'",
    "a template": "wanted = 'pg://{}:{}@h'.format('bob', 'hunter2Zq9')",
    "an old template": "wanted = 'pg://%s:%s@h' % ('bob', 'hunter2Zq9')",
    "a name used as one": "T = 'hunter2Zq9'\nwanted = {'Authorization': f'Bearer {T}'}",
    "unpacking": "user, password = 'bob', 'hunter2Zq9'\nwanted = password",
    "a choice": "import os\nPASSWORD = os.environ.get('NONE') or 'hunter2Zq9'\nwanted = PASSWORD",
    "a default": "import os\nwanted = os.environ.get('DB_PASS', 'hunter2Zq9')",
    "a wrapper": "from pydantic import SecretStr\nwanted = SecretStr('hunter2Zq9')",
    "an encoding": "PASSWORD = 'hunter2Zq9'.encode()\nwanted = PASSWORD",
    "a list": "API_KEYS = ['hunter2Zq9']\nwanted = API_KEYS",
    "a number": "PASSWORD = 98765432\nwanted = PASSWORD",
    "bytes": "SECRET_KEY = b'hunter2Zq9'\nwanted = SECRET_KEY",
    "a comparison": "def wanted(form): return form['password'] in ('hunter2Zq9',)",
    "a safe comparison": "import hmac\ndef wanted(pw): return hmac.compare_digest(pw, 'hunter2Zq9')",
    "a function's value": "def get_password(): return 'hunter2Zq9'\nwanted = get_password()",
    "a cookie": "wanted = dict(cookies={'session': 'hunter2Zq9'})",
    "lines": "PASSWORD = 'hunter2\\nZq9'\nwanted = PASSWORD",
    "a users' dict": "USERS = {'bob': 'hunter2-x9'}\ndef wanted(form): return USERS.get(form['name']) == form['password']",
    "a users' dict by its items": "ACCOUNTS = {'bob': 'hunter2-x9'}\ndef wanted(name, password): return (name, password) in ACCOUNTS.items()",
    "a users' dict by a local name": "LOGINS = {'bob': 'hunter2-x9'}\ndef wanted(name, given_password):\n    stored = LOGINS[name]\n    return stored == given_password",
    "a users' dict in a loop": "USERS = {'bob': 'hunter2-x9'}\ndef wanted(given): return [name for name, password in USERS.items() if password == given]",
    "a safe look into a dict": "import hmac\nUSERS = {'bob': 'hunter2-x9'}\ndef wanted(name, pw): return hmac.compare_digest(USERS[name].encode(), pw.encode())",
    "pairs": "LOGINS = [('bob', 'hunter2-x9')]\ndef wanted(name, password): return (name, password) in LOGINS",
    "a name for a field": "DOOR = 'hunter2Zq9'\ndef wanted(form): return form['passphrase'] == DOOR",
    "comments": "wanted = 1  # password: hunter2Zq9\n# pw=hunter2Zq9",
}


@pytest.mark.parametrize("cell", FLOWS.values(), ids=FLOWS.keys())
def test_wherever_it_passes(cell: str) -> None:
    """A secret is seen on whatever way it comes to what it is used for."""
    part = replace_secrets(slice_of(cell))
    assert not part.errors
    source = module_source(part)
    assert not any(secret in source for secret in ("hunter2", "Zq9", "98765432"))


def test_a_pin_is_seen_by_its_use() -> None:
    """Digits that a form's field is compared with are a secret, as a text and as a number."""
    part = replace_secrets(slice_of(
        "DOOR, GATE = '4821', 4822",
        "def wanted(form): return form['pin'] == DOOR or int(form['pin']) == GATE or form['otp'] == '4823'",
    ))  # fmt: skip
    assert not part.errors
    assert "482" not in module_source(part)


NO_SECRETS = [
    "USERS = {'bob': 'bob42@example.org'}\ndef wanted(form): return USERS[form['name']] == form['mail']",
    "def wanted(form): return form['password'] == form['password2']",
    "form = {'subject': 'potions-101a'}\ndef wanted(data): return data['password'] == form['password'] or form",
    "COURSES = {'math': 'm-2024-x9'}\ndef wanted(code): return COURSES['math'] == code",
    "PIN = 17\nwanted = PIN",
    "VOCABULARY = ['the', 'cat42']\ndef wanted(token): return token in VOCABULARY",
]


@pytest.mark.parametrize("cell", NO_SECRETS)
def test_an_ordinary_table_is_no_secret(cell: str) -> None:
    """What is compared with anything but a password stays as it is."""
    part = replace_secrets(slice_of(cell))
    assert (part.secrets, part.problems) == ({}, ())


UNSAFE = {
    "a longer text": "H = 'h'\nwanted = f'pg://bob:hunter2Zq9@{H}'",
    "a text with a name in it": "U = 'u'\nwanted = f'pg://{U}:hunter2Zq9@h'",
    "a pattern": "def wanted(password):\n    match password:\n        case 'hunter2Zq9': return 1",
    "a docstring": 'def wanted():\n    """Use password=hunter2Zq9."""',
    "lines of text": 'wanted = """\nuser: bob\npassword: hunter2Zq9\n"""',
    "bytes that are no text": r"SECRET_KEY = b'hunter2\xec\x00'" + "\nwanted = SECRET_KEY",
    "markup": "wanted = '<input type=password value=hunter2Zq9>'",
}


@pytest.mark.parametrize("cell", UNSAFE.values(), ids=UNSAFE.keys())
def test_refused_in_a_text_that_must_stay(cell: str) -> None:
    """What cannot be read from the environment stops the export, and is not shown."""
    (error,) = replace_secrets(slice_of(cell)).errors
    assert error.code == "E113"
    assert "hunter2" not in str(error)


def test_a_secret_of_a_cell_that_is_left_out_is_one() -> None:
    """The same text in a kept statement is known from a cell that the app does not need."""
    part = replace_secrets(slice_of("PASSWORD = 'hunter2Zq9'", "wanted = 'hunter2Zq9'"))
    assert module_source(part) == 'import os\n\nwanted = os.environ["PASSWORD"]\n'
    assert replace_secrets(slice_of("PASSWORD = 'hunter2Zq9'", "wanted = 1")).secrets == {}


def test_an_ordinary_word_is_replaced_only_where_it_is_the_secret() -> None:
    """A role is not the password, though both are the same word."""
    part = replace_secrets(slice_of("PASSWORD = 'admin'\nwanted = [PASSWORD, 'admin']"))
    assert module_source(part).endswith("wanted = [PASSWORD, 'admin']\n")


def test_a_module_reads_its_secrets_from_the_environment(tmp_path: Path) -> None:
    """A settings module is copied without them, and keeps its first statements first."""
    (tmp_path / "settings.py").write_text(
        '"""Doc."""\nfrom __future__ import annotations\n\nAPI_KEY = "hunter2Zq9"\n'
    )
    part = replace_secrets(slice_of("import settings\nwanted = settings", folder=tmp_path))
    (module,) = part.modules
    assert module.text == (
        '"""Doc."""\nfrom __future__ import annotations\nimport os\n\n'
        'API_KEY = os.environ["API_KEY"]\n'
    )
    assert part.secrets == {"API_KEY": "hunter2Zq9"}


@pytest.mark.parametrize(
    "cells",
    [
        ["wanted = !curl -H 'Authorization: Bearer hunter2Zq9' x"],
        [
            "PASSWORD = 'hunter2Zq9'",
            "xs = []\ndef f(p): xs.append(p)\nf('hunter2Zq9')\nwanted = xs",
        ],
    ],
)
def test_no_message_shows_a_secret(cells: list[str]) -> None:
    """Neither a magic nor a call is quoted with the secret in it."""
    problems = replace_secrets(slice_of(*cells)).problems
    assert problems
    assert not any("hunter2" in str(one) for one in problems)
