"""The tool that lists pictures, and the links to them."""

from limner.server.mcp.arguments import ListPictures
from limner.server.mcp.caller import Caller, check_chat
from limner.server.mcp.progress_report import ProgressReport
from limner.server.mcp.results import Answer, ListedPictures, Shown
from limner.server.mcp.shown_pictures import ShownPictures
from limner.server.picture_search import PictureSearch, found_pictures
from limner.server.services import Services


class Listing:
    """Lists pictures that are kept.

    Args:
        services: What the server works with.
        shown: Tells of pictures.
    """

    def __init__(self, services: Services, shown: ShownPictures) -> None:
        self._library = services.library
        self._shown = shown

    async def list_pictures(
        self, asked: ListPictures, caller: Caller, report: ProgressReport
    ) -> Answer:
        """Pictures, the newest first.

        Raises:
            NotFound: There is no such conversation, or it is another owner's.
            limner.errors.StorageError: The library cannot be read.
        """
        if asked.chat is not None:
            await check_chat(self._library, caller, asked.chat)
        owner = None if caller.admin else caller.owner or ""
        search = PictureSearch(chat=asked.chat, owner=owner, prompt=asked.words)
        entries, cursor = await found_pictures(
            self._library, search, limit=asked.limit, after=asked.after
        )
        shown = [Shown(facts=self._shown.of_entry(one), image=one.image) for one in entries]
        facts = [one.facts for one in shown]
        lines = [one.words() for one in facts] or ["There are none."]
        more = [f"There may be more: ask again with after={cursor}."] if cursor is not None else []
        return Answer(
            told=ListedPictures(pictures=facts, next=cursor),
            words="\n".join([*lines, *more]),
            pictures=tuple(shown),
            side=asked.image_side,
        )
