"""The models a server offers, from the body of ``GET /models``."""

from typing import Any

import msgspec

from limner.backends.text.refusal import not_an_endpoint


def model_ids(body: bytes, content_type: str, *, server: str) -> list[str]:
    """The ids in a list of models, in the server's order.

    Raises:
        BackendRejected: It is no list of models.

    Examples:
        >>> model_ids(b'{"data": [{"id": "tiny"}, {"id": "large"}]}', "", server="here")
        ['tiny', 'large']
    """
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        answer = None
    listed = _listed(answer)
    if listed is None:
        text = body.decode("utf-8", "replace")
        raise not_an_endpoint(text, content_type, server=server)
    return [name for entry in listed if (name := _name(entry))]


def _listed(answer: Any) -> list[Any] | None:
    """The list in the answer: OpenAI's ``data``, Ollama's ``models``, or the answer itself."""
    if isinstance(answer, dict):
        answer = next((answer[name] for name in ("data", "models") if answer.get(name)), [])
    return answer if isinstance(answer, list) else None


def _name(entry: Any) -> str:
    if isinstance(entry, dict):
        entry = entry.get("id") or entry.get("name")
    return entry if isinstance(entry, str) else ""
