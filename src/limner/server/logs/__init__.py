"""The log: for people or for machines, with the id of the request, and without secrets."""

from limner.server.logs.access import AccessLog, RecentDecisions
from limner.server.logs.correlation import Correlation
from limner.server.logs.formatting import HumanLog, JsonLog
from limner.server.logs.setup import logging_to

__all__ = ["AccessLog", "Correlation", "HumanLog", "JsonLog", "RecentDecisions", "logging_to"]
