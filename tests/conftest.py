"""How tests run: coroutines on virtual time, those marked `real_time` on a real loop."""

import asyncio
import inspect

import pytest

from limner.testing import run_virtual

DEADLINE = 120
"""Seconds after which a test on a real loop is stopped: a hang is a failure."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test on the loop it asks for."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    test = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    if pyfuncitem.get_closest_marker("real_time"):
        asyncio.run(asyncio.wait_for(test, DEADLINE))
    else:
        run_virtual(test)
    return True
