"""Make limner's art file from the Noto emoji set and our own drawings.

Run it when a drawing is added or the emoji set has a new version::

    npm pack @iconify-json/noto@1.2.9 && tar xzf iconify-json-noto-1.2.9.tgz
    python tools/extract_art.py package/icons.json

``tools/art/noto.toml`` lists the emoji that are taken as they are. Each ``tools/art/*.svg`` is a
drawing of our own. It may take parts from elsewhere: ``<use href="noto:fox"/>`` is replaced by
that emoji and ``<use href="parts:robe"/>`` by ``tools/art/parts/robe.svg``, each in a group that
carries the other attributes of the ``use``. ``data-recolour="#aaaaaa:#bbbbbb …"`` swaps colours
in it, ``data-without="#cccccc …"`` leaves out its shapes of these colours.

Every view box is cut to what is really painted, so that a thing's feet are at the bottom edge of
its drawing. The same input gives the same file, byte for byte.
"""

import argparse
import gzip
import io
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import resvg_py
from PIL import Image

HERE = Path(__file__).parent / "art"
OUT = Path(__file__).parents[1] / "src/limner/backends/images/sketch/art/art.json.gz"

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
USE = re.compile(r'<use href="(?P<set>noto|parts):(?P<name>[\w-]+)"(?P<rest>[^>]*?)\s*/>')
RECOLOUR = re.compile(r'\s*data-recolour="([^"]*)"')
WITHOUT = re.compile(r'\s*data-without="([^"]*)"')
ROOT = re.compile(r"<svg\b([^>]*)>(.*)</svg>", re.DOTALL)

FAINT = 24
"""Alpha, of 255, below which a pixel does not count as painted: soft glows and shadows."""

SAMPLING = 512
"""Pixels along the longer side when the painted part is measured."""

Icons = dict[str, Any]


def attribute(name: str, text: str, default: str) -> str:
    """The value of an XML attribute in the text of a start tag."""
    found = re.search(rf'\b{name}="([^"]*)"', text)
    return found[1] if found else default


def part(collection: str, name: str, icons: Icons) -> str:
    """The inside of an emoji or of one of our parts, with its own parts put in."""
    if collection == "noto":
        body: str = icons["icons"][name]["body"]
        return body
    source = (HERE / "parts" / f"{name}.svg").read_text()
    return with_parts(inside(source), icons)


def inside(source: str) -> str:
    """What stands between the root tags of an SVG, without indentation."""
    found = ROOT.search(source)
    if found is None:
        raise SystemExit(f"not an SVG: {source[:80]!r}")
    return re.sub(r">\s+<", "><", found[2].strip())


def with_parts(body: str, icons: Icons) -> str:
    """The body with every ``use`` of another drawing replaced by that drawing."""

    def fill(use: re.Match[str]) -> str:
        text = part(use["set"], use["name"], icons)
        what = f"{use['set']}:{use['name']}"
        for colour in words(WITHOUT, use["rest"]):
            text = replaced(
                rf'<(path|ellipse|circle)\b[^>]*?fill="{re.escape(colour)}"[^>]*/>', "", text, what
            )
        for swap in words(RECOLOUR, use["rest"]):
            old, new = swap.split(":")
            text = replaced(rf"{old}\b", new, text, what)
        return f"<g{WITHOUT.sub('', RECOLOUR.sub('', use['rest']))}>{text}</g>"

    return USE.sub(fill, body)


def words(pattern: re.Pattern[str], text: str) -> list[str]:
    """The words of the attribute that the pattern finds in the text."""
    found = pattern.search(text)
    return found[1].split() if found else []


def replaced(pattern: str, new: str, text: str, what: str) -> str:
    """The text with every match replaced; there must be one."""
    result, times = re.subn(pattern, new, text)
    if not times:
        raise SystemExit(f"{what} has nothing like {pattern}")
    return result


def painted_box(body: str, box: tuple[float, float, float, float]) -> str:
    """The view box of what is really painted of a drawing, in its own units."""
    x, y, width, height = box
    pixels = SAMPLING / max(width, height)
    source = f'{HEAD} viewBox="{x:g} {y:g} {width:g} {height:g}">{body}</svg>'
    size = (round(width * pixels), round(height * pixels))
    png = bytes(resvg_py.svg_to_bytes(svg_string=source, width=size[0], height=size[1]))
    alpha = Image.open(io.BytesIO(png)).convert("RGBA").getchannel("A")
    found = alpha.point([255 if value > FAINT else 0 for value in range(256)]).getbbox()
    if found is None:
        raise SystemExit(f"nothing is painted by {body[:80]!r}")
    left, top, right, bottom = (edge / pixels for edge in found)
    return f"{x + left:.4g} {y + top:.4g} {right - left:.4g} {bottom - top:.4g}"


def emoji(icons: Icons) -> dict[str, dict[str, str]]:
    """The emoji that are taken as they are."""
    drawings = {}
    for facing, names in tomllib.loads((HERE / "noto.toml").read_text()).items():
        for name in names.split():
            icon = icons["icons"][name]
            box = (0.0, 0.0, icon.get("width", icons["width"]), icon.get("height", icons["height"]))
            body = icon["body"]
            drawings[name] = {"facing": facing, "box": painted_box(body, box), "body": body}
    return drawings


def own(icons: Icons) -> dict[str, dict[str, str]]:
    """The drawings of our own."""
    drawings = {}
    for file in sorted(HERE.glob("*.svg")):
        source = file.read_text()
        tag = source[source.index("<svg") : source.index(">") + 1]
        x, y, width, height = map(float, attribute("viewBox", tag, "0 0 128 128").split())
        body = with_parts(inside(source), icons)
        drawings[file.stem] = {
            "facing": attribute("data-facing", tag, "front"),
            "box": painted_box(body, (x, y, width, height)),
            "body": body,
        }
    return drawings


def main() -> None:
    """Write the art file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("icons", type=Path, help="icons.json of the package @iconify-json/noto")
    parser.add_argument("--out", type=Path, default=OUT, help="the art file to write")
    given = parser.parse_args()
    icons: Icons = json.loads(given.icons.read_text())
    drawings = dict(sorted({**emoji(icons), **own(icons)}.items()))
    text = json.dumps(drawings, ensure_ascii=False, separators=(",", ":"))
    given.out.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{len(drawings)} drawings, {given.out.stat().st_size / 1000:.0f} kB: {given.out}")  # noqa: T201 - a command line tool


if __name__ == "__main__":
    main()
