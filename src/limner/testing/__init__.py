"""Tools for testing code that uses limner.

- `run_virtual` runs a coroutine on a loop whose clock jumps to the next timer as soon as nothing
  else can happen, so an hour of waiting takes no time, and which raises `Deadlock` when nothing
  can ever happen again.
- `ScriptedBackend` draws pictures that take as long, and fail, as a test says.
- `limner.testing.chat_server` is a language model's server with faults, over real HTTP; it is
  imported from there, because it needs more than the rest.
"""

from limner.testing.scripted_backend import PIXEL, Call, ScriptedBackend
from limner.testing.virtual_time import Deadlock, VirtualLoop, run_virtual

__all__ = ["PIXEL", "Call", "Deadlock", "ScriptedBackend", "VirtualLoop", "run_virtual"]
