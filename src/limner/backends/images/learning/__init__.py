"""What a server bears, learnt from its answers, so that it need not refuse.

- ``bound``: a limit that was found out, and when to try whether it still holds
- ``window``: which "so many in so many seconds" explains a refusal; a pure function
- ``suspicion``: which of these explains the next one as well, and is believed
- ``refusal``: what a refusal told, whom it met, and what follows
- ``refusals``: whose a refusal is: the server's, or one picture's
- ``limit_estimator``: what answers, refusals and headers teach; pure, the clock is handed in
- ``learned``: what is known, to be shown
- ``learned_limits``: steers a `limner.scheduling.Limiter`
"""

from limner.backends.images.learning.learned import Learned
from limner.backends.images.learning.learned_limits import LearnedLimits

__all__ = ["Learned", "LearnedLimits"]
