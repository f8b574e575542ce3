"""What a client asks: read as far as needed, and kept as it is everywhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import msgspec

from limner.errors import RequestRejected
from limner.server.proxy.mode import Mode

Fields = dict[str, msgspec.Raw]

_fields = msgspec.json.Decoder(Fields)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """The body of a request, its fields unread.

    Attributes:
        body: The body as it came.
        fields: Its fields as they came, in their order.
        model: The model it asks for, without our suffix; ``""`` if it names none.
        suffix: The mode that stood behind the model's name, if one did.
    """

    body: bytes
    fields: Mapping[str, msgspec.Raw]
    model: str
    suffix: Mode | None
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Read a body.

        Raises:
            RequestRejected: It is no JSON object.

        Examples:
            >>> request = ChatRequest.read(b'{"model": "llama3:8b:hold", "min_p": 1e-3}')
            >>> request.model, str(request.suffix), request.encoded()
            ('llama3:8b', 'hold', b'{"model":"llama3:8b","min_p":1e-3}')
        """
        try:
            fields = _fields.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RequestRejected(f"the body is no JSON object: {error}") from None
        named = _plain(fields["model"]) if "model" in fields else None
        model, suffix = split_suffix(named if isinstance(named, str) else "")
        if suffix is not None:
            fields["model"] = msgspec.Raw(_encode(model))
        return cls(body, fields, model, suffix)

    def get(self, name: str) -> Any:
        """A field's value, not to be changed; ``None`` if it is absent, null or no value at all."""
        if name not in self.fields:
            return None
        if name not in self._known:
            self._known[name] = _plain(self.fields[name])
        return self._known[name]

    def replaced(self, **values: Any) -> "ChatRequest":
        """The same request with other values of some fields."""
        made = {name: msgspec.Raw(_encode(value)) for name, value in values.items()}
        return ChatRequest(b"", {**self.fields, **made}, self.model, self.suffix)

    def encoded(self) -> bytes:
        """The body to be sent: as it came, to the byte, where nothing was changed."""
        if self.body and self.suffix is None:
            return self.body
        return _encode(self.fields)


def split_suffix(model: str) -> tuple[str, Mode | None]:
    """A model's name and the mode behind it.

    Examples:
        >>> split_suffix("llama3:8b"), split_suffix("m:off")
        (('llama3:8b', None), ('m', <Mode.OFF: 'off'>))
    """
    name, colon, last = model.rpartition(":")
    if colon and name and last in set(Mode):
        return name, Mode(last)
    return model, None


def _plain(value: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
