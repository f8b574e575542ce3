"""Colour profiles: kept where they are ones, and nothing else rides in their place."""

import io
import zlib

import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from limner.backends.images.support.checking import check_picture

SECRET = b"<script>alert(1)</script>" * 20


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _picture(kind: str, profile: bytes) -> bytes:
    whole = io.BytesIO()
    Pillow.new("RGB", (32, 16), "teal").save(whole, kind, icc_profile=profile)
    return whole.getvalue()


def _kept(data: bytes) -> bytes | None:
    with Pillow.open(io.BytesIO(check_picture(data).data)) as picture:
        picture.load()
        kept: bytes | None = picture.info.get("icc_profile")
    return kept


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_profile_is_kept(kind: str) -> None:
    """It says how the colours are meant."""
    assert _kept(_picture(kind, _profile())) == _profile()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    "profile",
    [SECRET, _profile() + SECRET, _profile()[:100], bytes(300)],
    ids=["a script", "a script behind it", "cut off", "zeroes"],
)
def test_what_is_no_profile_is_dropped(kind: str, profile: bytes) -> None:
    """The picture is as good without it."""
    data = _picture(kind, profile)
    assert _kept(data) is None
    kept = check_picture(data).data
    assert SECRET[:25] not in kept
    assert zlib.compress(SECRET)[:20] not in kept


def test_a_large_profile_in_many_segments_is_kept() -> None:
    """JPEG holds 64 kB in one."""
    body = _profile()[4:] + bytes(150_000 - len(_profile()))
    large = (len(body) + 4).to_bytes(4) + body
    assert _kept(_picture("JPEG", large)) == large
