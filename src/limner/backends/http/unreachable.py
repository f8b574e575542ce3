"""What went wrong on the way to a server, in words that help."""

import aiohttp

from limner.errors import BackendError, BackendTimeout, BackendUnavailable


def unreachable(error: Exception, *, server: str, timeout: float) -> BackendError:
    """The error for a request that got no answer at all.

    Args:
        error: What the network said.
        server: The server's address, fit to be shown.
        timeout: The bound on connecting, in seconds.
    """
    if isinstance(error, TimeoutError):
        return BackendTimeout(
            f"cannot reach {server}: no connection within {timeout:g} s",
            accepted=False,
            server=server,
        )
    if isinstance(error, aiohttp.ClientResponseError) and _follows_an_answer(error.message):
        return BackendUnavailable(
            f"{server} sent more than the Content-Length of its answer says",
            server=server,
            status=200,
        )
    return BackendUnavailable(f"cannot reach {server}: {_reason(error)}", server=server)


def _follows_an_answer(complaint: str) -> bool:
    """Whether what is no HTTP came behind something that was.

    aiohttp's parser shows the bytes and, below, a mark at the one that cannot be.
    """
    lines = complaint.splitlines()
    return len(lines) > 1 and lines[-1].endswith("^") and lines[-1].index("^") > len("  b'")


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"there is no host named {error.host!r}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not trusted ({error.certificate_error})"
    if isinstance(error, aiohttp.ClientSSLError):
        return "it does not speak TLS there; is it http:// rather than https://?"
    if isinstance(error, ConnectionRefusedError) or (
        isinstance(error, aiohttp.ClientConnectorError)
        and isinstance(error.os_error, ConnectionRefusedError)
    ):
        return "connection refused; is the server running?"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError):
        return "it closed the connection without an answer"
    if isinstance(error, aiohttp.ClientResponseError):
        return "it does not answer in HTTP; is the port right?"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return type(error).__name__
