"""The versions of one slot's prompt: a tree, because every change starts from some version."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from limner.errors import UnknownSlot


class PromptSource(StrEnum):
    """Who wrote a version of a prompt."""

    MODEL = "model"
    """The model that wrote the message: the tag as it stands in the text."""
    EDITED = "edited"
    """A person."""
    REFINED = "refined"
    """A model, after somebody's feedback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """One version of a prompt. It never changes; changes make further versions.

    Attributes:
        number: Its index in the tree; 0 is what the tag said.
        text: The prompt.
        parent: The version it was made from; ``None`` for the first.
        source: Who wrote it.
        feedback: What was said to get it, for refined ones.
    """

    number: int
    text: str
    parent: int | None = None
    source: PromptSource = PromptSource.MODEL
    feedback: str | None = None


@dataclass(frozen=True, slots=True)
class PromptTree:
    """All versions of one slot's prompt, and which of them counts now.

    Attributes:
        versions: In the order in which they were made; a version's number is its index here.
        current: The number of the version that is drawn next.

    Examples:
        >>> tree = PromptTree.of("a fox").edited("a red fox").refined("a red fox at dusk", "darker")
        >>> tree.text, [version.parent for version in tree.versions]
        ('a red fox at dusk', [None, 0, 1])
        >>> tree.restored(0).edited("a white fox").versions[-1].parent
        0
    """

    versions: tuple[PromptVersion, ...]
    current: int = 0

    @classmethod
    def of(cls, text: str) -> "PromptTree":
        """The tree of a prompt that was never changed."""
        return cls((PromptVersion(number=0, text=text),))

    @property
    def text(self) -> str:
        """The prompt as it is now."""
        return self.versions[self.current].text

    def edited(self, text: str) -> "PromptTree":
        """With a version that a person wrote, made from the current one.

        Raises:
            ValueError: The text is blank.
        """
        return self._with(text, PromptSource.EDITED, None)

    def refined(self, text: str, feedback: str) -> "PromptTree":
        """With a version that a model wrote after this feedback, made from the current one.

        Raises:
            ValueError: The text is blank.
        """
        return self._with(text, PromptSource.REFINED, feedback)

    def restored(self, number: int) -> "PromptTree":
        """With this version as the current one.

        Raises:
            UnknownSlot: There is no such version.
        """
        if not 0 <= number < len(self.versions):
            raise UnknownSlot(f"version {number} of this prompt")
        return replace(self, current=number)

    def brought_back(self, now: "PromptTree", used: Iterable[int]) -> "PromptTree":
        """This former self, with the versions made since if one of them is in use.

        Args:
            now: The tree as it is.
            used: The numbers of versions of which pictures are drawn, or were.

        Examples:
            >>> former = PromptTree.of("a fox")
            >>> tree = former.brought_back(former.edited("a red fox"), used=[0, 1])
            >>> tree.text, [version.text for version in tree.versions]
            ('a fox', ['a fox', 'a red fox'])
        """
        known = len(self.versions)
        if max(used, default=0) < known or len(now.versions) < known:
            return self
        return now.restored(self.current)

    def chain(self, number: int) -> tuple[PromptVersion, ...]:
        """The versions from the first to this one."""
        found: list[PromptVersion] = []
        at: int | None = number
        while at is not None:
            found.append(self.versions[at])
            at = self.versions[at].parent
        return tuple(reversed(found))

    def children(self, number: int) -> tuple[PromptVersion, ...]:
        """The versions made from this one."""
        return tuple(version for version in self.versions if version.parent == number)

    def _with(self, text: str, source: PromptSource, feedback: str | None) -> "PromptTree":
        text = text.strip()
        if not text:
            raise ValueError("the prompt is blank")
        # The same words again are no new version: neither twins nor cycles can arise.
        for version in self.versions:
            if version.text == text:
                return replace(self, current=version.number)
        made = PromptVersion(
            number=len(self.versions),
            text=text,
            parent=self.current,
            source=source,
            feedback=feedback,
        )
        return PromptTree((*self.versions, made), made.number)
