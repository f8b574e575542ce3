"""The worker of a fake ComfyUI: one prompt at a time, frame by frame as the real one sends them.

The frames, their order and what is odd about them are those that ComfyUI 0.3.64 was seen to send.
"""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from limner.testing.comfyui_server.mishap import (
    FileGone,
    LateAnswer,
    LostAnswer,
    Mishap,
    NodeFails,
    NoEndFrame,
    Restart,
    SocketDrop,
    SomebodyClears,
    SomebodyDeletes,
    SomebodyInterrupts,
)
from limner.testing.comfyui_server.prompt import OUTPUTS, FakePrompt, pictures, signature
from limner.testing.comfyui_server.sockets import FakeSockets
from limner.testing.picture_fault import EmptyAnswer, Hang
from limner.testing.picture_job import FakeJob, plain_picture

HEAVY = ("KSampler", "ImageAddNoise")
STREAMED = "SaveImageWebsocket"
"""Runs each time, also where all that it needs is remembered."""
STEPS = 4
"""Frames of progress that a sampler sends; it stops one before its maximum."""


class Restarted(Exception):
    """The server has ended while the prompt ran."""


class Interrupted(Exception):
    """Somebody has stopped the prompt."""


class FakeWorker:
    """Queue, history, cache and files.

    Args:
        changed: Called whenever something has changed that a test may wait for.

    Attributes:
        sockets: Who listens.
        waiting: The prompts that wait.
        current: The one that runs.
        node: Which of its nodes.
        history: What has ended, as the real one tells it.
        files: The pictures, by type, subfolder and name; and the drawing they are from.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.sockets = FakeSockets()
        self.waiting: list[FakePrompt] = []
        self.current: FakePrompt | None = None
        self.node: str | None = None
        self.history: dict[str, Any] = {}
        self.files: dict[tuple[str, str, str], tuple[bytes, FakeJob]] = {}
        self._cache: dict[str, dict[str, Any] | None] = {}
        self._counter = itertools.count(1)
        self._wake = asyncio.Event()

    async def status(self) -> None:
        """Tell everybody how long the queue is."""
        self._changed()
        await self.sockets.broadcast("status", self.exec_info())

    def exec_info(self) -> dict[str, Any]:
        """How long the queue is."""
        remaining = len(self.waiting) + (self.current is not None)
        return {"status": {"exec_info": {"queue_remaining": remaining}}}

    async def put(self, prompt: FakePrompt) -> None:
        """Queue a prompt."""
        self.waiting.append(prompt)
        await self.status()
        self._wake.set()

    async def delete(self, prompt_id: str) -> None:
        """Take a prompt out of the queue: nobody is told anything about it, ever."""
        for prompt in [each for each in self.waiting if each.id == prompt_id]:
            self.waiting.remove(prompt)
            prompt.job.stop()
            prompt.job.end()
            await self.status()
            await self.status()

    def interrupt(self, prompt_id: str | None) -> None:
        """Stop what runs, if it is that one; it takes effect between nodes or steps."""
        prompt = self.current
        if prompt is not None and prompt_id in (None, prompt.id):
            prompt.interrupted = True
            prompt.job.stop()

    def restart(self) -> None:
        """End and start again: all is forgotten but the files."""
        for prompt in self.waiting:
            prompt.job.end()
        self.waiting.clear()
        self.history.clear()
        self._cache.clear()
        self.sockets.drop_all()

    async def work(self) -> None:
        """Run prompts for ever."""
        while True:
            while not self.waiting:
                self._wake.clear()
                await self._wake.wait()
            prompt = min(self.waiting, key=lambda each: each.number)
            if isinstance(prompt.mishap, SomebodyDeletes):
                await self.delete(prompt.id)
                continue
            self.waiting.remove(prompt)
            self.current = prompt
            await self.status()
            if not isinstance(prompt.mishap, LateAnswer | LostAnswer):
                await prompt.answered.wait()
            await self._run(prompt)
            prompt.answered.set()

    async def _run(self, prompt: FakePrompt) -> None:
        outputs: dict[str, Any] = {}
        messages: list[list[Any]] = []
        good = False
        try:
            await self._tell(prompt, "execution_start", messages=messages)
            good = await self._run_nodes(prompt, outputs, messages)
        except Restarted:
            self.current = self.node = None
            prompt.job.end()
            self.restart()
            return
        entry = {
            "prompt": prompt.queued(), "outputs": outputs, "meta": {},
            "status": {
                "status_str": "success" if good else "error", "completed": good,
                "messages": messages,
            },
        }  # fmt: skip
        prompt.job.end()
        self.current = self.node = None
        if not isinstance(prompt.mishap, SomebodyClears):
            self.history[prompt.id] = entry
        await self.status()
        if not isinstance(prompt.mishap, NoEndFrame):
            end = {"node": None, "prompt_id": prompt.id}
            await self.sockets.send(prompt.client_id, "executing", end)

    async def _run_nodes(
        self, prompt: FakePrompt, outputs: dict[str, Any], messages: list[list[Any]]
    ) -> bool:
        order, graph = prompt.order(), prompt.graph
        names = {node: signature(graph, node) for node in order}
        cached = [
            node
            for node in order
            if names[node] in self._cache and graph[node]["class_type"] != STREAMED
        ]
        states: dict[str, Any] = {}
        executed: list[str] = []
        await self._tell(prompt, "execution_cached", {"nodes": cached}, messages=messages)
        # Outputs that are cached come first, whatever the order of the graph.
        for node in [n for n in cached if graph[n]["class_type"] in OUTPUTS]:
            outputs[node] = self._cache[names[node]]
            await self._executed(prompt, node, outputs[node], states)
        cache = {names[node]: self._cache[names[node]] for node in cached}
        try:
            for node in order:
                if node not in cached:
                    await self._run_node(prompt, node, outputs, states)
                    executed.append(node)
                    if prompt.job.fault is None or node not in outputs:
                        cache[names[node]] = outputs.get(node)  # a fault is its prompt's alone
        except Interrupted:
            told: dict[str, Any] = {
                "node_id": self.node,
                "node_type": "KSampler",
                "executed": executed,
            }
            await self._tell(prompt, "execution_interrupted", told, messages=messages)
            return False
        except RuntimeError as error:
            told = {
                "node_id": self.node, "node_type": graph[self.node or ""]["class_type"],
                "executed": executed, "exception_type": "RuntimeError",
                "exception_message": str(error), "current_inputs": {}, "current_outputs": [],
                "traceback": ['  File "/srv/ComfyUI/execution.py", line 496, in execute\n'],
            }  # fmt: skip
            await self._tell(prompt, "execution_error", told, messages=messages)
            return False
        finally:
            self._cache = cache
        await self._tell(prompt, "execution_success", messages=messages)
        return True

    async def _run_node(
        self, prompt: FakePrompt, node: str, outputs: dict[str, Any], states: dict[str, Any]
    ) -> None:
        kind = prompt.graph[node]["class_type"]
        await self._state(prompt, node, states, value=0, state="running")
        self.node = node
        await self._tell(prompt, "executing", {"node": node, "display_node": node})
        if prompt.interrupted:
            raise Interrupted
        if kind in HEAVY:
            await self._sample(prompt, node, states)
        if kind in OUTPUTS:
            outputs[node] = await self._save(prompt, node, kind)
            await self._executed(prompt, node, outputs[node], states)
        else:
            await self._state(prompt, node, states, value=1, state="finished")

    async def _sample(self, prompt: FakePrompt, node: str, states: dict[str, Any]) -> None:
        job = prompt.job
        for step in range(STEPS - 1):
            if step == 2:
                await (job.gone.wait() if isinstance(job.fault, Hang) else job.work())
                self._upset(prompt.mishap)
            if prompt.interrupted:
                return  # it shows at the next node
            told = {"value": step + 1, "max": STEPS, "node": node}
            await self._tell(prompt, "progress", told)
            await self._state(prompt, node, states, value=step + 1, most=STEPS, state="running")
            metadata = {"node_id": node, "prompt_id": prompt.id, "image_type": "image/png"}
            preview = plain_picture(8, 8, seed=step)
            await self.sockets.send_picture(prompt.client_id, preview, metadata=metadata)

    def _upset(self, mishap: Mishap | None) -> None:
        if isinstance(mishap, NodeFails):
            raise RuntimeError(mishap.message)
        if isinstance(mishap, SomebodyInterrupts):
            self.interrupt(None)

    async def _save(self, prompt: FakePrompt, node: str, kind: str) -> dict[str, Any]:
        if kind == "PreviewAny":
            return {"text": [str(prompt.graph[node]["inputs"]["source"])]}
        made = pictures(prompt, node)
        if kind == STREAMED:
            await self._tell(prompt, "progress", {"value": 0, "max": 1, "node": node})
            for picture in made:
                await self.sockets.send_picture(prompt.client_id, picture)
            return {}
        place = "output" if kind == "SaveImage" else "temp"
        prefix = prompt.graph[node]["inputs"].get("filename_prefix", "ComfyUI_temp")
        subfolder, _, stem = prefix.rpartition("/")
        images = []
        for picture in made:
            name = f"{stem}_{next(self._counter):05}_.png"
            if not isinstance(prompt.mishap, FileGone):
                self.files[place, subfolder, name] = (picture, prompt.job)
            images.append({"filename": name, "subfolder": subfolder, "type": place})
        return {} if isinstance(prompt.job.fault, EmptyAnswer) else {"images": images}

    async def _executed(
        self, prompt: FakePrompt, node: str, output: Any, states: dict[str, Any]
    ) -> None:
        told = {"node": node, "display_node": node, "output": output}
        await self._tell(prompt, "executed", told)
        await self._state(prompt, node, states, value=1, state="finished")

    async def _state(
        self,
        prompt: FakePrompt,
        node: str,
        states: dict[str, Any],
        *,
        value: int,
        state: str,
        most: int = 1,
    ) -> None:
        """Every node so far, each time."""
        states[node] = {
            "value": value, "max": most, "state": state, "node_id": node, "display_node_id": node,
            "prompt_id": prompt.id, "parent_node_id": None, "real_node_id": node,
        }  # fmt: skip
        await self._tell(prompt, "progress_state", {"nodes": dict(states)})

    async def _tell(
        self,
        prompt: FakePrompt,
        kind: str,
        data: dict[str, Any] | None = None,
        *,
        messages: list[list[Any]] | None = None,
    ) -> None:
        """A frame to the prompt's owner; and what goes wrong after so many frames."""
        mishap = prompt.mishap
        if isinstance(mishap, SocketDrop) and mishap.after == prompt.frames:
            self.sockets.drop(prompt.client_id)
        if isinstance(mishap, Restart) and mishap.after == prompt.frames:
            raise Restarted
        prompt.frames += 1
        self._changed()
        told = {**(data or {}), "prompt_id": prompt.id}
        if messages is not None:
            told["timestamp"] = 1_700_000_000_000 + prompt.frames
            messages.append([kind, told])
        await self.sockets.send(prompt.client_id, kind, told)
