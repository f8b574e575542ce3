"""NovelAI."""

from limner.backends.images.novelai.backend import NovelAIBackend

__all__ = ["NovelAIBackend"]
