"""What people see who open the server in a browser: what it is, and how it is used.

Everything on these pages is from here, and is allowed by a strict Content-Security-Policy.
"""

from limner.server.landing.login import Login
from limner.server.landing.logout import Logout
from limner.server.landing.page import Landing, Told

__all__ = ["Landing", "Login", "Logout", "Told"]
