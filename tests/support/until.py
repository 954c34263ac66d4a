"""Waiting for what another process does, where it tells nobody: asked again and again, never for ever."""

import time


def until(found, limit_s=30):
    """What `found` returns, once that is true."""
    deadline = time.monotonic() + limit_s
    while not (result := found()):
        assert time.monotonic() < deadline, f"did not happen within {limit_s} s"
        time.sleep(0.01)
    return result
