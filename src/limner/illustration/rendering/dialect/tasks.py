"""Task lists: ``- [ ]`` and ``- [x]`` as boxes, which are characters, since nobody ticks a page."""

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.tasklists import tasklists_plugin


def tasks(markdown: MarkdownIt) -> None:
    """Have a parser read task lists."""
    markdown.use(tasklists_plugin)
    markdown.core.ruler.after("github-tasklists", "task_boxes", _boxes)


def _boxes(state: StateCore) -> None:
    for at, token in enumerate(state.tokens):
        first = token.children[0] if token.type == "inline" and token.children else None
        if first is not None and first.type == "html_inline" and "checkbox" in first.content:
            first.type = "text"
            first.content = "☑" if "checked=" in first.content else "☐"
            state.tokens[at - 2].attrSet("class", "task")
