"""Tools for testing code that uses limner: virtual time.

`run_virtual` runs a coroutine on a loop whose clock jumps to the next timer as soon as nothing
else can happen, so an hour of waiting takes no time, and which raises `Deadlock` when nothing
can ever happen again.
"""

from limner.testing.virtual_time import Deadlock, VirtualLoop, run_virtual

__all__ = ["Deadlock", "VirtualLoop", "run_virtual"]
