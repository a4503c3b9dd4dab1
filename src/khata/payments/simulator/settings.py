"""What the simulator must be told to start."""

from pathlib import Path

from msgspec import Struct


class SimulatorSettings(Struct, frozen=True, kw_only=True):
    """How one simulated gateway is set up.

    `path` is its own SQLite file; without one it forgets all when it stops. Callers of the provider
    API know `key_id` and `key_secret`, whoever plays its customers and banks the `control_token`.
    `seed` makes its ids the same for the same script; without one each file has its own. With
    `rbi_delay` mandates work as Indian law has them, a notice and a day or more before each debit.
    """

    path: Path | None = None
    key_id: str
    key_secret: str
    webhook_secret: str
    control_token: str
    seed: int | None = None
    rbi_delay: bool = False
