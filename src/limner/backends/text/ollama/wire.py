"""What Ollama's ``/api/chat`` is asked, and its list of models: pure.

Source: ``docs/api.md`` of Ollama. Conversations and options may be written as for OpenAI; they are
translated. Only text is sent.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from limner.backends.text.ollama.options import OllamaOptions
from limner.errors import BackendRejected

_TOP = frozenset(("model", "format", "think", "keep_alive", "tools", "logprobs", "top_logprobs"))
"""Fields of a request that stand beside ``options`` rather than in it."""

_NAMES = {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
_ROLES = {"developer": "system", "function": "tool"}


def request_body(
    messages: Sequence[Mapping[str, Any]],
    options: OllamaOptions,
    fields: Mapping[str, Any],
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """The body of ``/api/chat``.

    Args:
        messages: The conversation, as OpenAI has it.
        options: Those of the client.
        fields: Those of this answer, by OpenAI's names or Ollama's; ``None`` leaves one out.
        extra: Fields that are sent as they are, beside ``options``; ``options`` in it are added.

    Raises:
        limner.errors.BackendRejected: A message holds something that is no text.

    Examples:
        >>> body = request_body([{"role": "user", "content": "Hi"}], OllamaOptions(num_ctx=8192),
        ...                     {"model": "tiny", "max_tokens": 5, "seed": None}, {})
        >>> body["options"], body["model"], body["stream"]
        ({'num_ctx': 8192, 'num_predict': 5}, 'tiny', True)
    """
    top: dict[str, Any] = {}
    inner: dict[str, Any] = {}
    for name, value in {**_chosen(options), **fields}.items():
        if value is None or name in ("stream", "messages", "stream_options", "n"):
            continue
        if name == "response_format":
            top["format"] = _format(value)
        elif name in _TOP:
            top[name] = value
        else:
            inner[_NAMES.get(name, name)] = value
    further = dict(extra)
    inner |= further.pop("options", None) or {}
    body = {"messages": [_message(message) for message in messages], **top, **further}
    return body | ({"options": inner} if inner else {}) | {"stream": True}


def _chosen(options: OllamaOptions) -> dict[str, Any]:
    seconds = re.fullmatch(r"-?\d{1,9}", options.keep_alive)
    think: dict[str, Any] = {"": None, "true": True, "false": False}
    return {
        "num_ctx": options.num_ctx,
        "num_predict": options.num_predict,
        "temperature": options.temperature,
        # A number is seconds; a text needs a unit.
        "keep_alive": int(options.keep_alive) if seconds else options.keep_alive or None,
        "think": think.get(options.think, options.think),
    }


def _format(value: Any) -> Any:
    """OpenAI's ``response_format`` as Ollama's ``format``."""
    if not isinstance(value, Mapping):
        return value
    schema = value.get("json_schema")
    if isinstance(schema, Mapping) and "schema" in schema:
        return schema["schema"]
    return "json" if value.get("type") == "json_object" else None


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    role = str(message.get("role", "user"))
    sent: dict[str, Any] = {
        "role": _ROLES.get(role, role),
        "content": _text(message.get("content")),
    }
    if calls := message.get("tool_calls"):
        sent["tool_calls"] = [_call(call) for call in calls]
    name = message.get("tool_name") or message.get("name")
    if role in ("tool", "function") and name:
        sent["tool_name"] = name
    return sent


def _text(content: Any) -> str:
    """The text of a message, however it is written."""
    if content is None or isinstance(content, str):
        return content or ""
    parts = content if isinstance(content, Sequence) else [content]
    texts = []
    for part in parts:
        text = part.get("text") if isinstance(part, Mapping) else part
        if not isinstance(text, str):
            raise BackendRejected("a message holds something that is no text; only text is sent")
        texts.append(text)
    return "".join(texts)


def _call(call: Any) -> Any:
    """A tool call with its arguments as an object, where OpenAI has a text."""
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(function.get("arguments"), str):
        return call
    try:
        arguments = msgspec.json.decode(function["arguments"] or "{}")
    except (msgspec.DecodeError, RecursionError):
        arguments = {}
    return {"function": {**function, "arguments": arguments}}


def read_tags(answer: object) -> list[tuple[str, bool]] | None:
    """The models in the answer of ``/api/tags``, and whether each can write.

    Returns:
        Names in Ollama's order; ``None`` if it is no such list.

    Examples:
        >>> read_tags({"models": [{"name": "a", "details": {"family": "nomic-bert"}}]})
        [('a', False)]
        >>> read_tags([]) is None
        True
    """
    listed = answer.get("models") if isinstance(answer, dict) else ()
    if listed is None:
        return []
    if not isinstance(listed, list):
        return None
    models = []
    for entry in listed:
        told = entry if isinstance(entry, dict) else {}
        name = told.get("name") or told.get("model")
        details = told.get("details")
        family = details.get("family") if isinstance(details, dict) else ""
        if isinstance(name, str) and name:
            models.append((name, "bert" not in str(family)))
    return models
