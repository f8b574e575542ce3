"""Whether an answer is illustrated: what was wished for, and where nothing was, a guess."""

import re
from typing import Any

from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.history.transcript import prompt_of, read_transcript, stops_of
from limner.server.proxy.mode import Decision, Mode, Reason, Unstreamed
from limner.server.proxy.side_request import is_impersonation, is_read, is_side_request

_GRAMMARS = (
    "json_schema",
    "grammar",
    "guided_json",
    "guided_grammar",
    "guided_regex",
    "guided_choice",
    "structured_outputs",
    "ebnf",
    "regex",
)
"""With these, local servers write what a program reads."""
_ASIDE = {
    "quiet": Decision(Mode.QUIET, Reason.QUIET),
    "impersonate": Decision(Mode.OFF, Reason.IMPERSONATION),
}
"""What is no answer in the chat, where the front-end says so itself."""
_TASKS = re.compile(r"(?:tasks\.)?(?!moa_)\w+_generation|(?:tasks\.)?function_calling")
"""What Open WebUI calls what it asks beside a chat; an answer made of several is read in it."""
_FREE = ("auto", "none", "")
"""Choices of a tool that leave the model free to write a text."""


def decide(
    request: ChatRequest,
    *,
    asked: str | None,
    setting: Mode | None,
    on: bool = True,
    unstreamed: Unstreamed = Unstreamed.AUTO,
    named: bool = False,
    generation: str | None = None,
) -> Decision:
    """How the answer to a request is illustrated.

    A wish counts before any guess: the header's first, then the model's suffix, then the
    settings'. Without one, answers that a program reads, those of side requests and those that
    nobody reads as they come are left alone.

    Args:
        request: The request.
        asked: The header ``X-Limner-Mode``, if it is there.
        setting: What the settings say; ``None``: nothing.
        on: Whether they allow any picture; if not, no wish counts.
        unstreamed: What they say of answers that are not streamed.
        named: Whether the request names its conversation.
        generation: What it is for, in SillyTavern's words or Open WebUI's, where the front-end
            says so in ``X-Limner-Generation``: ``quiet``, ``impersonate``, ``title_generation``,
            or a kind of answer in the chat.

    Raises:
        ValueError: The header names no mode.

    Examples:
        >>> body = b'{"stream": true, "messages": [{"role": "user", "content": "%s"}]}'
        >>> ask = lambda text, header=None, setting=None: str(
        ...     decide(ChatRequest.read(body % text), asked=header, setting=setting))
        >>> ask(b"A story!"), ask(b"A story!", "hold"), ask(b"A story!", "off")
        ('inline', 'hold', 'off; reason=wish')
        >>> ask(b"### Task: Suggest tags."), ask(b"### Task: Suggest tags.", "append")
        ('off; reason=side-request', 'append')
        >>> ask(b"### Task: Suggest tags.", setting=Mode.INLINE)
        'inline'
        >>> str(decide(ChatRequest.read(b'{}'), asked=None, setting=None, generation="quiet"))
        'quiet; reason=quiet'
    """
    if not on:
        return Decision(Mode.OFF, Reason.SETTING)
    wanted = Mode(asked.strip().lower()) if asked and asked.strip() else request.suffix
    if wanted is not None:
        return Decision(wanted, Reason.WISH if wanted is Mode.OFF else None)
    aside = _aside(generation or "")
    if aside is not None:
        return aside
    if setting is not None:
        return Decision(setting, Reason.SETTING if setting is Mode.OFF else None)
    reason = _guess(request, told=bool(generation))
    if reason is None and not generation:
        reason = _unread(request, unstreamed, named)
    return Decision(Mode.INLINE) if reason is None else Decision(Mode.OFF, reason)


def _aside(generation: str) -> Decision | None:
    """What becomes of what is no answer in a chat, where the front-end says so."""
    if _TASKS.fullmatch(generation.lower()):
        return Decision(Mode.OFF, Reason.SIDE_REQUEST)
    return _ASIDE.get(generation)


def _guess(request: ChatRequest, *, told: bool = False) -> Reason | None:
    """What speaks against pictures in a request that does not say.

    Args:
        request: The request.
        told: Whether it is known to be an answer in a chat.
    """
    form = request.get("response_format")
    messages = request.get("messages")
    if _forces_a_tool(request):
        return Reason.FORCED_TOOL
    if isinstance(form, dict) and str(form.get("type", "text")) != "text":
        return Reason.RESPONSE_FORMAT
    if any(request.get(name) for name in request.fields.keys() & _GRAMMARS):
        return Reason.GRAMMAR
    if not isinstance(messages, list) or not messages:
        return Reason.COMPLETION if "prompt" in request.fields else Reason.NO_MESSAGES
    if told:
        return None
    if (prompt := prompt_of(messages)) is not None:
        for_user = read_transcript(prompt, stops_of(request)).for_user
        return Reason.IMPERSONATION if for_user else None
    read = [message for message in messages if isinstance(message, dict)]
    if is_side_request(read):
        return Reason.SIDE_REQUEST
    return Reason.IMPERSONATION if is_impersonation(read) else None


def _unread(request: ChatRequest, unstreamed: Unstreamed, named: bool) -> Reason | None:
    """Whether nobody reads the answer as it comes, and the settings do not have it illustrated."""
    if request.get("stream") is True or unstreamed is Unstreamed.INLINE:
        return None
    messages = [one for one in request.get("messages") if isinstance(one, dict)]
    tools = bool(request.get("tools") or request.get("functions"))
    if unstreamed is Unstreamed.AUTO and is_read(messages, tools=tools, named=named):
        return None
    return Reason.UNSTREAMED


def _forces_a_tool(request: ChatRequest) -> bool:
    """Whether the answer has to be a call; tools that may be called say nothing.

    Front-ends offer their tools with every chat. What the model says beside its calls, or after
    them, is as much a part of the story as without any.
    """
    if not (request.get("tools") or request.get("functions")):
        return False
    return _is_forced(request.get("tool_choice")) or _is_forced(request.get("function_call"))


def _is_forced(choice: Any) -> bool:
    """Whether a choice of a tool leaves no other answer.

    It is a word (``required``, Mistral's ``any``, a function's name) or an object: one that names
    a function, or OpenAI's ``allowed_tools``, whose mode is again a word.
    """
    if isinstance(choice, str):
        return choice not in _FREE
    if not isinstance(choice, dict):
        return False
    kind = choice.get("type")
    if kind == "allowed_tools":
        allowed = choice.get("allowed_tools")
        return _is_forced((allowed if isinstance(allowed, dict) else choice).get("mode"))
    return bool(choice) and kind not in _FREE
