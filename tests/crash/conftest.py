import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from crash import counts  # noqa: E402


def pytest_terminal_summary(terminalreporter):
    if counts.totals:
        terminalreporter.write_line(
            "cases: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.totals.items())))
