"""The marker ``untraced`` does what it says, which shows where the tests run with coverage."""

from __future__ import annotations

import sys
import threading

import pytest


@pytest.mark.untraced
def test_nothing_follows_a_test_marked_so() -> None:
    assert sys.gettrace() is None
    assert threading.gettrace() is None
