"""Whoever reads a sentence of limner finds it on a page, with its cause and what to do."""

import ast

from tools import sentences, sentences_page
from tools.sentences import GAP, Sentence
from tools.source import SourceFile

KINDS = '''
class Root(Exception):
    """Base."""

class Plain(Root):
    def __init__(self, message, *, status=None):
        self.status = status
        super().__init__(message)

class Named(Root):
    def __init__(self, name, *, hint=""):
        told = f"there is no {name}"
        super().__init__(f"{told}; {hint}" if hint else told)
'''


def read(text: str) -> set[Sentence]:
    """The sentences of a piece of code that raises these."""
    package = {"kinds": SourceFile("kinds", KINDS)}
    errors = sentences.classes(package)
    assert set(errors) == {"Root", "Plain", "Named"}
    return sentences.sentences({"code": SourceFile("code", text)}, errors)


def test_what_differs_is_a_gap() -> None:
    """A value has a gap, two in a row have one, and what is too short to be found is left out."""
    assert read('raise Plain(f"{a}{b} has no checkpoint at {c!r}", status=3)') == {
        Sentence(f"{GAP} has no checkpoint at {GAP}", "Plain")
    }
    assert read('raise Plain(f"{a}: {b}")') == set()


def test_a_sentence_may_have_been_put_together_before() -> None:
    """In a variable of the function, as one of two, or from pieces."""
    code = """def f():
        told = "the first sentence" if x else "the second sentence"
        raise Plain(told)"""
    assert {one.text for one in read(code)} == {"the first sentence", "the second sentence"}
    assert {one.text for one in read('Plain("a long beginning, " + end)')} == {
        f"a long beginning, {GAP}"
    }


def test_the_constructor_of_an_error_puts_its_arguments_into_its_sentence() -> None:
    """As the reader has it, not as the code that raises it."""
    assert {one.text for one in read('Named(f"message {id} here")')} == {
        f"there is no message {GAP} here", f"there is no message {GAP} here; {GAP}"
    }  # fmt: skip


def test_an_error_of_another_package_is_known_by_its_name() -> None:
    """Such as typer's, of which only the first words count."""
    tree: dict[str, ast.ClassDef | None] = {"BadParameter": None}
    file = SourceFile("code", 'raise typer.BadParameter("give one of the two", hint="x y z x y z")')
    assert sentences.sentences({"code": file}, tree) == {
        Sentence("give one of the two", "BadParameter")
    }


def test_every_sentence_is_on_the_page() -> None:
    """`make sentences` writes it again."""
    assert sentences_page.main(["--check"]) == 0, "run `make sentences`"


def test_every_class_of_errors_is_told_of() -> None:
    """Cause and remedy are those of the page about errors, and its sections are there."""
    kinds = sentences_page.kinds(sentences_page.ERRORS.read_text(encoding="utf-8"))
    assert kinds["StorageFull"].section == "A library"
    assert {"WrongLoop", "WrongThread"} < kinds.keys()
    page = sentences_page.page([Sentence("a | b `c`", "StorageFull")], kinds)
    assert "| `` a \\| b `c` `` | [no room left](errors.md#a-library) | make room;" in page
