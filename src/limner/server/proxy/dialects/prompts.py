"""Requests that hold a prompt in the place of a conversation."""

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest

_encode = msgspec.json.Encoder().encode


def prompt_talk(request: "ChatRequest", field: str = "prompt") -> "ChatRequest":
    """The request with its prompt as the only message, which is nobody's.

    Example:
        >>> from limner.server.proxy.chat_request import ChatRequest
        >>> prompt_talk(ChatRequest.read(b'{"prompt": "Once"}')).get("messages")
        [{'role': 'prompt', 'content': 'Once'}]
    """
    prompt = request.get(field)
    if not isinstance(prompt, str | list):
        return request.replaced(messages=[])
    return request.replaced(messages=[{"role": "prompt", "content": prompt}])


def asked_in_prompt(
    request: "ChatRequest", conversation: "ChatRequest", field: str = "prompt"
) -> "ChatRequest":
    """The request with the prompt of a conversation that was made by `prompt_talk`."""
    messages: Any = conversation.get("messages")
    said = [one for one in messages if one.get("role") == "prompt"]
    changed = said[0]["content"] if said else request.get(field)
    return request if changed == request.get(field) else request.replaced(**{field: changed})
