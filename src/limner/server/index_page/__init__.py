"""What people see who open the server in a browser: what it is, and how it is used.

Everything on these pages is from here, and is allowed by a strict Content-Security-Policy.
"""

from limner.server.index_page.login import Login, Logout
from limner.server.index_page.page import IndexPage, PageFacts

__all__ = ["IndexPage", "Login", "Logout", "PageFacts"]
