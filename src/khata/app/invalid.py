"""What a caller of the plain scripts got wrong."""


class Invalid(Exception):
    """A value that will not do. `field` is a dotted path such as `features[3].credits`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
