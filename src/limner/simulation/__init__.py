"""What limits do to traffic: a workload goes through the real limiter in virtual time.

General layout, from what is asked to what is shown:

- ``seconds``, ``distribution``, ``tag_count``, ``day``: single values, as people write them;
  ``chance``: where randomness comes from
- ``workload``, ``limit_set``: the traffic, and the limits; ``server``: what draws, and
  ``serving``: that at work; ``nodes``: who has it drawn; ``scenario``: all, from a file
- ``arrivals``: the traffic, made from a seed as it is needed; ``under_way``: a picture of it;
  ``run``: through the limiter, or through the nodes of a ``cluster``; ``instant``: waiting for one
- ``picture``: the record of a run; ``curve``, ``fairness``, ``report``: what it comes to;
  ``figures``: that in words
- ``timeline``: what it looks like

All but ``run`` and ``cluster`` are pure functions and data.
"""

from limner.simulation.arrivals import Request, requests
from limner.simulation.cluster.cluster import Lived
from limner.simulation.cluster.death import Death
from limner.simulation.fairness import fairness, jain
from limner.simulation.limit_set import LimitSet, limit_sets
from limner.simulation.nodes import Nodes
from limner.simulation.picture import Attempt, Outcome, Picture
from limner.simulation.report import Report, report
from limner.simulation.run import simulate, simulate_nodes
from limner.simulation.scenario import Scenario, scenario_from
from limner.simulation.server import Server
from limner.simulation.workload import Answers, Pictures, Users, Workload

__all__ = [
    "Answers",
    "Attempt",
    "Death",
    "LimitSet",
    "Lived",
    "Nodes",
    "Outcome",
    "Picture",
    "Pictures",
    "Report",
    "Request",
    "Scenario",
    "Server",
    "Users",
    "Workload",
    "fairness",
    "jain",
    "limit_sets",
    "report",
    "requests",
    "scenario_from",
    "simulate",
    "simulate_nodes",
]
