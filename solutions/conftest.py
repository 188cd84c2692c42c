"""What the tests of all homeworks share."""

import pytest


@pytest.fixture(scope="session")
def torch():
    """Return PyTorch, one of the two oracles."""
    return pytest.importorskip(
        "torch", reason="PyTorch is one of the two oracles; to have it: pip install torch"
    )
