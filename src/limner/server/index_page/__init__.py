"""The plain pages before the page: login and logout.

Everything on them is from here, and is allowed by a strict Content-Security-Policy.
"""

from limner.server.index_page.login import Login, Logout

__all__ = ["Login", "Logout"]
