"""Where a bucket is: ``s3://BUCKET/PREFIX?endpoint=URL&region=NAME``."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlsplit

SCHEME = "s3://"
_KEYS = ("endpoint", "region")


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketAddress:
    """Where the pictures of a library are in an object store.

    Who may read and write there the environment says, as for every other program:
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and so on; an address holds no secret.

    Attributes:
        bucket: Its name.
        prefix: What the names of all pictures begin with; empty if nothing.
        endpoint: The server, if it is not Amazon's and not in AWS_ENDPOINT_URL.
        region: Where it is, if not in AWS_REGION.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        """Read an address.

        Raises:
            ValueError: It is none.

        Examples:
            >>> str(BucketAddress.of("s3://tales/pictures?endpoint=http://store:9000"))
            's3://tales/pictures'
        """
        url = urlsplit(text)
        more = dict(parse_qsl(url.query, keep_blank_values=True))
        if url.scheme != "s3" or not url.hostname or "@" in url.netloc:
            raise ValueError(
                "a bucket is written s3://BUCKET/PREFIX; keys belong into AWS_… variables"
            )
        if unknown := sorted(more.keys() - set(_KEYS)):
            raise ValueError(f"an s3:// address takes {' and '.join(_KEYS)}, not {unknown[0]!r}")
        endpoint = more.get("endpoint")
        if endpoint is not None and urlsplit(endpoint).scheme not in ("http", "https"):
            raise ValueError("endpoint= of an s3:// address is an http:// or https:// URL")
        return cls(
            bucket=url.netloc,
            prefix=url.path.strip("/"),
            endpoint=endpoint,
            region=more.get("region"),
        )

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")
