"""Small previews of pictures that are still latents.

Decoding latents takes about as long as some steps. A latent's channels are, to a first
approximation, a linear picture of what will be seen, an eighth as large (found by Kevin Turner,
"Decoding latents to RGB without upscaling", huggingface.co forum, 2022). Which linear one differs
from model to model; here it is fitted to what the model's own decoder makes of some noise.
"""

import io
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

SAMPLE = 16
"""Side of the noise, in latents."""
LARGEST = 256
"""Side of a preview, in pixels, at most."""


class LatentColours:
    """A linear map from latents to colours.

    Args:
        weights: One row for each channel and one for the constant; red, green, blue from 0 to 1.
    """

    def __init__(self, weights: NDArray[np.float64]) -> None:
        self._weights = weights

    @classmethod
    def of(cls, torch: Any, vae: Any) -> Self:
        """Fit it to a decoder. It decodes one small picture."""
        scale, shift = vae.config.scaling_factor, getattr(vae.config, "shift_factor", None) or 0.0
        shape = (1, vae.config.latent_channels, SAMPLE, SAMPLE)
        noise = torch.randn(shape, generator=torch.Generator("cpu").manual_seed(0))
        with torch.no_grad():
            sent = (noise / scale + shift).to(device=vae.device, dtype=vae.dtype)
            decoded = vae.decode(sent, return_dict=False)[0]
        pixels = _array(decoded)[0] / 2 + 0.5
        step = pixels.shape[-1] // SAMPLE
        colours = pixels.reshape(3, SAMPLE, step, SAMPLE, step).mean(axis=(2, 4))
        return cls.fitted(_array(noise)[0], colours)

    @classmethod
    def fitted(cls, latents: NDArray[np.float64], colours: NDArray[np.float64]) -> Self:
        """Fit it to latents ``(channels, h, w)`` and the colours ``(3, h, w)`` they decode to."""
        known = _rows(latents)
        weights, *_ = np.linalg.lstsq(known, colours.reshape(3, -1).T, rcond=None)
        return cls(np.asarray(weights, dtype=np.float64))

    def picture(self, latents: Any) -> bytes:
        """A small PNG of a batch of one latent ``(1, channels, h, w)``."""
        values = _array(latents)[0]
        colours = np.clip(_rows(values) @ self._weights, 0, 1).reshape(*values.shape[1:], 3)
        small = Pillow.fromarray((np.nan_to_num(colours) * 255).astype(np.uint8))
        times = max(1, min(8, LARGEST // max(small.size)))
        preview = io.BytesIO()
        large = small.resize((small.width * times, small.height * times), Pillow.Resampling.BICUBIC)
        large.save(preview, "PNG")
        return preview.getvalue()


def _array(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().float().cpu().numpy(), dtype=np.float64)


def _rows(latents: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = np.nan_to_num(latents).reshape(latents.shape[0], -1).T
    return np.hstack([flat, np.ones((flat.shape[0], 1))])
