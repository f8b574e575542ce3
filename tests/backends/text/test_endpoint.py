"""Addresses of model servers, as people type them."""

import pytest

from limner.backends.http.address import without_secrets
from limner.backends.text.openai.endpoint import Endpoint
from limner.errors import BackendRejected


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("http://localhost:8080", "http://localhost:8080/v1"),
        ("http://localhost:8080/", "http://localhost:8080/v1"),
        (" http://localhost:8080/v1 ", "http://localhost:8080/v1"),
        ("http://localhost:8080/v1/", "http://localhost:8080/v1"),
        ("http://localhost:8080/v1/chat/completions", "http://localhost:8080/v1"),
        ("http://localhost:8080/v1/chat/completions/", "http://localhost:8080/v1"),
        ("HTTPS://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        ("https://example.org/deployments/x", "https://example.org/deployments/x"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"),
        ("http://user:secret@host", "http://host/v1"),
        ("http://host/v1#part", "http://host/v1"),
    ],
)
def test_every_usual_form_leads_to_the_same_routes(typed: str, base: str) -> None:
    """The bare server, its root and the whole path all work."""
    endpoint = Endpoint.parse(typed)
    assert endpoint.base == base
    assert endpoint.chat == f"{base}/chat/completions"
    assert endpoint.models == f"{base}/models"


def test_a_query_stays_on_every_request_and_is_never_shown() -> None:
    """Azure's versions and keys in the query reach the server, not the eye."""
    endpoint = Endpoint.parse("https://host/v1?api-version=1&code=secret")
    assert endpoint.chat == "https://host/v1/chat/completions?api-version=1&code=secret"
    assert "secret" not in repr(endpoint) + endpoint.base
    assert "secret" in endpoint.secrets


def test_a_password_in_the_address_becomes_basic_authentication_and_is_never_shown() -> None:
    """User and password, percent-encoded or not, leave the address."""
    endpoint = Endpoint.parse("http://me:s%40cret@host")
    assert endpoint.authorization == "Basic bWU6c0BjcmV0"
    assert "cret" not in repr(endpoint) + endpoint.chat
    assert {"s@cret", "bWU6c0BjcmV0"} <= set(endpoint.secrets)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("localhost:8080", "did you mean http://localhost:8080?"),
        ("ftp://host", "'ftp://host' is no address"),
        ("http://", "must begin with http://"),
        ("", "must begin with http://"),
        ("http://host:99999", "no valid URL"),
        ("http://[::1", "no valid URL"),
        ("http://a b", "no valid URL"),
        ("http://a..b", "no valid URL"),
        ("http://a\x01b", "no valid URL"),
        ("http://" + "a" * 70 + ".org", "no valid URL"),
        ("me:secret@host", "must begin with http://"),
        ("host?key=secret", "did you mean"),
    ],
)
def test_another_address_is_refused_in_words_that_help(typed: str, said: str) -> None:
    """Only http and https; a secret in a wrong address is not repeated."""
    with pytest.raises(BackendRejected) as caught:
        Endpoint.parse(typed)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_without_secrets_keeps_what_tells_the_place() -> None:
    """Scheme, host, port and path stay."""
    assert without_secrets("https://a:b@host:1/p?q=1#f") == "https://host:1/p"
    assert without_secrets("http://[") == "an invalid URL"
