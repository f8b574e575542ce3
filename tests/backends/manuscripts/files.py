"""Files as writers have them, made for tests."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from PIL import Image as Pillow

CONTAINER = (
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Packed &amp; Bound</dc:title>
<dc:creator>Cy</dc:creator><dc:language>de</dc:language></metadata><manifest>
<item id="c" href="t/c%201.xhtml" media-type="application/xhtml+xml"/>
<item id="d" href="t/d.xhtml" media-type="application/xhtml+xml"/>
<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>
<item id="p" href="img/a%20b.png" media-type="image/png" properties="cover-image"/></manifest>
<spine><itemref idref="n"/><itemref idref="c"/><itemref idref="d"/></spine></package>"""
FIRST = (
    '<?xml version="1.0"?><html><body><h1 id="top">Eins</h1><p>Der Fuchs lief. '
    '<img src="../img/a%20b.png" alt="Karte"/> <a href="d.xhtml#x">next</a></p></body></html>'
)
SECOND = (
    '<html><body><h1 id="x">Zwei</h1><p>Die Eule. <a href="c%201.xhtml#top">back</a> '
    '<a href="gone.xhtml">gone</a></p></body></html>'
)


def png(colour: str = "teal") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Pillow.new("RGB", (60, 40), colour).save(out, "PNG")
    return out.getvalue()


def epub(
    path: Path,
    *,
    first: str = FIRST,
    second: str = SECOND,
    package: str = PACKAGE,
    more: Iterable[tuple[str, str]] = (),
) -> Path:
    """A book of two chapters with a picture."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("OEBPS/book.opf", package)
        book.writestr("OEBPS/nav.xhtml", "<html><body><nav>no</nav></body></html>")
        book.writestr("OEBPS/t/c 1.xhtml", first)
        book.writestr("OEBPS/t/d.xhtml", second)
        book.writestr("OEBPS/img/a b.png", png())
        for name, content in more:
            book.writestr(name, content)
    return path


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_KINDS = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="png" ContentType="image/png"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
    'wordprocessingDrawing"><wp:docPr id="1" name="x" descr="Karte"/><a:graphic xmlns:a='
    '"http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData><pic:pic xmlns:pic='
    '"http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip '
    f'xmlns:r="{_RELATIONS}" r:embed="rId1"/></pic:blipFill></pic:pic></a:graphicData>'
    "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
)


def docx(path: Path, *, document: str | None = None) -> Path:
    """A Word document with a heading, words in italics, and a picture."""
    told = document or (
        f'<w:document {_W}><w:body><w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r>'
        '<w:t>Akte</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r>'
        "<w:t>Eins</w:t></w:r></w:p><w:p><w:r><w:t>Der Fuchs </w:t></w:r><w:r><w:rPr><w:i/>"
        f"</w:rPr><w:t>lief</w:t></w:r></w:p>{_PICTURE}</w:body></w:document>"
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _KINDS)
        archive.writestr(
            "_rels/.rels",
            f'{relations}<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", told)
        archive.writestr(
            "word/styles.xml",
            f'<w:styles {_W}><w:style w:type="paragraph" w:styleId="Heading1">'
            '<w:name w:val="heading 1"/></w:style><w:style w:type="paragraph" w:styleId="Title">'
            '<w:name w:val="Title"/></w:style></w:styles>',
        )
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'{relations}<Relationship Id="rId1" Type="{_RELATIONS}/image" '
            f'Target="media/image1.png"/><Relationship Id="rId2" Type="{_RELATIONS}/styles" '
            'Target="styles.xml"/></Relationships>',
        )
        archive.writestr("word/media/image1.png", png())
        archive.writestr(
            "docProps/core.xml",
            '<cp:coreProperties xmlns:cp="x" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<dc:title>Akte</dc:title><dc:creator>Di</dc:creator></cp:coreProperties>",
        )
    return path


CARD = {
    "spec": "chara_card_v2",
    "data": {
        "name": "Mira",
        "first_mes": "Hello {{user}}, I am {{char}}.",
        "alternate_greetings": ["The owl sat."],
    },
}


def picture_card(path: Path, *, kind: bytes = b"tEXt") -> Path:
    """A character card in a picture."""
    said = base64.b64encode(json.dumps(CARD).encode())
    body = {
        b"tEXt": b"chara\0" + said,
        b"zTXt": b"chara\0\0" + zlib.compress(said),
        b"iTXt": b"chara\0\1\0\0\0" + zlib.compress(said),
    }[kind]
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    picture = png()
    path.write_bytes(picture[:33] + chunk + picture[33:])
    return path


SILLYTAVERN = (
    {"user_name": "Ann", "character_name": "Mira", "chat_metadata": {}},
    {"name": "Mira", "is_user": False, "mes": "{{char}} looks at {{user}}."},
    {"name": "Ann", "is_user": True, "mes": "And then?\nTell me."},
    {"name": "note", "is_system": True, "mes": "hidden"},
)
CHATGPT = [
    {
        "title": "Fox tale",
        "mapping": {
            "root": {"message": None, "parent": None},
            "a": {
                "parent": "root",
                "message": {"author": {"role": "user"}, "content": {"parts": ["A tale!"]}},
            },
            "b": {
                "parent": "a",
                "message": {"author": {"role": "assistant"}, "content": {"parts": ["Once."]}},
            },
            "other": {
                "parent": "a",
                "message": {"author": {"role": "assistant"}, "content": {"parts": ["Never."]}},
            },
            "tool": {
                "parent": "b",
                "message": {"author": {"role": "tool"}, "content": {"parts": ["{}"]}},
            },
        },
        "current_node": "tool",
    },
    {
        "title": "Taxes",
        "mapping": {"a": {"message": {"author": {"role": "user"}, "content": {"parts": ["How?"]}}}},
    },
]
OPEN_WEBUI = [
    {
        "id": "1",
        "title": "Owls",
        "chat": {
            "history": {
                "messages": {
                    "1": {"parentId": None, "role": "user", "content": "A tale!"},
                    "2": {"parentId": "1", "role": "assistant", "content": "Once."},
                    "3": {"parentId": "1", "role": "assistant", "content": "Never."},
                },
                "currentId": "2",
            }
        },
    }
]
