"""An IP-Adapter: lets a pipeline look at pictures beside the prompt."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from limner.errors import BackendRejected

ENCODER = "image_encoder"
"""The folder beside an adapter's weights with what looks at pictures."""

SIDE = 224
"""Of the empty picture that is looked at where there is none."""


def add_ip_adapter(pipeline: Any, written: str, model: str) -> None:
    """Join an adapter to a pipeline.

    Args:
        pipeline: The pipeline.
        written: The file of its weights.
        model: What the pipeline is called, for errors.

    Raises:
        limner.errors.BackendRejected: It is not there, or the pipeline can have none.
    """
    place = Path(written).expanduser()
    if place.suffix != ".safetensors" or not place.is_file():  # other formats can hold programs
        raise BackendRejected(f"there is no IP-Adapter at {place} (.safetensors)", server=model)
    if not hasattr(pipeline, "load_ip_adapter"):
        raise BackendRejected(f"{model} can have no IP-Adapter", server=model)
    beside = (place.parent / ENCODER).is_dir()
    if not beside and getattr(pipeline, ENCODER, None) is None:
        raise BackendRejected(
            f"the IP-Adapter {place} has no folder {ENCODER} beside it", server=model
        )
    pipeline.load_ip_adapter(
        str(place.parent), subfolder="", weight_name=place.name,
        image_encoder_folder=ENCODER if beside else None, local_files_only=True,
    )  # fmt: skip


def shown_pictures(pipeline: Any, references: Sequence[bytes], strength: float) -> list[list[Any]]:
    """What the adapter looks at for one picture: at nothing, with no weight, where there is none.

    A pipeline with an adapter cannot draw without it.

    Args:
        pipeline: The pipeline; its adapter is set to the weight.
        references: Encoded pictures.
        strength: How much they count, 0 to 1.
    """
    pipeline.set_ip_adapter_scale(strength if references else 0.0)
    pictures = [Pillow.open(io.BytesIO(data)).convert("RGB") for data in references]
    return [pictures or [Pillow.new("RGB", (SIDE, SIDE))]]
