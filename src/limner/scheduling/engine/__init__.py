"""The parts of a limiter, put together in `limner.scheduling.engine.engine.Engine`."""
