"""Styles by name: what a picture is drawn or painted with, in words that image models know.

None of them names anything that could be seen in a picture, so that a picture of a fox stays one.
"""

from limner.prompts.composition.style import Style

_NOT_DRAWN = "photo, photorealistic, 3d render"
_NEVER = "text, watermark, signature"

PRESETS = (
    Style(
        name="watercolour",
        prefix="watercolour illustration, soft washes, delicate lines",
        negative=f"{_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="ink",
        prefix="pen and ink illustration, fine hatching, black and white",
        negative=f"colour, {_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="pencil",
        prefix="pencil drawing, soft graphite shading, monochrome",
        negative=f"colour, {_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="charcoal",
        prefix="charcoal drawing, strong contrasts, smudged shading, monochrome",
        negative=f"colour, {_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="oil",
        prefix="oil painting, visible brushwork, rich colours",
        negative=f"{_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="gouache",
        prefix="gouache illustration, flat opaque colours, matte finish",
        negative=f"{_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="storybook",
        prefix="classic storybook illustration, warm colours, gentle outlines",
        negative=f"{_NOT_DRAWN}, {_NEVER}, frightening",
    ),
    Style(
        name="woodcut",
        prefix="woodcut print, bold carved lines, high contrast",
        negative=f"{_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="engraving",
        prefix="nineteenth-century engraving, fine parallel lines, monochrome",
        negative=f"colour, {_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="art-nouveau",
        prefix="art nouveau illustration, flowing ornamental lines, muted colours",
        negative=f"{_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="comic",
        prefix="comic art, bold outlines, flat colours, halftone shading",
        negative=f"{_NOT_DRAWN}, {_NEVER}, speech bubbles",
    ),
    Style(
        name="anime",
        prefix="anime illustration, clean line art, vibrant colours",
        negative=f"{_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="pixel-art",
        prefix="pixel art, few colours, crisp pixels",
        negative=f"blurry, {_NOT_DRAWN}, {_NEVER}",
    ),
    Style(
        name="cinematic",
        prefix="cinematic still, dramatic lighting, shallow depth of field",
        negative=f"drawing, painting, {_NEVER}",
    ),
    Style(
        name="photo",
        prefix="photograph, natural light, sharp focus",
        negative=f"drawing, painting, illustration, {_NEVER}",
    ),
)
"""The styles that everybody has, in the order in which they are shown."""


def style_preset(name: str) -> Style | None:
    """The style of this name, in upper or lower case, if there is one.

    Examples:
        >>> style_preset("Pixel Art").prefix
        'pixel art, few colours, crisp pixels'
        >>> style_preset("a house of cards") is None
        True
    """
    wanted = "-".join(name.casefold().replace("watercolor", "watercolour").split())
    return next((style for style in PRESETS if style.name == wanted), None)
