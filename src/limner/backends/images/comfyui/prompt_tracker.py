"""One prompt, followed through the frames of a websocket: a machine without I/O.

Every picture has a socket of its own (see `ComfyUIBackend`), but a socket also carries frames
about others: what does not say that it is ours is taken for ours only while ours runs.
"""

from collections.abc import Mapping
from typing import Any

from limner.backends.images.comfyui.frames import TextFrame, read_picture_frame, read_text_frame
from limner.backends.images.comfyui.graph import STREAMING, Graph
from limner.backends.images.comfyui.history import PictureFile, read_files

ALMOST = 0.99
"""How far a picture is at most while it has not ended."""


class PromptTracker:
    """How far a prompt is, and what it gave.

    Args:
        prompt_id: The prompt's id; may be set anew as long as no frame of it has come.
        graph: Its workflow.
        output: The node that gives the picture.

    Attributes:
        fraction: How far it is, 0 to 1; it never falls.
        preview: The newest preview, until somebody takes it.
        streamed: The picture, where it comes over the websocket.
        files: The picture's files, where it is kept on the server.
        running: Whether it runs now.
        succeeded: Whether it has been drawn.
        ended: Whether no more frames of it will come.

    Examples:
        >>> from limner.backends.images.comfyui.built_in import text_to_image
        >>> tracker = PromptTracker("p", text_to_image().graph(), "7")
        >>> tracker.text('{"type": "execution_start", "data": {"prompt_id": "p"}}')
        True
        >>> tracker.text('{"type": "executing", "data": {"node": null, "prompt_id": "p"}}')
        True
        >>> tracker.ended
        True
    """

    def __init__(self, prompt_id: str, graph: Graph, output: str) -> None:
        self.prompt_id = prompt_id
        self.fraction = 0.0
        self.preview: bytes | None = None
        self.streamed: bytes | None = None
        self.files: tuple[PictureFile, ...] = ()
        self.running = self.succeeded = self.ended = False
        self._output = output
        self._streams = graph[output]["class_type"] == STREAMING
        self._weights = {node: _weight(content) for node, content in graph.items()}
        self._parts: dict[str, float] = {}
        self._node: str | None = None

    def text(self, received: str) -> bool:
        """A text frame came; tells whether it is about our prompt."""
        frame = read_text_frame(received)
        if frame is None or self.ended or not self._is_ours(frame):
            return False
        self._take(frame)
        self.fraction = self._done()  # no part of it ever falls
        return True

    def _is_ours(self, frame: TextFrame) -> bool:
        """Whether it is about our prompt; a late frame may not say about which it is."""
        return frame.prompt_id == self.prompt_id or (frame.prompt_id is None and self.running)

    def _take(self, frame: TextFrame) -> None:
        match frame.kind:
            case "execution_start":
                self.running = True
            case "execution_cached":
                self._cached(frame.data)
            case "executing":
                self._executing(frame)
            case "progress":
                self._progress(frame.data.get("node"), frame.data)
            case "progress_state":
                self._progress_state(frame.data)
            case "executed":
                if frame.data.get("node") == self._output and frame.prompt_id is not None:
                    self.files = read_files(frame.data.get("output"))
            case "execution_success":
                self.succeeded = frame.prompt_id is not None

    def binary(self, received: bytes) -> None:
        """A binary frame came. It may not say whose it is: the server draws one at a time."""
        if self.ended or not self.running:
            return
        picture = read_picture_frame(received)
        if picture is None or picture.prompt_id not in (None, self.prompt_id) or not picture.data:
            return
        if self._streams and self._node == self._output:
            self.streamed = self.streamed or picture.data  # the first of several
        else:
            self.preview = picture.data

    def take_preview(self) -> bytes | None:
        """The newest preview, once."""
        preview, self.preview = self.preview, None
        return preview

    def _executing(self, frame: TextFrame) -> None:
        node = frame.data.get("node")
        if node is None:
            self.ended = frame.prompt_id is not None
            self.running = not self.ended
            return
        self.running = True
        self._step(node if isinstance(node, str) else None)

    def _step(self, node: str | None) -> None:
        if self._node is not None and node != self._node:
            self._parts[self._node] = 1.0
        self._node = node

    def _cached(self, data: Mapping[str, Any]) -> None:
        self.running = True
        nodes = data.get("nodes")
        for node in nodes if isinstance(nodes, list) else []:
            if isinstance(node, str):
                self._parts[node] = 1.0

    def _progress(self, node: object, data: Mapping[str, Any]) -> None:
        """What a node tells of itself; it need not ever reach its maximum."""
        value, most = _number(data.get("value")), _number(data.get("max"))
        known = self._node if node is None else node
        if isinstance(known, str) and known in self._weights:
            part = value / most if most > 0 else 0.0
            self._parts[known] = max(self._parts.get(known, 0.0), min(max(part, 0.0), 1.0))

    def _progress_state(self, data: Mapping[str, Any]) -> None:
        nodes = data.get("nodes")
        for node, state in nodes.items() if isinstance(nodes, dict) else ():
            if isinstance(state, dict) and node in self._weights:
                if state.get("state") == "finished":
                    self._parts[node] = 1.0
                elif state.get("state") == "running":
                    self._progress(node, state)

    def _done(self) -> float:
        whole = sum(self._weights.values())
        done = sum(self._weights.get(node, 0.0) * part for node, part in self._parts.items())
        return min(done / whole, ALMOST) if whole else 0.0


def _weight(content: Mapping[str, Any]) -> float:
    """How much of the work a node is: a sampler as much as it has steps."""
    steps = content["inputs"].get("steps")
    return float(min(max(steps, 1), 1000)) if type(steps) is int else 1.0


def _number(value: object) -> float:
    """A finite number; 0 for anything else."""
    if isinstance(value, int | float) and abs(value) < 1e15:
        return float(value)
    return 0.0
