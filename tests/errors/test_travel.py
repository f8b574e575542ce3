"""Errors that are pickled or copied arrive as they were: type, text, fields, notes."""

import copy
import importlib
import inspect
import pickle
import pkgutil
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

import limner
from limner.errors import (
    BackendBusy,
    BackendError,
    LimnerError,
    RetryAfter,
    SourceFailed,
    TagError,
)
from limner.illustration import Illustrated, Illustrator
from limner.testing import Deadlock, ScriptedBackend, run_virtual


def pickled(protocol: int) -> Callable[[Any], Any]:
    """To another process and back, in one of pickle's protocols."""
    return lambda error: pickle.loads(pickle.dumps(error, protocol))


WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"pickle {protocol}": pickled(protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
}


def every_error() -> list[type[Exception]]:
    """All exception classes of limner whose module can be loaded here."""
    found: dict[str, type[Exception]] = {}
    for module in pkgutil.walk_packages(limner.__path__, "limner.", onerror=lambda _: None):
        if module.name.endswith("__main__"):
            continue
        try:
            loaded = importlib.import_module(module.name)
        except ModuleNotFoundError:
            continue  # an install without extras
        for kind in vars(loaded).values():
            is_error = isinstance(kind, type) and issubclass(kind, Exception)
            if is_error and kind.__module__.startswith("limner"):
                found[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return [found[name] for name in sorted(found)]


def made(kind: type[Exception]) -> Exception:
    """One of the kind, with something for each of its constructor's parameters."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    _, *parameters = inspect.signature(kind.__init__).parameters.values()
    for parameter in parameters:
        value: Any = "seven"
        annotation = str(parameter.annotation)
        if "float" in annotation or "int" in annotation:
            value = 7.5 if "float" in annotation else 7
        elif any(word in annotation for word in ("Iterable", "list", "tuple")):
            value = ["a", "b"]
        elif isinstance(parameter.annotation, type) and issubclass(parameter.annotation, Exception):
            value = made(parameter.annotation)
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            named[parameter.name] = value
        elif parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            given.append(value)
    return kind(*given, **named)


def arrived_as(error: BaseException, twin: BaseException) -> None:
    """Check that the twin is another error and says and holds the same."""
    assert twin is not error
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert repr(twin) == repr(error)
    assert twin.args == error.args
    assert vars(twin) == vars(error)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__qualname__)
def test_every_error_of_limner_arrives_as_it_was(kind: type[Exception], way: str) -> None:
    """However its constructor is called; with the notes that were added to it."""
    error = made(kind)
    error.add_note("while the story was read")
    twin = WAYS[way](error)
    arrived_as(error, twin)
    assert twin.__notes__ == ["while the story was read"]
    arrived_as(twin, WAYS[way](twin))


def test_the_walk_finds_all_errors() -> None:
    """Public ones of the tree, and those that stand elsewhere."""
    found = set(every_error())
    assert {getattr(limner.errors, name) for name in limner.errors.__all__} <= found
    assert Deadlock in found


class Overpainted(BackendError):
    """A user's own, whose constructor has nothing in common with ours."""

    def __init__(self, *, layers: int, brush: object = None) -> None:
        self.layers = layers
        self.brush = brush
        super().__init__(f"{layers} layers are too many", server="easel")


class Unplugged(LimnerError, ImportError):
    """A user's own, of a kind that keeps fields where no `__dict__` shows them."""

    def __init__(self, message: str) -> None:
        super().__init__(message, name="easel", path="/dev/easel")


@pytest.mark.parametrize("way", WAYS)
def test_errors_that_others_derive_arrive_too(way: str) -> None:
    """Nothing is asked of a subclass; `seconds` of a `RetryAfter` of one's own stays as well."""
    arrived_as(Overpainted(layers=7), WAYS[way](Overpainted(layers=7)))
    twin = WAYS[way](Unplugged("no easel"))
    assert (twin.name, twin.path, str(twin)) == ("easel", "/dev/easel", "no easel")
    assert WAYS[way](RetryAfter(2.5)).seconds == 2.5


def test_a_field_that_cannot_be_pickled_travels_as_words() -> None:
    """The error is worth more than the field; the one that was pickled keeps it."""
    lock = threading.Lock()
    error = Overpainted(layers=7, brush=lock)
    twin = pickle.loads(pickle.dumps(error))
    assert twin.brush == "<lock, which cannot be pickled>"
    assert (twin.layers, twin.server, str(twin)) == (7, "easel", str(error))
    assert error.brush is lock


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy])
def test_a_field_that_cannot_be_copied_is_shared(way: Callable[[Any], Any]) -> None:
    """A copy in the same process needs no words for it."""
    lock = threading.Lock()
    assert way(Overpainted(layers=7, brush=lock)).brush is lock


def test_a_deep_copy_owns_its_fields_and_a_shallow_one_does_not() -> None:
    """As with everything else in Python."""
    brush = ["hair"]
    error = Overpainted(layers=7, brush=brush)
    assert copy.copy(error).brush is brush
    deep = copy.deepcopy(error)
    assert deep.brush == brush
    assert deep.brush is not brush


@pytest.mark.parametrize("way", WAYS)
def test_errors_that_hold_each_other_arrive_holding_each_other(way: str) -> None:
    """Circles are no trap, and neither is an error in an error in an error."""
    error = Overpainted(layers=1)
    error.brush = error
    twin = WAYS[way](error)
    if way != "copy":
        assert twin.brush is twin
    inner: LimnerError = TagError("the innermost")
    for layers in range(50):
        inner = Overpainted(layers=layers, brush=inner)
    twin = WAYS[way](inner)
    for layers in reversed(range(50)):
        assert twin.layers == layers
        twin = twin.brush
    assert str(twin) == "the innermost"


@pytest.mark.parametrize("way", WAYS)
def test_what_arrived_of_a_broken_text_travels_with_its_error(way: str) -> None:
    """Slots, pictures, what the backend told of them: all that `result` holds."""

    async def broken() -> SourceFailed:
        async def source() -> Any:
            yield 'Snow. <!--img-prompt="a fox" size="64x64"--> And'
            raise TagError("the ink is out")

        async with Illustrator(backend=ScriptedBackend()) as illustrator:
            with pytest.raises(SourceFailed) as caught:
                await illustrator.illustrate(source(), message_id="m")
        return caught.value

    error = run_virtual(broken())
    twin = WAYS[way](error)
    assert str(twin) == str(error) == "the text stopped before its end: the ink is out"
    assert isinstance(error.result, Illustrated)
    assert isinstance(twin.result, Illustrated)
    assert twin.result.message == error.result.message
    assert twin.result.slots[0].tag.attributes == {"size": "64x64"}
    assert str(twin.result.error) == "the ink is out"


def fail() -> None:
    """What a worker process does."""
    raise BackendBusy("come back later", retry_after=3.0, server="easel", status=429)


def test_an_error_comes_back_from_another_process() -> None:
    """With its fields, and not as a failure of the pool."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with pytest.raises(BackendBusy, match="come back later") as caught:
            pool.submit(fail).result(timeout=100)
    assert (caught.value.retry_after, caught.value.server) == (3.0, "easel")
