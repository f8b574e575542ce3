"""The page people see who open the server in a browser: chats with live pictures in them.

``static`` holds it as it is sent: ES modules, styles and words, without any build step; what is
not ours lies in ``static/vendor``, with a list of where it is from. `PageFiles` knows all of it,
`Shell` answers ``GET /``, and `StaticFiles` the rest, below an address that changes with any file.
"""

from limner.server.page.page_files import PageFiles
from limner.server.page.shell import Shell
from limner.server.page.static_files import StaticFiles

__all__ = ["PageFiles", "Shell", "StaticFiles"]
