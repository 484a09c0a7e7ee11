"""What Prometheus may know: counts and times with bounded labels, in a registry of our own."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_LATENCY_BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counters of the edge; tools, transports and statuses are from fixed sets, so the series are bounded."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = Counter("lectern_calls", "Metered calls", ["tool", "transport", "status"], registry=self.registry)
        self._tokens = Counter("lectern_tokens", "Tokens of documentation returned", ["tool"], registry=self.registry)
        self._seconds = Histogram(
            "lectern_call_seconds",
            "Time from admission to answer",
            ["tool"],
            buckets=_LATENCY_BUCKETS_SECONDS,
            registry=self.registry,
        )

    def count_call(self, tool: str, transport: str, status: str, *, tokens: int, seconds: float) -> None:
        """Counts one metered call."""
        self._calls.labels(tool, transport, status).inc()
        self._tokens.labels(tool).inc(tokens)
        self._seconds.labels(tool).observe(seconds)

    def render(self) -> bytes:
        """Gives everything in Prometheus' text format."""
        return generate_latest(self.registry)
