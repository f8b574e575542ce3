"""For whom a request is: the token's own, or one of those a front-end speaks for."""

import hashlib
import re
from collections.abc import Mapping

USER = "x-openwebui-user-id"
"""How Open WebUI names its user, if it is told to (``ENABLE_FORWARD_USER_INFO_HEADERS``)."""
LOCAL = "local"
"""Stands for the token where none is needed, since only this machine gets in."""
_PLAIN = re.compile(r"[A-Za-z0-9_.@:-]{1,64}")


def user_of(name: str | None, headers: Mapping[str, str], *, front_end: bool) -> str | None:
    """The owner of what a request has drawn.

    Users of a front-end are owners of their own, each in the name of its token: nobody can be
    taken for the holder of another one, as no token has a slash in its name.

    Args:
        name: Whose token was shown; ``None``: none was needed.
        headers: The request's, names in lower case.
        front_end: Whether the token is a front-end's, which is believed about its users.

    Example:
        >>> headers = {USER: "5f0c"}
        >>> user_of("webui", headers, front_end=True), user_of("anna", headers, front_end=False)
        ('webui/5f0c', 'anna')
        >>> user_of(None, headers, front_end=True), user_of(None, {}, front_end=True)
        ('local/5f0c', None)
    """
    user = headers.get(USER, "").strip()
    if not (front_end and user):
        return name
    if not _PLAIN.fullmatch(user):
        user = hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{name or LOCAL}/{user}"
