"""A process that has loaded the command, and becomes a command whenever it is asked to.

Started by `tests.command.commands` as ``python fork_server.py SOCKET``. Each order comes with a
socket of its own and the three streams of the command. What is forked runs `python -m limner`, or
a program, to the end of the interpreter, as a process that was begun afresh does; only what it
imports is there already. In between stands a keeper, which waits for the command and tells the
number of its process and how it ended.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOADED = (
    "aiohttp.web", "uvicorn", "limner.cli.app", "limner.cli.setup.checkup_report",
    "limner.cli.shared.finishing", "limner.cli.shared.kept_message", "limner.cli.shared.run",
    "limner.cli.setup.model_listing", "limner.cli.shared.text_source", "limner.storage",
    "limner.server.running_server", "limner.server.api", "limner.server.mcp.stdio",
    "limner.server.mcp.tool_server",
    "limner.backends.images.a1111", "limner.backends.images.comfyui",
    "limner.backends.images.openai", "limner.backends.images.sketch.backend", "limner.testing",
    "limner.backends.manuscripts.pictures", "limner.cli.story.story_files",
    "limner.composition.word_scenes",
    "limner.illustration.rendering.dialect.harmless_html",
    "limner.illustration.rendering.dialect.notes", "limner.illustration.rendering.dialect.tasks",
    "limner.illustration.rendering.edition.smart", "limner.illustration.rendering.markup",
)  # fmt: skip
"""What commands use. None of it may start a thread, or what is forked would lack it."""

ROOT = str(Path(__file__).parents[2])


def serve(orders: socket.socket) -> dict[str, Any]:
    """Fork a keeper for each order until nobody can give one; returns in a command only."""
    while True:
        began, handed, _, _ = socket.recv_fds(orders, 1, 4)
        reap(wait=not began)
        if not began:
            os._exit(0)
        if os.fork() == 0:
            orders.close()
            return keep(socket.socket(fileno=handed[0]), handed[1:])
        for number in handed:
            os.close(number)


def reap(*, wait: bool) -> None:
    """Take leave of the keepers that have ended, or of all of them."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0 if wait else os.WNOHANG)[0]:
            pass


def keep(told: socket.socket, streams: list[int]) -> dict[str, Any]:
    """Fork the command, tell its process and how it ended; returns in the command only."""
    with told.makefile("r") as lines:
        order: dict[str, Any] = json.loads(lines.readline())
    number = os.fork()
    if number == 0:
        told.close()
        take(streams)
        return order
    for stream in (0, 1, 2, *streams):
        os.close(stream)
    told.sendall(f"{number}\n".encode())
    _, status = os.waitpid(number, 0)
    with contextlib.suppress(OSError):  # nobody wants to know any more
        told.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def take(streams: list[int]) -> None:
    """Make these the standard streams, and hear signals as a process that has just begun."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def become(order: dict[str, Any]) -> None:
    """Be the command: here, with this environment and these words."""
    os.chdir(order["cwd"])
    sys.path[0] = order["cwd"]
    os.environ.clear()
    os.environ.update(order["env"])
    if order["program"] is None:
        sys.argv = ["limner", *order["arguments"]]
        runpy.run_module("limner", run_name="__main__", alter_sys=True)
    else:
        sys.argv = ["-c", *order["arguments"]]
        exec(compile(order["program"], "<string>", "exec"), {"__name__": "__main__"})


def main() -> None:
    """Load everything, then wait for orders; a keeper's and a command's end is their own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders = socket.socket(fileno=int(sys.argv[1]))
    for name in LOADED:
        importlib.import_module(name)
    for place in importlib.import_module("limner.cli.app").COMMANDS.values():
        pkgutil.resolve_name(place)
    sys.path.append(ROOT)
    importlib.import_module("tests.new_library").quickly_made().learn()
    sys.path.remove(ROOT)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    end_quickly(lambda: become(serve(orders)))


def end_quickly(run: Callable[[], None]) -> None:
    """Run a command to its end, and leave out the last of what an interpreter does then.

    That is to take apart module by module what was loaded, which takes longer than most commands.
    All else is done, in the same order: threads are waited for, what is registered for the end is
    called, what is left of the command is collected, and so complains if it was not closed, and
    the streams are flushed. An end that is not in order is left to the interpreter, as is every
    end where it was asked to look at everything.
    """
    try:
        run()
    except SystemExit as ending:
        code = 0 if ending.code is None else ending.code
        if isinstance(code, int) and not sys.flags.dev_mode and let_go():
            os._exit(code & 0xFF)
        raise
    if not sys.flags.dev_mode and let_go():
        os._exit(0)


def let_go() -> bool:
    """Do what an interpreter does before it takes modules apart; tells whether all is said."""
    private: Any = threading
    private._shutdown()
    private = atexit
    private._run_exitfuncs()
    gc.collect()
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError):  # the interpreter knows what is said of that
        return False
    return True


if __name__ == "__main__":
    main()
