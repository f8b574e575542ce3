"""The page's files as they are served."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from tests.server.served import TOKEN, served

from limner.server.page import PageFiles

pytestmark = pytest.mark.real_time

STATIC = Path(__file__).parents[2] / "src/limner/server/page/static"
SHELL_BYTES, SHELL_FILES = 57_000, 37
"""What may be loaded before one can write, compressed, beside the seven answers of the API."""
ALL_BYTES = 150_000
"""What all of the page may weigh, compressed."""


def words(language: str) -> dict[str, str]:
    """The words of a language: each key with what it says."""
    text = (STATIC / "words" / f"{language}.js").read_text()
    found = re.findall(r'^  (?:"([^"]+)"|(\w+)):\s+"(.*)",$', text, re.MULTILINE)
    return {quoted or bare: said for quoted, bare, said in found}


@pytest.mark.parametrize("book", ["", "further_"])
def test_both_languages_say_the_same(book: str) -> None:
    """The same keys, and in each the same things to fill in."""
    english, chinese = words(f"{book}en"), words(f"{book}zh")
    assert english.keys() == chinese.keys()
    assert len(english) > 80
    for key, said in english.items():
        assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", chinese[key])), key


def test_what_is_not_ours_is_listed() -> None:
    """With version and licence, and byte for byte as it was copied."""
    listed = json.loads((STATIC / "vendor/manifest.json").read_text())
    there = {file.name for file in (STATIC / "vendor").glob("*.js")}
    assert {entry["file"] for entry in listed} == there
    for entry in listed:
        data = (STATIC / "vendor" / entry["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        assert entry["version"]
        assert entry["licence"] in ("MIT", "Apache-2.0")


def test_the_page_is_light() -> None:
    """All that it begins with, as it is transferred."""
    page = PageFiles.bundled()
    named = set(re.findall(r"page/\{version\}/(\S+?)\"", page["index.html"].data.decode()))
    first = {*page.modules("main.js"), *named, "index.html"}
    sizes = [len(page[name].compressed) for name in first]
    assert sum(sizes) <= SHELL_BYTES
    assert len(sizes) <= SHELL_FILES
    assert sum(len(file.compressed) for file in page.values()) <= ALL_BYTES


def test_every_word_is_used_and_every_word_that_is_used_is_there() -> None:
    """What the page begins with has its words with it; no book has one that nobody says."""
    page = PageFiles.bundled()
    modules = [name for name in page if name.endswith(".js") and not name.startswith("words/")]
    first = {name for name in page.modules("main.js") if not name.startswith("words/")}
    source = {name: page[name].data.decode() for name in modules}
    early, late = words("en"), words("further_en")
    assert not early.keys() & late.keys()
    said = re.compile(r'\bt\(\s*"([^"]+)"|\bcounted\(\s*"([^"]+)"')
    for name, text in source.items():
        for plain, number in said.findall(text):
            keys = [plain] if plain else [f"{number}.one", f"{number}.other"]
            for key in keys:
                assert key in early or (key in late and name not in first), (name, key)
    everything = "\n".join(source.values())
    for key in early | late:
        stem = re.sub(r"\.(one|other)$", "", key)
        forms = [f'"{key}"', f'"{stem}"', f"`{key.split('.')[0]}.$" + "{"]
        assert any(form in everything for form in forms), key


async def test_all_that_the_page_begins_with_is_named_in_it(tmp_path: Path) -> None:
    """So nothing waits for anything else; it is kept for ever, and another version is not there."""
    async with served(tmp_path) as server:
        shell = await server.text("/")
        named = re.findall(r'(?:href|src)="(page/[^"]+)"', shell)
        page = PageFiles.bundled()
        assert {f"page/{page.version}/{name}" for name in page.modules("main.js")} <= set(named)
        for path in named:
            async with server.client.get(f"{server.address}/{path}") as answer:
                assert answer.status == 200
                assert "immutable" in answer.headers["Cache-Control"]
        version = page.version
        assert await server.status("GET", "/page/other/main.js") == 404
        assert await server.status("GET", f"/page/{version}/../../__init__.py") in (400, 404)
        async with server.client.get(f"{server.address}/") as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert "'unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy


async def test_the_files_want_the_token_as_everything_does(tmp_path: Path) -> None:
    """Only the form that asks for it does not."""
    async with served(tmp_path, token=TOKEN) as server:
        path = f"/page/{PageFiles.bundled().version}/main.js"
        assert await server.status("GET", path) == 401
        shown = {"Authorization": f"Bearer {TOKEN}"}
        assert await server.status("GET", path, headers=shown) == 200
