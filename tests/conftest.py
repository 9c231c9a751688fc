"""What holds for all tests: property tests are the same in every run, time limits pass when told.

``make explore`` draws other examples each time.
"""

import asyncio
import sys
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

from notebook_actions import Action

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "explore", print_blob=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")


@pytest.fixture
async def limit(monkeypatch: pytest.MonkeyPatch) -> asyncio.Timeout:
    """The ``timeout=`` of an action: it is over when the test reschedules it, and not before."""
    limit = asyncio.timeout(None)
    clock = SimpleNamespace(
        timeout=lambda seconds: asyncio.timeout(None) if seconds is None else limit
    )
    monkeypatch.setattr(sys.modules[Action.__module__], "asyncio", clock)
    return limit
