"""Counts the calls to gateways, for whoever watches them."""

from collections import Counter

from khata.domain.providers import ProviderName
from khata.payments.calls import OnCall


class CallCounts:
    """This process's calls by gateway, name and outcome, and the seconds they took by gateway."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self.seconds: dict[str, float] = {}

    def of(self, provider: ProviderName) -> OnCall:
        """What a gateway is given to tell its calls to."""

        def told(name: str, outcome: str, seconds: float) -> None:
            self.calls[provider, name, outcome] += 1
            self.seconds[provider] = self.seconds.get(provider, 0.0) + seconds

        return told
