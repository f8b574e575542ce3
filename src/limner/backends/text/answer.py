"""The former home of `limner.backends.text.openai.answer`, for those who import it from here."""

from limner.backends.text.openai.answer import AnswerReader

__all__ = ["AnswerReader"]
