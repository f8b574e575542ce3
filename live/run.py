"""`make live`: a language model on this machine writes a story, limner illustrates it meanwhile.

It starts ``server.py``, waits until that is ready, and runs ``limner illustrate --llm … --ask …``
on the live stream, in your terminal. The exit code is that command's.
"""

import argparse
import shlex
import subprocess
import sys
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

HERE = Path(__file__).parent
READY_WITHIN = 120.0
"""Seconds the model may take to load."""

STORYTELLER = "You are a storyteller. You write gentle tales for children."
ASK = "Write a bedtime story about a little fox who is afraid of the dark."


def main() -> int:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ask", default=ASK, help="what the story shall be about")
    parser.add_argument("--seed", type=int, default=5, help="another seed, another story")
    parser.add_argument("-o", "--output", default="limner-live.html")
    options, further = parser.parse_known_args()
    server = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, HERE / "server.py", "--seed", str(options.seed)],
        stdin=subprocess.PIPE,  # its end, whatever ends us, stops the server
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,  # Ctrl-C is for the command; the server is stopped after it
    )
    try:
        url = wait_until_ready(server)
        if url is None:
            sys.stderr.write("the model server did not become ready\n")
            return 1
        command = [
            *(str(Path(sys.executable).with_name("limner")), "illustrate"),
            *("--llm", url, "--ask", options.ask, "--system", STORYTELLER),
            *("-o", options.output, *further),
        ]
        sys.stderr.write(f"{shlex.join(command)}\n")
        return run(command)
    finally:
        stop(server)


def wait_until_ready(server: "subprocess.Popen[str]") -> str | None:
    """The server's base URL, once it has printed it; ``None`` if it ends or takes too long."""
    lines: Queue[str] = Queue()
    output = server.stdout
    if output is None:
        return None
    Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
    try:
        return lines.get(timeout=READY_WITHIN).strip() or None
    except Empty:
        return None


def run(command: list[str]) -> int:
    """Run the command in this terminal; Ctrl-C is its to handle."""
    process = subprocess.Popen(command)  # noqa: S603 - our own command
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def stop(server: "subprocess.Popen[str]") -> None:
    """Stop the server: politely, then firmly."""
    if server.stdin is not None:
        server.stdin.close()
    for end in (server.terminate, server.kill):
        try:
            server.wait(timeout=10)
            break
        except subprocess.TimeoutExpired:
            end()
    server.wait()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
