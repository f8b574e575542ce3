"""Make the table of what sketch's drawings are called in other languages, from Unicode's CLDR.

Run it when nouns are added or CLDR has a new version::

    npm pack cldr-annotations-full@48.2.0 && tar xzf cldr-annotations-full-48.2.0.tgz
    PYTHONPATH=src python -m tools.extract_names package/annotations

CLDR names every emoji in every language. Those whose English name is a noun of the lexicon tell how
that noun is called elsewhere. The same input gives the same file, byte for byte.
"""

import argparse
import gzip
import json
import re
from pathlib import Path

from limner.backends.images.sketch.lexicon.noun import forms, nouns

LANGUAGES = ("de", "fr", "es", "it", "pt", "ru", "pl", "zh", "ja", "ko")
OUT = (
    Path(__file__).parents[1] / "src/limner/backends/images/sketch/lexicon/languages/names.json.gz"
)
SHORTEST = {"zh": 1, "ja": 2, "ko": 2}
"""Characters a name must have; shorter ones are parts of other words too often."""


def named(folder: Path, language: str) -> dict[str, list[str]]:
    """The name of every emoji in a language, and its key words."""
    data = json.loads((folder / language / "annotations.json").read_text(encoding="utf-8"))
    return {
        emoji: [*words.get("tts", []), *words.get("default", [])]
        for emoji, words in data["annotations"]["annotations"].items()
    }


def plain(name: str) -> str:
    """A name in small letters, without what says that only a face is shown."""
    return re.sub(r"\s*(face|:.*)$", "", name.lower()).strip()


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="annotations of cldr-annotations-full")
    given = parser.parse_args()
    known = {form.text: form.text for noun in nouns() for form in forms(noun)}
    english = {
        emoji: known[plain(names[0])]
        for emoji, names in named(given.folder, "en").items()
        if names and plain(names[0]) in known and not names[0].endswith(" face")
    }
    table: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        found = named(given.folder, language)
        table[language] = {
            found[emoji][0].lower(): noun
            for emoji, noun in english.items()
            if found.get(emoji) and len(found[emoji][0]) >= SHORTEST.get(language, 3)
        }
    text = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    OUT.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{sum(map(len, table.values()))} names, {OUT.stat().st_size / 1000:.0f} kB: {OUT}")  # noqa: T201 - a command line tool


if __name__ == "__main__":
    main()
