"""Telling functions that return from functions that yield."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Generator
from types import FunctionType, MethodType
from typing import Any

_GENERATORS = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


def yields(function: Any) -> int:
    """Return which kind of generator a callable makes: a flag of `inspect`, or 0.

    Partials, methods and objects with ``__call__`` are looked through.

    Raises:
        TypeError: It is not callable.

    Examples:
        >>> async def stream():
        ...     yield 1
        >>> yields(stream) == inspect.CO_ASYNC_GENERATOR, yields(len)
        (True, 0)
    """
    while type(function) is not FunctionType:
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
        else:
            if not callable(function):
                raise TypeError(f"the first argument is the function to run, not {function!r}")
            call = inspect.getattr_static(type(function), "__call__", None)
            if type(call) is not FunctionType:
                return 0
            function = call
    return function.__code__.co_flags & _GENERATORS


def refuse_generator_function(kind: int, function: Any) -> None:
    """Raise if a function only makes a generator, which would run outside its slot.

    Args:
        kind: What `yields` said of it.
        function: The function.

    Raises:
        TypeError: It does.
    """
    if kind == inspect.CO_GENERATOR:
        raise TypeError(
            f"{function!r} is a generator function: what it yields would be made without a slot; "
            "make it async, or limit the call for each item (map() does)"
        )
    if kind:
        raise TypeError(
            f"{function!r} is an async generator function: iterate over run() or wrap() of it; "
            "it cannot be handed over"
        )


def refuse_unstarted_generator(value: object) -> None:
    """Raise if what a job returned has done none of its work yet.

    Raises:
        TypeError: It is a generator that has not begun.
    """
    begun = True
    if isinstance(value, Generator) and inspect.isgenerator(value):
        begun = inspect.getgeneratorstate(value) != inspect.GEN_CREATED
    elif isinstance(value, AsyncGenerator) and inspect.isasyncgen(value):
        begun = value.ag_frame is None or (value.ag_frame.f_lasti >= 0 and value.ag_running)
    if not begun:
        raise TypeError(
            f"the job returned {value!r}, which would run without a slot; iterate inside a slot(), "
            "or wrap() the generator function itself"
        )
