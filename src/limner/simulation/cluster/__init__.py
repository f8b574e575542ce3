"""A cluster on virtual time: servers that order pictures, workers that draw them, nodes that die.

- ``death``: what becomes of a node
- ``place``: where limits are shared, and ``port``: a worker's way to there
- ``orders``: what is to be drawn; ``replica`` and ``worker``: who orders, and who draws
- ``cluster``: all of it, put together
"""
