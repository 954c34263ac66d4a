"""The table at the end: what was measured, beside what it should be, and how it was got."""

import dataclasses
import json


@dataclasses.dataclass
class Row:
    name: str
    measured: str
    goal: str
    verdict: str
    how: str
    values: dict = dataclasses.field(default_factory=dict)  # for the file of results
    reference: str = ""


def at_most(pairs):
    """`meets`, or by how much each of the (value, limit) misses."""
    return _verdict([(value / limit - 1, f"{value:.3g} > {limit:g}") for value, limit in pairs])


def at_least(value, limit):
    return _verdict([(1 - value / limit, f"{value:.3g} < {limit:g}")])


def _verdict(misses):
    missed = [f"misses by {by:.0%} ({what})" for by, what in misses if by > 0]
    return "; ".join(missed) or "meets"


def print_table(rows, has_reference):
    columns = ["row", "measured", "goal", ""] + (["reference"] if has_reference else [])
    cells = [columns] + [
        [row.name, row.measured, row.goal, row.verdict] + ([row.reference] if has_reference else [])
        for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for number, line in enumerate(cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    print("\nHow:")
    for row in rows:
        print(f"- {row.name}: {row.how}")


def save(path, rows, about):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**about, "rows": [dataclasses.asdict(row) for row in rows]},
                               indent=2) + "\n")
