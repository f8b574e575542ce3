"""A package is read as text: what is code, what is imported, whose private names are used."""

import ast
from pathlib import Path

from tools import source
from tools.source import SourceFile


def files(**texts: str) -> source.Package:
    """A package of these files."""
    return {name: SourceFile(name, text) for name, text in texts.items()}


def test_the_files_of_a_package_have_the_names_of_their_modules(tmp_path: Path) -> None:
    """A folder has the name of its `__init__`."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a/__init__.py", "a/c.py", "a/b/__init__.py", "a/b/d.py", "other.py"):
        (tmp_path / name).write_text("x = 1\n")
    package = source.read("a", tmp_path)
    assert {name: file.is_package for name, file in package.items()} == {
        "a": True, "a.c": False, "a.b": True, "a.b.d": False,
    }  # fmt: skip
    assert set(source.inside(package, "a.b")) == {"a.b", "a.b.d"}
    assert set(source.inside(package, "a.c")) == {"a.c"}


def test_code_is_neither_blank_nor_comment_nor_docstring() -> None:
    """A text that is used is code; a call over several lines has as many."""
    text = (
        '"""Doc."""\n\n# why\ndef f():\n    """Say\n    it."""\n\n'
        '    return g(\n        "a",\n    )\n'
    )
    file = SourceFile("a", text)
    assert sorted(file.code_lines) == [4, 8, 9, 10]
    assert file.lengths == (3,)
    assert file.lines == 10


def test_imports_are_seen_wherever_they_stand() -> None:
    """Inside functions, for type checkers alone, of a module or of a name in it."""
    package = files(
        a="import b\nimport os",
        b="def f():\n    from a import hidden\n    import c",
        c="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a",
        d="from . import a",
    )
    assert source.imports(package, "a") == {"b"}
    assert source.imports(package, "b") == {"a", "c"}
    assert source.imports(package, "c") == {"a"}
    assert [name for name, file in package.items() if file.has_type_checking_block] == ["c"]
    assert source.relative_imports(package) == ["d:1"]
    assert source.names_from(package, "a") == {"hidden"}


def test_a_private_name_is_foreign_unless_its_own_file_defines_it() -> None:
    """A field, a method, an attribute that is set; magic names and names of a base class aside."""
    text = (
        "from b import _hidden\nclass A:\n    _own: int\n    def _method(self, b):\n"
        "        self._set = b._own + b._method() + b._set + b._theirs\n"
        "        self._inherited, b.__dict__\n"
    )
    file = SourceFile("a", text)
    assert source.foreign_private_names(file) == ["a:1: _hidden", "a:5: _theirs"]
    assert "a:6: _inherited" in source.foreign_private_names(file, inherited=True)


def test_public_is_what_has_no_underscore_on_the_way_to_it() -> None:
    """Classes, their methods, functions; nothing inside a function or a private class."""
    text = (
        "class A:\n    def f(self): ...\n    def _g(self): ...\n    def __len__(self): ...\n"
        "class _B:\n    def f(self): ...\nasync def h():\n    def inner(): ...\n"
    )
    found = dict(source.public_definitions(SourceFile("m", text)))
    assert list(found) == ["m.A", "m.A.f", "m.h"]
    assert isinstance(found["m.A"], ast.ClassDef)
