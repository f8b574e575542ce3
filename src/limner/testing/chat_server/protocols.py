"""Answers as model servers write them, in each protocol.

Each `Protocol` takes the pieces of a text and gives the events in which its servers say them, with
what belongs around: roles, thoughts, calls of tools, counts.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from limner.testing.chat_server.dialects import DIALECTS, USAGE
from limner.testing.chat_server.reply import Reply, Step

SSE, NDJSON = "text/event-stream", "application/x-ndjson"
AT = "2026-11-29T10:00:00.000000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """How servers of one protocol write.

    Attributes:
        name: The protocol.
        media_type: Of its streams.
        events: From the pieces of a text to a stream's events.
        whole: From a text to an answer that is not streamed.
        error: The event that tells an error in a stream.
    """

    name: str
    media_type: str
    events: Callable[[Sequence[str]], list[bytes]]
    whole: Callable[[str], bytes]
    error: Callable[[str], bytes]

    def __str__(self) -> str:
        return self.name

    def stream(self, *pieces: str | Step) -> Reply:
        r"""A stream of these pieces; steps that are none stand where they are.

        Examples:
            >>> PROTOCOLS["koboldai stream"].stream("Once").steps[0]
            b'event: message\ndata: {"token":"Once","finish_reason":null}\n\n'
        """
        texts = [piece for piece in pieces if isinstance(piece, str)]
        if len(texts) == len(pieces):
            steps: tuple[Step, ...] = tuple(self.events(texts))
        else:
            steps = tuple(self._steps(pieces))
        return Reply(steps, headers={"Content-Type": self.media_type})

    def _steps(self, pieces: Iterable[str | Step]) -> list[Step]:
        """The events before each step, for a stream that does something else in its middle."""
        told: list[str] = []
        made: list[Step] = []
        sent = 0
        for piece in pieces:
            if isinstance(piece, str):
                told.append(piece)
                events = self.said(told)
                made += events[sent:]
                sent = len(events)
            else:
                made.append(piece)
        return made + self.events(told)[sent:]

    def said(self, pieces: Sequence[str]) -> list[bytes]:
        """The events of a stream up to the last of its pieces."""
        here, more = self.events(pieces), self.events([*pieces, "."])
        same = 0
        while same < len(here) and here[same] == more[same]:
            same += 1
        return here[:same]

    def reply(self, text: str) -> Reply:
        """An answer that is not streamed."""
        return Reply((self.whole(text),), headers={"Content-Type": "application/json"})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _event(value: Any, name: str | None = None) -> bytes:
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + _json(value) + b"\n\n"


def _named(value: Any) -> bytes:
    return _event(value, value["type"])


def _completion(text: str, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}
    known = {"id": "cmpl-1", "object": "text_completion", "created": 1700000000, "model": "m"}
    return {**known, "choices": [choice]}


def _completions(pieces: Sequence[str]) -> list[bytes]:
    usage = {**_completion(""), "choices": [], "usage": {"prompt_tokens": 3, "total_tokens": 5}}
    ends = [_event(_completion("", "stop")), _event(usage), b"data: [DONE]\n\n"]
    return [*(_event(_completion(piece)) for piece in pieces), *ends]


def _anthropic(pieces: Sequence[str]) -> list[bytes]:
    usage = {"input_tokens": 3, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}

    def delta(index: int, **fields: Any) -> bytes:
        return _named({"type": "content_block_delta", "index": index, "delta": fields})

    def start(index: int, **block: Any) -> bytes:
        return _named({"type": "content_block_start", "index": index, "content_block": block})

    def stop(index: int) -> bytes:
        return _named({"type": "content_block_stop", "index": index})

    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        _named({"type": "message_start", "message": {**message, "usage": usage}}),
        start(0, type="thinking", thinking="", signature=""),
        delta(0, type="thinking_delta", thinking='Hm. <!--img-prompt="no"-->'),
        delta(0, type="signature_delta", signature="c2ln"),
        stop(0),
        start(1, type="text", text=""),
        b'event: ping\ndata: {"type": "ping"}\n\n',
        *(delta(1, type="text_delta", text=piece) for piece in pieces),
        stop(1),
        start(2, type="tool_use", id="toolu_1", name="look", input={}),
        delta(2, type="input_json_delta", partial_json='{"at":"fox"}'),
        stop(2),
        _named({"type": "message_delta", "delta": ended, "usage": {"output_tokens": 7}}),
        _named({"type": "message_stop"}),
    ]


def _anthropic_whole(text: str) -> bytes:
    content = [{"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}]
    content.append({"type": "text", "text": text})
    known = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
    ended: dict[str, Any] = {"stop_reason": "end_turn", "stop_sequence": None}
    usage: dict[str, Any] = {"usage": {"input_tokens": 3, "output_tokens": 7}}
    return _json({**known, "content": content, **ended, **usage})


def _anthropic_error(message: str) -> bytes:
    return _named({"type": "error", "error": {"type": "overloaded_error", "message": message}})


def _lines(at: str) -> Callable[[Sequence[str]], list[bytes]]:
    def line(text: str, *, done: bool = False, thinking: str = "") -> bytes:
        known: dict[str, Any] = {"model": "m", "created_at": AT}
        more = {"thinking": thinking} if thinking else {}
        if at == "message":
            known["message"] = {"role": "assistant", "content": text, **more}
        else:
            known |= {"response": text, **more}
        ended = {"done_reason": "stop", "total_duration": 5, "eval_count": 2} if done else {}
        return _json({**known, "done": done, **ended}) + b"\n"

    def events(pieces: Sequence[str]) -> list[bytes]:
        thought = line("", thinking='Hm. <!--img-prompt="no"-->')
        return [thought, *(line(piece) for piece in pieces), line("", done=True)]

    return events


def _line_whole(at: str) -> Callable[[str], bytes]:
    def whole(text: str) -> bytes:
        message = {"role": "assistant", "content": text}
        said: dict[str, Any] = {at: message if at == "message" else text}
        ended = {"done": True, "done_reason": "stop", "eval_count": 2}
        return _json({"model": "m", "created_at": AT, **said, **ended})

    return whole


def _kobold(pieces: Sequence[str]) -> list[bytes]:
    said = [_event({"token": piece, "finish_reason": None}, "message") for piece in pieces]
    return [*said, _event({"token": "", "finish_reason": "stop"}, "message")]


def _llamacpp(pieces: Sequence[str]) -> list[bytes]:
    def event(text: str, **more: Any) -> bytes:
        known = {"index": 0, "content": text, "tokens": [7], "stop": False, "id_slot": 0}
        return _event({**known, "tokens_predicted": 1, "tokens_evaluated": 3, **more})

    timings = {"predicted_per_second": 41.25}
    last = event("", stop=True, stop_type="eos", model="m", tokens=[], timings=timings)
    return [*(event(piece) for piece in pieces), last]


def _responses(pieces: Sequence[str]) -> list[bytes]:
    text = "".join(pieces)
    events: list[bytes] = []

    def say(kind: str, **fields: Any) -> None:
        told = {"type": f"response.{kind}", **fields, "sequence_number": len(events)}
        events.append(_named(told))

    def response(output: list[Any], status: str) -> dict[str, Any]:
        known = {"id": "resp_1", "object": "response", "created_at": 1700000000, "model": "m"}
        rest: dict[str, Any] = {
            "error": None,
            "tools": [],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
        }
        return {**known, "status": status, "output": output, **rest}

    def part(said: str) -> dict[str, Any]:
        return {"type": "output_text", "text": said, "annotations": []}

    def item(content: list[Any], status: str) -> dict[str, Any]:
        known = {"id": "msg_1", "type": "message", "role": "assistant"}
        return {**known, "status": status, "content": content}

    at = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
    thought: dict[str, Any] = {"id": "rs_1", "type": "reasoning", "summary": [], "content": []}
    say("created", response=response([], "in_progress"))
    say("output_item.added", output_index=0, item=thought)
    hm, thinks = 'Hm. <!--img-prompt="no"-->', {"type": "reasoning_text", "text": ""}
    say("content_part.added", item_id="rs_1", output_index=0, content_index=0, part=thinks)
    say("reasoning_text.delta", item_id="rs_1", output_index=0, content_index=0, delta=hm)
    say("output_item.done", output_index=0, item=thought)
    say("output_item.added", output_index=1, item=item([], "in_progress"))
    say("content_part.added", **at, part=part(""))
    for piece in pieces:
        say("output_text.delta", **at, delta=piece, logprobs=[])
    say("output_text.done", **at, text=text, logprobs=[])
    say("content_part.done", **at, part=part(text))
    say("output_item.done", output_index=1, item=item([part(text)], "completed"))
    done = response([thought, item([part(text)], "completed")], "completed")
    say("completed", response={**done, "usage": {"input_tokens": 3, "output_tokens": 7}})
    return events


def _responses_whole(text: str) -> bytes:
    event = _responses([text])[-1].partition(b"data: ")[2]
    return _json(json.loads(event)["response"])


def _responses_error(message: str) -> bytes:
    told = {"code": "server_error", "message": message, "param": None, "sequence_number": 9}
    return _named({"type": "error", **told})


_CHAT = DIALECTS[0]


def _chat(pieces: Sequence[str]) -> list[bytes]:
    thought = {"reasoning_content": 'Hm. <!--img-prompt="no"-->'}
    return _CHAT.events([thought, *pieces])


def _chat_whole(text: str) -> bytes:
    message = {"role": "assistant", "content": text, "reasoning_content": "Hm."}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    known = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "m"}
    return _json({**known, "choices": [choice], "usage": USAGE})


def _error(message: str) -> bytes:
    return _event({"error": {"message": message, "type": "server_error", "code": 500}})


def _line_error(message: str) -> bytes:
    return _json({"error": message}) + b"\n"


PROTOCOLS = {
    one.name: one
    for one in (
        Protocol(name="openai chat", media_type=SSE, events=_chat, whole=_chat_whole, error=_error),
        Protocol(
            name="openai completions",
            media_type=SSE,
            events=_completions,
            whole=lambda text: _json(_completion(text, "stop")),
            error=_error,
        ),
        Protocol(
            name="openai responses",
            media_type=SSE,
            events=_responses,
            whole=_responses_whole,
            error=_responses_error,
        ),
        Protocol(
            name="anthropic messages",
            media_type=SSE,
            events=_anthropic,
            whole=_anthropic_whole,
            error=_anthropic_error,
        ),
        Protocol(
            name="ollama chat",
            media_type=NDJSON,
            events=_lines("message"),
            whole=_line_whole("message"),
            error=_line_error,
        ),
        Protocol(
            name="ollama generate",
            media_type=NDJSON,
            events=_lines("response"),
            whole=_line_whole("response"),
            error=_line_error,
        ),
        Protocol(
            name="koboldai stream",
            media_type=SSE,
            events=_kobold,
            whole=lambda text: _json({"results": [{"text": text, "finish_reason": "stop"}]}),
            error=_error,
        ),
        Protocol(
            name="llama.cpp completion",
            media_type=SSE,
            events=_llamacpp,
            whole=lambda text: _json({"content": text, "stop": True, "model": "m"}),
            error=_error,
        ),
    )
}
"""By name, which is that of the dialect."""
