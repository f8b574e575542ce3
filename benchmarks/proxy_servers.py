"""The servers that `benchmarks.proxy` measures, each in a process of its own, and what it uses."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STILL = 0.5
"""Seconds over which a process is watched before it counts as idle."""
IDLE = 0.01
"""Seconds of processor time that an idle server may use meanwhile for its clocks."""
LITELLM = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_MASTER_KEY": "sk-bench",
    "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
}
"""No network, no database, the key that the clients send."""
NGINX = """\
daemon off; master_process off; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream model {{ server 127.0.0.1:{upstream}; keepalive 256; }}
  server {{
    listen 127.0.0.1:{port} backlog=1024; keepalive_requests 1000000;
    location / {{
      proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One that runs.

    Attributes:
        port: Where it listens.
        pid: Its process.
        library: Where it keeps what passes, if it does.
    """

    port: int
    pid: int
    library: str = ""

    def cpu(self) -> float:
        """Seconds of processor time that it has used, all its threads."""
        used = 0
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread that ended just now
                used += int((thread / "schedstat").read_text().split()[0])
        return used / 1e9

    def idle(self) -> float:
        """Wait until its clock of processor time stands still; gives what it shows."""
        last = self.cpu()
        while True:
            time.sleep(STILL)
            now = self.cpu()
            if now - last <= IDLE:
                return now
            last = now

    def memory(self) -> float:
        """Megabytes that it holds."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: list[str], **more: str) -> Iterator[subprocess.Popen[str]]:
    """A process, ended at the end."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | more
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def model_server() -> Iterator[Server]:
    """The model server that all of them ask."""
    with running([sys.executable, "-m", "benchmarks.proxy_upstream"]) as process:
        assert process.stdout is not None
        yield Server(port=int(process.stdout.readline()), pid=process.pid)


@contextlib.contextmanager
def server(name: str, upstream: int, litellm: str = "") -> Iterator[Server]:
    """A fresh one.

    Args:
        name: ``serve``, ``bare``, ``pass``, ``nginx`` or ``litellm``.
        upstream: The model server's port.
        litellm: LiteLLM's command.
    """
    port = free_port()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        command = _command(name, port, upstream, folder, litellm)
        process = stack.enter_context(running(command, LIMNER_CONFIG="", **LITELLM))
        until = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < until:
            # A free port may be given to who asks for it: then it is connected with itself.
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as to:
                if to.getsockname() != to.getpeername():
                    break
            time.sleep(0.05)
        if process.poll() is not None:
            raise SystemExit(f"{name} ended by itself ({process.returncode}); try {command}")
        yield Server(port=port, pid=process.pid, library=folder if name == "serve" else "")


def _command(name: str, port: int, upstream: int, folder: str, litellm: str) -> list[str]:
    url = f"http://127.0.0.1:{upstream}"
    if name == "serve":
        command = [sys.executable, "-m", "limner", "serve", "--port", str(port)]
        return [*command, "--llm", url, "--library", folder]
    if name == "nginx":
        config = Path(folder) / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=port, upstream=upstream))
        return [str(nginx()), "-p", folder, "-c", str(config)]
    if name == "litellm":
        config = Path(folder) / "config.yaml"
        config.write_text(
            "model_list:\n  - model_name: bench\n    litellm_params:\n"
            f"      model: openai/bench\n      api_base: {url}/v1\n      api_key: sk-x\n"
        )
        place = ["--port", str(port), "--host", "127.0.0.1"]
        return [litellm, "--config", str(config), *place]
    return [sys.executable, "-m", "benchmarks.proxy_contenders", name, url, str(port)]


def nginx() -> str | None:
    """Nginx's command, where it is installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
