"""Several picture servers as one backend.

- ``member``: one of them, as its owner describes it
- ``circuit``: whether a server that failed is asked again; pure
- ``load_balancing``: who draws next; pure
- ``active_member``: a member at work
- ``pending_request``, ``dispatcher``: pictures that wait for a member, and how they get one
- ``status``: what is shown and told
- ``membership``: who belongs to the pool
- ``health``: how they are; ``capabilities``: what they have
- ``backend``: the pool
- ``address``, ``factory``: a pool from what people write
"""

from limner.backends.images.pool.address import pool_addresses
from limner.backends.images.pool.backend import PoolBackend
from limner.backends.images.pool.factory import make_pool
from limner.backends.images.pool.member import Member
from limner.backends.images.pool.status import MemberChanged, MemberState, MemberStatus

__all__ = [
    "Member",
    "MemberChanged",
    "MemberState",
    "MemberStatus",
    "PoolBackend",
    "make_pool",
    "pool_addresses",
]
