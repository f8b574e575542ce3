"""Requests that hold a prompt in the place of a conversation."""

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest

_encode = msgspec.json.Encoder().encode


CODE = ("<|fim_prefix|>", "<fim_prefix>", "<|fim_begin|>", "<PRE> ", "[SUFFIX]", "<|fim_middle|>")
"""With these, editors have code filled in (Qwen, StarCoder, DeepSeek, Code Llama, Codestral)."""


class Prompted:
    """What protocols answer alike in which a text goes on."""

    def conversation(self, request: "ChatRequest") -> "ChatRequest":
        """The prompt is the only message."""
        return prompt_talk(request)

    def asked(self, request: "ChatRequest", conversation: "ChatRequest") -> "ChatRequest":
        """The request with another prompt."""
        return asked_in_prompt(request, conversation)


def prompt_talk(request: "ChatRequest", field: str = "prompt") -> "ChatRequest":
    """The request with its prompt as the only message, which is nobody's.

    What an editor asks, and several prompts at once, are no story and have no message.

    Examples:
        >>> from limner.server.proxy.chat_request import ChatRequest
        >>> prompt_talk(ChatRequest.read(b'{"prompt": "Once"}')).get("messages")
        [{'role': 'prompt', 'content': 'Once'}]
        >>> prompt_talk(ChatRequest.read(b'{"prompt": "def", "suffix": "x"}')).get("messages")
        []
    """
    prompt = request.get(field)
    story = isinstance(prompt, str) and not request.get("suffix")
    if not story or any(mark in prompt for mark in CODE):
        return request.replaced(messages=[])
    return request.replaced(messages=[{"role": "prompt", "content": prompt}])


def asked_in_prompt(
    request: "ChatRequest", conversation: "ChatRequest", field: str = "prompt"
) -> "ChatRequest":
    """The request with the prompt of a conversation that was made by `prompt_talk`."""
    messages: Any = conversation.get("messages")
    said = messages[-1]["content"] if messages else conversation.get(field)
    return request if said == request.get(field) else request.replaced(**{field: said})
