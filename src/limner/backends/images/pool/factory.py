"""A pool from the addresses of its servers."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from limner.backends.images.pool.address import PoolOptions, make_members
from limner.backends.images.pool.backend import PoolBackend
from limner.illustration.ports import ImageBackend


def make_pool(
    addresses: Sequence[str],
    make: Callable[[str], ImageBackend],
    *,
    options: PoolOptions | None = None,
) -> PoolBackend:
    """A pool of the servers at these addresses. It does no I/O.

    Args:
        addresses: One for each member; those with equal names are numbered.
        make: Makes the backend for an address, without the options of the pool in it; such as
            `limner.illustration.make_backend`.
        options: The pool's own.

    Raises:
        limner.errors.ConfigError: An option is unknown or wrong, or there is no address.
        limner.errors.UnknownBackend, limner.errors.BackendRejected: As `make` raises them.

    Examples:
        >>> from limner.testing import ScriptedBackend
        >>> pool = make_pool(["sketch?pool_weight=2", "sketch"], lambda address: ScriptedBackend())
        >>> [(member.name, member.weight) for member in pool.status()]
        [('sketch', 2.0), ('sketch (2)', 1.0)]
    """
    return PoolBackend(make_members(addresses, make), **asdict(options or PoolOptions()))
