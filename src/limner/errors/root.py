"""The base of every error limner raises on purpose, and how such an error travels."""

import copy
import io
import pickle
from typing import Any, Self


class LimnerError(Exception):
    """Base of every error limner raises on purpose.

    Errors, and subclasses of them that others write, can be pickled and copied: type, text, fields
    and notes stay, however the constructor is called. A field that cannot be pickled travels as a
    string that says so; in a deep copy, what cannot be copied is shared. Causes, contexts and
    tracebacks stay behind, as they do for all of Python's exceptions.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call the constructor with `args`, the finished text, in place of the fields.
        args, fields = self._contents()
        portable = {name: _portable(value) for name, value in fields.items()}
        return _revived, (type(self), tuple(map(_portable, args))), portable

    def __copy__(self) -> Self:
        args, fields = self._contents()
        twin: Self = _revived(type(self), args)
        twin.__setstate__(fields)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        args, fields = self._contents()
        twin: Self = _revived(type(self), tuple(_copied(value, memo) for value in args))
        memo[id(self)] = twin  # a field may lead back here
        twin.__setstate__({name: _copied(value, memo) for name, value in fields.items()})
        return twin

    def _contents(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments Python knows of, and everything else it would keep."""
        kept: Any = super().__reduce__()  # what kind of error we are, too, may keep something
        return kept[1], dict(kept[2]) if len(kept) > 2 else {}


def _revived(kind: type[Any], args: tuple[Any, ...]) -> Any:
    """The error again, without its constructor; the fields are put back by whoever calls this."""
    error = kind.__new__(kind, *args)
    error.args = args
    return error


class _Trial(pickle.Pickler):
    """Finds out whether something can be pickled. Our own errors can, and may form circles."""

    def persistent_id(self, value: Any) -> str | None:
        return "error" if isinstance(value, LimnerError) else None


def _portable(value: Any) -> Any:
    try:
        _Trial(io.BytesIO()).dump(value)
    except Exception:  # whatever the value's own methods raise: it stays behind, the error goes
        return f"<{type(value).__qualname__}, which cannot be pickled>"
    return value


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # as above
        return value
