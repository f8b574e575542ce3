"""NovelAI's precise reference: a character or a style as a picture shows it, for models of 4.5.

The picture stands, as large as it fits, in the middle of one of three canvases. Source: what
clients of its API send as ``director_reference_…``, November 2026; how faithful a picture is to be
is sent turned round, as what may change.
"""

import base64
import io
from typing import Any

from PIL import Image as Pillow

from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.support.references import Reference

CANVASES = ((1472, 1472), (1536, 1024), (1024, 1536))


def takes_reference(model: str) -> bool:
    """Whether a model looks at a reference picture.

    Examples:
        >>> takes_reference("nai-diffusion-4-5-full"), takes_reference("nai-diffusion-4-full")
        (True, False)
    """
    return "diffusion-4-5" in model


def parameters(reference: Reference, options: NovelAIOptions) -> dict[str, Any]:
    """What is sent beside the rest."""
    caption: dict[str, Any] = {
        "base_caption": options.reference_type, "char_captions": [],
    }  # fmt: skip
    return {
        "director_reference_images": [on_canvas(reference)],
        "director_reference_descriptions": [{"caption": caption, "legacy_uc": False}],
        "director_reference_information_extracted": [1.0],
        "director_reference_strength_values": [options.reference_strength],
        "director_reference_secondary_strength_values": [round(1 - options.reference_fidelity, 2)],
    }


def on_canvas(reference: Reference) -> str:
    """The picture on the canvas that is most like it, as base64."""
    shape = reference.width / reference.height
    canvas = min(CANVASES, key=lambda size: abs(size[0] / size[1] - shape))
    with Pillow.open(io.BytesIO(reference.data)) as picture:
        plain = picture.convert("RGB")
    share = min(canvas[0] / plain.width, canvas[1] / plain.height)
    fitted = plain.resize((max(1, int(plain.width * share)), max(1, int(plain.height * share))))
    whole = Pillow.new("RGB", canvas)
    whole.paste(fitted, ((canvas[0] - fitted.width) // 2, (canvas[1] - fitted.height) // 2))
    data = io.BytesIO()
    whole.save(data, "JPEG", quality=95)
    return base64.b64encode(data.getvalue()).decode()
