"""How tests run: coroutines on virtual time, those marked `real_time` on a real loop."""

import asyncio
import gc
import inspect
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import settings
from tests import quick_routes
from tests.command.commands import Commands, forget_collectors
from tests.command.painters import forked_painters

from limner.testing import run_virtual

# A busy machine is not the code's fault, and the same code gets the same verdict each time. Whoever
# looks for faults asks for other examples, and for many: the part `fuzz` of `make proof` does.
settings.register_profile("limner", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=400)
settings.load_profile("limner")

DEADLINE = 120
"""Seconds after which a test on a real loop is stopped: a hang is a failure."""

EAGER = os.environ.get("LIMNER_TEST_EAGER") == "1"
"""Whether tasks begin at once, in the middle of whoever makes them (`make test-eager`)."""


LONG = (
    "frontends/test_sillytavern.py", "backends/images/test_diffusers.py", "browser/test_page.py",
    "cluster/test_taking_over.py", "cluster/limits/test_faults.py", "server/api/test_fuzz.py",
    "composition/test_every_setting.py", "test_walk.py", "browser/test_forms.py", "test_docs.py",
    "live/test_server.py", "browser/test_chat_page.py",
    "browser/test_redrawn_picture.py", "cli/test_picture_servers.py", "prompts/test_history.py",
    "cluster/test_two_servers.py", "cli/test_ask.py", "cli/test_resume.py", "server/test_guard.py",
    "recovery/test_kill.py", "proxy/test_asked_again.py",
)  # fmt: skip
"""Files that take long come first: one that comes last leaves all cores but one idle."""


RARELY = (20_000, 20, 20)
"""So many objects more than before, and so often in each generation: then garbage is looked for."""


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """Starts commands as processes of their own."""
    with Commands() as commands:
        yield commands


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long (`--no-loadscope-reorder` keeps this order)."""
    items.sort(key=lambda item: _rank(item.path.as_posix()))


def pytest_collection() -> None:
    """Nothing that is collected is garbage, so do not look for any meanwhile."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: ten thousand tests, and all modules.

    What comes then it looks at less often than usual: it took a tenth of the time of the server's
    tests, and none of them leaves much.
    """
    quick_routes.quickly_made()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)
    gc.enable()


def _rank(path: str) -> int:
    return next((rank for rank, name in enumerate(LONG) if path.endswith(name)), len(LONG))


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Know the option that bounds a test's time, also where the plug-in for it is not installed."""
    if not pluginmanager.hasplugin("timeout"):
        parser.addini("timeout", "seconds a test may take (pytest-timeout)")


def pytest_configure(config: pytest.Config) -> None:
    """Leave the user's own library alone, and have tasks begin at once if that is wanted."""
    data = tempfile.TemporaryDirectory(prefix="limner-test-data-")
    config.add_cleanup(data.cleanup)
    os.environ["XDG_DATA_HOME"] = data.name
    forget_collectors(os.environ)
    ends = ExitStack()
    config.add_cleanup(ends.close)
    ends.enter_context(forked_painters())
    if find_spec("sqlalchemy") is not None:
        from tests.new_library import quickly_made

        quickly_made()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under `nohup` commands would ignore it, too
    if EAGER and sys.version_info < (3, 12):
        raise pytest.UsageError("eager tasks need Python 3.12 or newer")
    if EAGER:
        _begin_tasks_at_once()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that needs what is not installed."""
    for marker in item.iter_markers("needs"):
        for module in marker.args:
            if find_spec(module) is None:
                pytest.skip(f"{module} is not installed")


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


def _begin_tasks_at_once() -> None:
    """From now on every event loop, on virtual time or not, makes eager tasks."""
    begin = asyncio.BaseEventLoop.__init__

    def begin_eagerly(loop: Any) -> None:
        begin(loop)
        if sys.version_info >= (3, 12):
            loop.set_task_factory(asyncio.eager_task_factory)

    asyncio.BaseEventLoop.__init__ = begin_eagerly  # type: ignore[assignment, method-assign]  # no hook
