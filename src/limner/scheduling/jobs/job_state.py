"""Where a job is on its way, and how it ended."""

from __future__ import annotations

import enum


class JobState(enum.Enum):
    """Where a job is on its way."""

    RECEIVED = "received"
    """Known, but not in the queue yet: never seen from outside an event handler."""
    QUEUED = "queued"
    """Waiting for its turn, or for its retry. It holds no slot."""
    RUNNING = "running"
    """It has its slot and is about to execute."""
    EXECUTING = "executing"
    """Its function runs."""
    DONE = "done"
    """Ended; `Job.outcome` says how."""


class JobOutcome(enum.Enum):
    """How a job ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """Its function raised, and it was not tried again; or it had become too heavy to start."""
    CANCELLED = "cancelled"
    """By its caller, its handle, or through the limiter."""
    DROPPED = "dropped"
    """Shed before it started."""
    EXPIRED = "expired"
    """It ran longer than its ``expiration``, or took longer in all than its ``timeout``."""
    TIMED_OUT = "timed_out"
    """It waited longer than its ``queue_timeout``."""


# Looked up in the limiter's inner loop, where a module's name is several times cheaper than an
# enum's member.
RECEIVED, QUEUED, RUNNING, EXECUTING, DONE = JobState
SUCCEEDED, FAILED, CANCELLED, DROPPED, EXPIRED, TIMED_OUT = JobOutcome
