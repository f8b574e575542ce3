"""Plain text that comes in one read is scanned at once; what leaves is the same as ever."""

import pytest
from tests.server.proxy.streams import TAG, RecordingSink, rewrite, texts

from limner.prompts import PromptScanner
from limner.testing.chat_server.dialects import DIALECTS

OPENAI = DIALECTS[0]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that scanners take as plain text without a look at its parts."""
    taken: list[str] = []
    passes = PromptScanner.passes

    def passing(self: PromptScanner, chunk: str) -> bool:
        passed = passes(self, chunk)
        if passed:
            taken.append(chunk)
        return passed

    monkeypatch.setattr(PromptScanner, "passes", passing)
    return taken


def test_plain_text_of_one_read_is_scanned_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once its choice has begun to say something."""
    taken = counted(monkeypatch)
    events = OPENAI.events(["So ", "once ", "upon ", "a ", "time."])
    sink = RecordingSink()
    reads = b"".join(events[:2]), b"".join(events[2:])
    assert rewrite(*reads, sink=sink) == b"".join(events)
    assert "once upon a time." in taken
    assert sink.texts[0] == "So once upon a time."


def test_text_with_a_tag_in_it_is_scanned_piece_by_piece() -> None:
    """So that what is sent does not depend on where the network cut it."""
    events = OPENAI.events(["So ", "once ", TAG[:9], TAG[9:], " upon ", "a time."])
    whole, single = RecordingSink(), RecordingSink()
    sent = rewrite(b"".join(events), sink=whole)
    assert sent == rewrite(*events, sink=single)
    assert texts(sent)[0].startswith("So once ")
    assert whole.texts == single.texts
