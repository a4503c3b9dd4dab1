"""What all tests share: the event loop, and how hard Hypothesis looks.

HYPOTHESIS_PROFILE is `quick`, `dev` (the default) or `ci` (the default where CI=true).
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("dev", max_examples=100, deadline=None)
# Other seeds on every run, and the line that repeats a failure is printed.
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=False, print_blob=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") == "true" else "dev")
)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Asynchronous tests run on the loop that the product runs on."""
    return "asyncio", {"use_uvloop": True}
