"""What a secret looks like: by the name that it is given, or by its own form."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "could_be_number",
    "has_secret_form",
    "is_distinctive",
    "is_secret_name",
    "looks_secret",
    "redacted",
    "without_secret",
]

# What only a secret is called.
_NAMED = re.compile(
    r"(?:^|_|(?<=[a-z]))(?:password|passwd|pwd|pw|passphrase|passcode|passwort|kennwort|senha|"
    r"mot_?de_?passe|contrase[nñ]a|wachtwoord|пароль|secret|secret_?key)s?$|"
    r"(?:^|_)(?:db|user|smtp|mail|email|imap|mysql|pg|postgres|sql|redis|mongo|admin|root|login|"
    r"ftp|ssh|auth|api|app|proxy|wifi|my|account)_?pass$",
    re.I,
)
# What is mostly a secret, where its value is no word.
_CREDENTIAL = re.compile(
    r"(?:^|_|(?<=[a-z]))(?:api_?key|access_?key|private_?key|auth_?key|signing_?key|account_?key|"
    r"encryption_?key|(?:auth|access|api|bearer|refresh|bot|csrf)_?token)s?$",
    re.I,
)
# What is a secret where its value looks like one.
_TOKEN = re.compile(
    r"(?:^|_|(?<=[a-z]))(?:tokens?|session_?id|cookie|salt|pepper|credentials?)$",
    re.I,
)
# What is a secret where its value is a number, as a text or not.
_PIN = re.compile(
    r"(?:^|_|(?<=[a-z]))(?:pin|pin_?code|otp|(?:access|entry|door|unlock|secret)_?code)s?$", re.I
)
_CASED = re.compile(r"^[A-Z0-9_]+_KEYS?$|(?<=[a-z])(?:Token|Key|Secret)s?$")
_CONSTANT_KEY = re.compile(r"^[A-Z0-9_]+_KEYS?$")
_NO_KEY = re.compile(
    r"(?:^|_)(?:cache|sort|primary|foreign|partition|group|index|join|dict|column|lookup|hash|"
    r"routing|message|state|row|public|pad|eos|bos|cls|sep|unk|mask|next_?page|page)_?(?:key|token)"
    r"s?$",
    re.I,
)
_PHRASE = re.compile(r"(?:passphrase|mnemonic|seed_phrase)$", re.I)
# Words that say what kind of thing stands in a field called "password".
_WORDS = re.compile(
    r"(?:str(?:ing)?|text|bytes|int|object|varchar|char|required|optional|hidden|missing|invalid|"
    r"unknown|wrong|none|null|true|false|email|input|label|title|name|value|type|default|empty|"
    r"field|weak|strong|forgot|reset|change|enter|confirm|column|session|cookie|basic)\Z"
)
_PLACEHOLDER = re.compile(
    r"^<.*>$|^\{.*\}$|^\$|^%|x{4}|\*{3}|\.{3}|^(?:your|insert|enter|replace|example|dummy|put)[-_]|"
    r"[-_]here$",
    re.I,
)
_FORMS = re.compile(
    r"\b[sr]k_(?:live|test)_\w{8,}|\bwhsec_\w{8,}|\bsk-[\w-]{16,}|\bgh[pousr]_\w{16,}|"
    r"\bgithub_pat_\w{16,}|\b(?:AKIA|ASIA)[0-9A-Z]{12,}|\bxox[abeoprs]-[\w-]{10,}|\bxapp-[\w-]{10,}|"
    r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY[\s\S]*|\bAIza[\w-]{30,}|"
    r"\bhf_\w{20,}|\bglpat-[\w-]{16,}|\bGOCSPX-[\w-]{10,}|\bya29\.[\w-]{16,}|"
    r"\bSG\.[\w-]{16,}\.[\w-]{16,}|\bnpm_\w{30,}|\bpypi-[\w-]{30,}|\bshpat_\w{16,}|\bdop_v1_\w{16,}|"
    r"hooks\.slack\.com/services/[\w/]{8,}|discord(?:app)?\.com/api/webhooks/[\w/-]{8,}|"
    r"(?<![\w.])\d{8,10}:[\w-]{34,}"
)
_URL_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^\s:/@]*:([^\s/@{}]+)@", re.I)
_AUTHORIZATION = re.compile(r"\b(?:Bearer|Basic|Token|ApiKey)\s+(?=\S*\d)[\w+/=.~-]{8,}")
_PASSWORD_INPUT = re.compile(
    r"<input\b(?=[^>]*type=[\"']?password)[^>]*\bvalue=[\"']?([^\"'>{}\s]{3,})", re.I
)
# password=... in connection strings and queries, "password": "..." in JSON and YAML.
_GIVEN = re.compile(
    r"(?<![\w-])([A-Za-z_][\w-]*)[\"']?\s*[=:]\s*(?=([\"']?)([^\s;&{}'\"<>,)\]]{3,})(?![(\w]))"
)
_STANDS_FOR = re.compile(r"[%$:?@\[(\\*{<]|\.\.\.|x{3}")
_DATED = re.compile(r"(?:19|20)\d\d|\bv\d+")
_FEATURES = re.compile(r"\d|[^\w\s.-]")


def is_secret_name(name: str | None) -> bool:
    """Tell whether a secret may be given to something of this name."""
    if name is None:
        return False
    name = re.sub(r"\W+", "_", name)
    return not _NO_KEY.search(name) and any(
        kind.search(name) for kind in (_NAMED, _CREDENTIAL, _TOKEN, _PIN, _CASED)
    )


def could_be_number(name: str | None) -> bool:
    """Tell whether a number, given to something of this name, may be a secret."""
    return name is not None and any(kind.search(name) for kind in (_NAMED, _PIN))


def looks_secret(name: str | None, value: str) -> bool:
    """Tell whether a text, given to something of this name, looks like a secret."""
    return has_secret_form(value) or _is_secret_of(name, value)


def _is_secret_of(name: str | None, value: str) -> bool:
    if name is None or not value or not is_secret_name(name):
        return False
    name = re.sub(r"\W+", "_", name)
    if _PHRASE.search(name):
        return len(value) >= 8
    value = value.strip("\n")
    if re.search(r"[^\S\n]", value) or value.startswith(("/", "http", "./")):
        return False
    plain = value.lower().strip("*<>.x?").replace("-", "_")
    if not plain or plain in name.lower() or _WORDS.match(plain):
        return False  # password_field = "password"; token = "<token>"
    if name.lower() in plain and not _is_random(plain.replace(name.lower(), "")):
        return False  # token = "next_token", but not "dev-token-abc123"
    if _PLACEHOLDER.search(value):
        return False
    if _PIN.search(name):
        return re.fullmatch(r"[A-Za-z]{0,3}-?\d{4,12}", value) is not None
    if "\n" in value:
        return _NAMED.search(name) is not None and re.search(r"\d", value) is not None
    if _NAMED.search(name):
        return len(value) >= 3 and (
            not is_secret_name(value) or re.search(r"\d", value) is not None
        )
    if _CREDENTIAL.search(name):
        return len(value) >= 8 and bool(re.search(r"[\d_-]", value))
    if _CONSTANT_KEY.search(name):
        return len(value) >= 8 and re.search(r"\d", _DATED.sub("", value)) is not None
    return (
        len(value) >= 8 and re.fullmatch(r"[\w+/=.:~-]+", value) is not None and _is_random(value)
    )


def _is_random(value: str) -> bool:
    """Tell whether a part of a text is neither a word nor a date."""
    return re.fullmatch(r"[\w+/=.:~-]+", value) is not None and any(
        len(part) >= 6
        and re.search(r"\d", part) is not None
        and re.fullmatch(r"(?:19|20)\d{4,6}|v\d+", part) is None
        for part in re.split(r"[-_.:/]", value)
    )


def has_secret_form(text: str) -> bool:
    """Tell whether a text holds a secret that is known by its form, whatever its name."""
    return bool(_parts(text))


def _parts(text: str) -> list[str]:
    """Return the parts of a text that are secrets by their form."""
    found = [match[0] for form in (_FORMS, _AUTHORIZATION) for match in form.finditer(text)]
    found += [m[1] for m in _URL_PASSWORD.finditer(text) if not _STANDS_FOR.match(m[1])]
    found += [m[1] for m in _PASSWORD_INPUT.finditer(text)]
    found += [
        value
        for name, quote, value in _GIVEN.findall(text)
        if (quote or _FEATURES.search(value))
        and not _is_blank(value)
        and _is_secret_of(name, value)
    ]
    return found


def _is_blank(value: str) -> bool:
    """Tell whether a text only stands for a value that is put there later."""
    return bool(_STANDS_FOR.match(value) or re.match(r"[A-Za-z_]\w*(?:\.[A-Za-z_]|[(\[])", value))


def is_distinctive(secret: str) -> bool:
    """Tell whether a secret is no ordinary word, so that the same text elsewhere is the secret."""
    return len(secret) >= 6 and (not secret.isalpha() or len(set(map(str.isupper, secret[1:]))) > 1)


def without_secret(comment: str, secrets: Iterable[str]) -> bool:
    """Tell whether a comment holds no secret, neither a known one nor one by its form."""
    if has_secret_form(comment) or any(is_distinctive(one) and one in comment for one in secrets):
        return False
    return not any(_is_secret_of(name, value) for name, quote, value in _GIVEN.findall(comment)
                   if quote or _FEATURES.search(value))  # fmt: skip


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a message without the secrets in it."""
    found = [*_parts(text), *(one for one in secrets if is_distinctive(one))]
    for secret in sorted(found, key=len, reverse=True):
        # A message shows a text as Python writes it.
        for written in {secret, repr(secret)[1:-1]}:
            text = text.replace(written, "…")
    return text
