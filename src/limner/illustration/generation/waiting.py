"""What all pictures wait for at present, whoever makes them wait."""

from limner.illustration.generation.retry_policy import SteeredRetry
from limner.illustration.generation.wait import Wait
from limner.scheduling import Job, JobState, Limiter

IN_WORDS = {
    "pause": "the queue is paused",
    "min_interval": "the last picture began too short a time ago",
    "rates": "as many pictures began lately as may",
    "reservoir": "the stock of pictures is used up",
    "retry_after": "the picture server asked to be left alone for a while",
    "penalty": "the queue was too long",
    "retry": "a picture failed and is tried again",
}
"""The limits that hold pictures back, whatever else is drawn meanwhile."""


def waiting_for(limiter: Limiter) -> Wait | None:
    """What keeps pictures from being begun, if it is not only that others are drawn.

    A pause or a server that is away is named while all places are taken as well.

    Args:
        limiter: Through which the pictures go.

    Returns:
        What, or ``None``: nothing does, or nobody waits.

    Examples:
        >>> limiter = Limiter(max_concurrent=1)
        >>> waiting_for(limiter) is None
        True
        >>> limiter.pause()
        >>> waiting_for(limiter).words
        'the queue is paused'
    """
    policy = limiter.limits.retry
    told = policy.wait if isinstance(policy, SteeredRetry) else None
    if limiter.paused:
        return Wait(reason="pause", words=IN_WORDS["pause"])
    if told is not None:
        return told
    queued = limiter.jobs(JobState.QUEUED) if limiter.queued() else []
    return _held(limiter, queued[0]) if queued else None


def _held(limiter: Limiter, job: Job[object]) -> Wait | None:
    """What limit holds the first that waits."""
    why = limiter.explain(job)
    trouble = limiter.shared.trouble if limiter.shared is not None else None
    if why.limit == "shared" and trouble is not None:
        return Wait(reason="shared", words=f"{trouble}; no picture begins until they can")
    words = IN_WORDS.get(why.limit or "")
    if words is None or why.limit is None:
        return None
    return Wait(reason=why.limit, words=words, until=why.earliest_start)
