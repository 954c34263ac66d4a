"""Adds up what the suites of scripts/test reported, and ends with one line for machines.

    python3 summary.py RESULTS

RESULTS holds, for each suite, <suite>.xml (JUnit) and <suite>.status (its exit status). A suite that
failed without naming a test, because it crashed or could not start, counts as one failed test.
Exits with 1 when a test failed or none ran.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

# What pytest exits with when a pattern selects none of its tests.
NOTHING_SELECTED = 5


def read_cases(path):
    """Yields (name, outcome) for each test of a JUnit file; a file that is cut short ends there."""
    if not path.exists():
        return
    try:
        for _, case in ElementTree.iterparse(path):
            if case.tag == "testcase":
                yield case.get("name", "?"), outcome_of(case)
    except ElementTree.ParseError:
        return


def outcome_of(case):
    # CTest writes a test that it did not run with a status and no child.
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def count_suite(results, suite):
    status = int((results / f"{suite}.status").read_text())
    outcomes = {"passed": [], "failed": [], "skipped": []}
    for name, outcome in read_cases(results / f"{suite}.xml"):
        outcomes[outcome].append(name)
    if status not in (0, NOTHING_SELECTED) and not outcomes["failed"]:
        outcomes["failed"].append(f"(ended with status {status})")
    return outcomes


def main():
    results = pathlib.Path(sys.argv[1])
    passed = failed = 0
    print()
    for status_file in sorted(results.glob("*.status"), key=lambda file: file.stat().st_mtime_ns):
        suite = status_file.stem
        outcomes = count_suite(results, suite)
        passed += len(outcomes["passed"])
        failed += len(outcomes["failed"])
        print(
            f"{suite:12} {len(outcomes['passed']):6} passed {len(outcomes['failed']):4} failed"
            f" {len(outcomes['skipped']):4} skipped"
        )
        for name in outcomes["failed"]:
            print(f"    failed: {name}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
