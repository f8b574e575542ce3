"""Slots as records: what the tables keep of them, and what the undo log keeps as JSON."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from limner.illustration import (
    Alternative,
    Failure,
    Image,
    PendingDrawing,
    PromptSource,
    PromptTree,
    PromptVersion,
    Slot,
    SlotId,
    SlotState,
)
from limner.prompts import PromptTag
from limner.storage.files.stored_image import StoredImage

Record = Mapping[Any, Any]
"""Plain values under the names of a table's columns."""

ImageOf = Callable[[Record], StoredImage]
"""Gives the picture that a record names."""


def with_images(slot: Slot, kept: Mapping[int, StoredImage]) -> Slot:
    """The slot with those of its pictures that are kept now in the place of those given."""
    if not any(id(made.image) in kept for made in slot.alternatives):
        return slot
    return replace(
        slot,
        alternatives=tuple(
            replace(made, image=kept.get(id(made.image), made.image)) for made in slot.alternatives
        ),
    )


def slot_record(slot: Slot) -> dict[str, Any]:
    """What the table of slots keeps."""
    failure = slot.failure
    return {
        "ordinal": slot.id.ordinal,
        "tag_prompt": slot.tag.prompt,
        "tag_source": slot.tag.source,
        "tag_start": slot.tag.start,
        "tag_end": slot.tag.end,
        "tag_attributes": dict(slot.tag.attributes),
        "current_version": slot.prompts.current,
        "state": slot.state.value,
        "selected": slot.selected,
        "failure_kind": failure.kind if failure else None,
        "failure_reason": failure.reason if failure else None,
        "attempts": slot.attempts,
    }


def version_records(slot: Slot) -> list[dict[str, Any]]:
    """What the table of prompts' versions keeps."""
    return [
        {
            "number": version.number,
            "text": version.text,
            "parent": version.parent,
            "source": version.source.value,
            "feedback": version.feedback,
        }
        for version in slot.prompts.versions
    ]


def alternative_records(slot: Slot) -> list[dict[str, Any]]:
    """What the table of alternatives keeps. Their pictures must be kept already."""
    return [
        {
            "position": position,
            "id": made.id,
            "prompt": made.prompt,
            "version": made.version,
            "request_key": made.request_key,
            **image_record(made.image),
        }
        for position, made in enumerate(slot.alternatives)
    ]


def image_record(image: Image) -> dict[str, Any]:
    """What is kept of one use of a picture."""
    if not isinstance(image, StoredImage):
        raise TypeError("the picture has no file yet")
    return {
        "digest": image.digest,
        "media_type": image.media_type,
        "width": image.width,
        "height": image.height,
        "seed": image.seed,
        "info": dict(image.info),
    }


def job_records(slot: Slot) -> list[dict[str, Any]]:
    """What the table of jobs keeps."""
    return [
        {
            "position": position,
            "attempt": drawing.attempt,
            "version": drawing.version,
            "replaces": drawing.replaces,
            "requested_at": drawing.requested_at,
            "reference": drawing.reference,
            "size": drawing.size,
            "seed": drawing.seed,
        }
        for position, drawing in enumerate(slot.pending)
    ]


def slot_of(
    slot_id: SlotId,
    slot: Record,
    *,
    versions: Iterable[Record],
    alternatives: Iterable[Record],
    jobs: Iterable[Record],
    image_of: ImageOf,
) -> Slot:
    """The slot that these records were made of; each kind in its order."""
    tag = PromptTag(
        slot["tag_prompt"],
        slot["tag_source"],
        slot["tag_start"],
        slot["tag_end"],
        slot["tag_attributes"],
    )
    tree = PromptTree(tuple(_version_of(record) for record in versions), slot["current_version"])
    failed = slot["failure_kind"] is not None
    return Slot(
        id=slot_id,
        tag=tag,
        prompts=tree,
        state=SlotState(slot["state"]),
        alternatives=tuple(_alternative_of(record, image_of) for record in alternatives),
        selected=slot["selected"],
        failure=Failure(slot["failure_kind"], slot["failure_reason"] or "") if failed else None,
        attempts=slot["attempts"],
        pending=tuple(_job_of(record) for record in jobs),
        revision=slot.get("revision"),
    )


def _version_of(record: Record) -> PromptVersion:
    return PromptVersion(
        number=record["number"],
        text=record["text"],
        parent=record["parent"],
        source=PromptSource(record["source"]),
        feedback=record["feedback"],
    )


def _alternative_of(record: Record, image_of: ImageOf) -> Alternative:
    return Alternative(
        image=image_of(record),
        prompt=record["prompt"],
        id=record["id"],
        version=record["version"],
        request_key=record["request_key"],
        made_at=record.get("made_at"),
    )


def _job_of(record: Record) -> PendingDrawing:
    return PendingDrawing(
        attempt=record["attempt"],
        version=record["version"],
        replaces=record["replaces"],
        requested_at=record["requested_at"],
        reference=record.get("reference", ""),
        size=record.get("size", ""),
        seed=record.get("seed"),
    )


def snapshot(slot: Slot) -> dict[str, Any]:
    """A whole slot as JSON, with the sizes of its pictures' files."""
    sizes = {made.image.digest: made.image.size for made in slot.alternatives
             if isinstance(made.image, StoredImage)}  # fmt: skip
    ages = {made.id: made.made_at for made in slot.alternatives}
    return {
        **slot_record(slot),
        "versions": version_records(slot),
        "alternatives": [
            {**record, "size": sizes[record["digest"]], "made_at": ages[record["id"]]}
            for record in alternative_records(slot)
        ],
        "jobs": job_records(slot),
    }


def of_snapshot(message_id: str, variant: int, record: Record, image_of: ImageOf) -> Slot:
    """The slot that was kept as JSON."""
    return slot_of(
        SlotId(message_id, variant, record["ordinal"]),
        record,
        versions=record["versions"],
        alternatives=record["alternatives"],
        jobs=record["jobs"],
        image_of=image_of,
    )
