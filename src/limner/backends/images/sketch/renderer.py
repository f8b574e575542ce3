"""From the words of a prompt to a picture, in this process."""

from limner.backends.images.sketch.lexicon import read
from limner.backends.images.sketch.painter import Report, paint_scene, seed_of
from limner.backends.images.sketch.scene import Scene


def paint(prompt: str, *, width: int = 768, height: int = 512, seed: int | None = None) -> bytes:
    """Paint a prompt.

    Args:
        prompt: What to paint, in English words; unknown words are passed over.
        width: In pixels, 64 to 2048.
        height: In pixels, 64 to 2048.
        seed: Chooses among the many pictures of one prompt; ``None`` takes the prompt's own.

    Returns:
        A WebP file of exactly that size. The same arguments give the same bytes as long as the
        libraries (Pillow, numpy, resvg) keep their versions.

    >>> paint("a small fox in a snowy forest", width=64, height=64)[:4]
    b'RIFF'
    """
    return paint_read(prompt, width=width, height=height, seed=seed)[0]


def paint_read(
    prompt: str,
    *,
    width: int,
    height: int,
    seed: int | None,
    report: Report = lambda _: None,
) -> tuple[bytes, Scene, int]:
    """The picture with the scene it was painted from and the seed it has."""
    scene = read(prompt)
    chosen = seed_of(prompt) if seed is None else seed
    data = paint_scene(scene, width=width, height=height, seed=chosen, report=report)
    return data, scene, chosen
