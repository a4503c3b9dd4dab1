"""The gateways that are set up here, by name."""

from collections.abc import Mapping

from khata.app.invalid import Invalid
from khata.payments.gateway import Gateway, ProviderName


class Gateways:
    """Gateways by name. New orders go to `default`; each stays with the one it was made at.

    No money moves at those in `tests`.
    """

    def __init__(
        self,
        by_name: Mapping[ProviderName, Gateway],
        default: ProviderName,
        tests: frozenset[ProviderName],
    ) -> None:
        self._by_name = by_name
        self._tests = tests
        self.default: ProviderName = default

    @property
    def names(self) -> tuple[ProviderName, ...]:
        """The names of all that are set up."""
        return tuple(self._by_name)

    def of(self, name: ProviderName) -> Gateway:
        """The gateway of that name. Raises `Invalid` where it is not set up here (any more)."""
        gateway = self._by_name.get(name)
        if gateway is None:
            raise Invalid("provider", f"{name} is not set up here")
        return gateway

    def known(self, name: str) -> Gateway | None:
        """The gateway of that name, if it is set up."""
        return next((gateway for own, gateway in self._by_name.items() if own == name), None)

    def is_test(self, name: ProviderName) -> bool:
        """Whether what is paid there is no money: at the simulator, and in others' test modes."""
        return name in self._tests

    async def close(self) -> None:
        """Lets go of all connections."""
        for gateway in self._by_name.values():
            await gateway.close()
