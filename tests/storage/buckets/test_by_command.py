"""`limner repair` and `limner gc` where pictures are in a bucket, as anybody runs them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pytest
from tests.cli.conftest import limner
from tests.storage.buckets.object_store import Bucket, bucket, object_store
from tests.storage.conftest import postgres, postgres_program, postgres_server

from limner.storage import Library
from limner.storage.database.tables import images

__all__ = ["bucket", "limner", "object_store", "postgres", "postgres_program", "postgres_server"]

pytestmark = [pytest.mark.real_time, pytest.mark.needs("obstore", "asyncpg", "moto")]

Command = Callable[..., Any]
STORY = "".join(f'Part {n}. <!--img-prompt="fox {n}" size="64x64"--> ' for n in range(3))
USUAL = "--backend", "sketch"


@pytest.fixture
def kept(
    limner: Command, postgres: str, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Bucket:
    """Where the three pictures of a story are, of a library that every command uses."""
    monkeypatch.setenv("LIMNER_LIBRARY", postgres)
    monkeypatch.setenv("LIMNER_LIBRARY_PICTURES", bucket.url)
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "-o", "out.md", *USUAL)
    assert ran.code == 0, ran.err
    assert len(pictures(bucket)) == 3
    return bucket


def pictures(bucket: Bucket) -> list[str]:
    """The pictures that are there."""
    return [name for name in bucket.names() if name.endswith(".webp")]


def test_what_is_gone_or_damaged_in_a_bucket_is_drawn_again(
    limner: Command, kept: Bucket, tmp_path: Path
) -> None:
    """As it was: the same bytes have the same name."""
    first, second, third = pictures(kept)
    data = obstore.get(kept.store(), second).bytes().to_bytes()
    obstore.delete(kept.store(), first)
    obstore.put(kept.store(), second, data[:-1] + bytes([data[-1] ^ 0xFF]))
    dry = limner("repair", "--dry-run", *USUAL)
    assert dry.code == 1
    assert dry.err.count("would draw picture") == 2
    ran = limner("repair", *USUAL)
    assert ran.code == 0, ran.err
    assert pictures(kept) == [first, second, third]
    assert obstore.get(kept.store(), second).bytes().to_bytes() == data
    assert limner("repair", *USUAL).code == 0


def test_what_was_deleted_leaves_a_bucket_after_an_hour(
    limner: Command, postgres: str, kept: Bucket
) -> None:
    """What is kept stays; a dry run removes nothing, and neither is anything removed before."""

    async def an_hour_later() -> None:
        async with await Library.open(postgres, pictures=kept.url) as library:
            await library._at_length(
                lambda connection: connection.execute(images.update().values(created_at=0)).close()
            )

    assert limner("gc").out == "nothing to remove\n"
    assert limner("delete", "story.md").code == 0
    assert "would remove 1 chat" in limner("gc", "--keep-deleted", "0", "--dry-run").out
    assert "removed 1 chat, 1 message" in limner("gc", "--keep-deleted", "0").out
    assert len(pictures(kept)) == 3
    asyncio.run(an_hour_later())
    assert "would remove 3 pictures" in limner("gc", "--dry-run").out
    assert len(pictures(kept)) == 3
    assert "removed 3 pictures" in limner("gc").out
    assert pictures(kept) == []
    assert limner("gc").out == "nothing to remove\n"
