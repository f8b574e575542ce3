"""Any picture service, by a description of its protocol: the backend ``http``."""

from limner.backends.images.described.backend import DescribedBackend
from limner.backends.images.described.description import Description, service_names

__all__ = ["DescribedBackend", "Description", "service_names"]
