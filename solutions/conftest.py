"""What the tests of all homeworks share."""

import pytest


@pytest.fixture(scope="session")
def torch():
    """Return PyTorch, one of the two oracles."""
    return pytest.importorskip(
        "torch", reason="PyTorch is one of the two oracles; to have it: pip install torch"
    )


def pytest_collection_modifyitems(items):
    """Keep the claims of a homework on one worker, so that its networks are trained once."""
    for item in items:
        if item.path.name == "test_claims.py":
            item.add_marker(pytest.mark.xdist_group(f"claims of {item.path.parent.name}"))
