"""Tools for testing code that uses limner.

- `run_virtual` runs a coroutine on a loop whose clock jumps to the next timer as soon as nothing
  else can happen, so an hour of waiting takes no time, and which raises `Deadlock` when nothing
  can ever happen again.
- `ScriptedBackend` draws pictures that take as long, and fail, as a test says.
- `ScriptedStore` keeps messages in memory, and fails when, how and for as long as a test says.
- `limner.testing.chat_server` is a language model's server with faults, over real HTTP; it is
  imported from there, because it needs more than the rest.
- `limner.testing.picture_server` is the ground for fake picture servers, and
  `limner.testing.backend_contract` holds the rules for backends; imported from there as well.
"""

from typing import TYPE_CHECKING, Any

from limner.virtual_time import Deadlock, VirtualLoop, run_virtual

if TYPE_CHECKING:
    from limner.testing.scripted_backend import PIXEL, Call, ScriptedBackend
    from limner.testing.scripted_store import ScriptedStore, StoreFault

__all__ = [
    "PIXEL",
    "Call",
    "Deadlock",
    "ScriptedBackend",
    "ScriptedStore",
    "StoreFault",
    "VirtualLoop",
    "run_virtual",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: virtual time alone shall not load the whole pipeline.
    if name in ("PIXEL", "Call", "ScriptedBackend"):
        from limner.testing import scripted_backend

        return getattr(scripted_backend, name)
    if name in ("ScriptedStore", "StoreFault"):
        from limner.testing import scripted_store

        return getattr(scripted_store, name)
    raise AttributeError(f"module 'limner.testing' has no attribute {name!r}")
