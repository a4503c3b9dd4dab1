"""A reader's stride: how many events it takes at once."""


class Stride:
    """Halves where a step fails, until one event stands alone, and doubles where it goes well."""

    def __init__(self, longest: int) -> None:
        self.length = longest
        self._longest = longest
        self._alone: int | None = None
        self._tries = 0

    def went_well(self) -> None:
        """The step went well with as many."""
        self.length = min(self.length * 2, self._longest)

    def shorten(self) -> None:
        """So many were too many, perhaps."""
        self.length = max(self.length // 2, 1)

    def failed(self, position: int, events: int) -> int:
        """The step failed at so many events from that position on; how often it has by now failed
        at the very one there, alone."""
        if events > 1:
            self.length = events // 2
            return 0
        self._tries = self._tries + 1 if position == self._alone else 1
        self._alone = position
        return self._tries
