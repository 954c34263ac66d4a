"""Runs fuzzers for a time each, some at once, and writes JUnit XML.

    python3 run.py --junitxml FILE NAME...

Each starts from the seeds in corpus/<name>/ and a seed of chance, which is printed:
REVERIE_FUZZ_SEED=<seed> repeats it. REVERIE_FUZZ_S: seconds for each (30). An input that shows a
fault is kept in build/fuzz-findings/, and its path is printed. Exits with 1 when there is one.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
FINDINGS = BUILD / "fuzz-findings"

AT_ONCE = 2
INPUT_BYTES_MAX = 4096
INPUT_S_MAX = 10
MEMORY_MIB_MAX = 2048
# Beyond its time, a fuzzer ends the input that it is at, and looks for leaks.
GRACE_S = 60

# What the report keeps of a fuzzer's last words.
TAIL_LINES = 60


@dataclasses.dataclass
class Outcome:
    name: str
    status: int
    seconds: float
    output: str

    @property
    def runs_per_s(self):
        found = re.search(r"stat::number_of_executed_units:\s*(\d+)", self.output)
        return int(found[1]) / max(self.seconds, 1) if found else 0

    @property
    def finding(self):
        found = re.search(r"Test unit written to (\S+)", self.output)
        return found[1] if found else None

    @property
    def tail(self):
        return "\n".join(self.output.splitlines()[-TAIL_LINES:])


def sanitizer_options():
    """The machine's own addr2line names the lines: LLVM's tool is in a package of 50 MB."""
    options = dict(os.environ)
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        options[name] = ":".join(filter(None, [options.get(name), "allow_addr2line=1"]))
    return options


def run(name, seconds, seed):
    found = BUILD / "fuzz-corpus" / name
    shutil.rmtree(found, ignore_errors=True)
    found.mkdir(parents=True)
    command = [
        BUILD / "fuzz" / "tests" / "fuzz" / f"{name}_fuzz",
        found,
        HERE / "corpus" / name,
        f"-seed={seed}",
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-timeout={INPUT_S_MAX}",
        f"-rss_limit_mb={MEMORY_MIB_MAX}",
        f"-artifact_prefix={FINDINGS}/{name}-",
        "-print_final_stats=1",
    ]
    started = time.monotonic()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=sanitizer_options(),
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds + GRACE_S)
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            output = process.communicate()[0] + "\nIt did not end in its time."
            status = 1
    return Outcome(name, status, time.monotonic() - started, output)


def tell(outcome):
    verdict = "no finding" if outcome.status == 0 else "FAILED"
    print(
        f"fuzz/{outcome.name:18} {verdict}, {outcome.runs_per_s:8.0f} inputs/s,"
        f" {outcome.seconds:.0f} s",
        flush=True,
    )
    if outcome.status == 0:
        return
    print(outcome.tail)
    if outcome.finding:
        program = f"build/fuzz/tests/fuzz/{outcome.name}_fuzz"
        print(f"the input is kept, repeat with: {program} {outcome.finding}", flush=True)


def write_report(path, outcomes):
    suite = ElementTree.Element("testsuite", name="fuzz", tests=str(len(outcomes)))
    for outcome in outcomes:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname="fuzz",
            name=f"fuzz/{outcome.name}",
            time=f"{outcome.seconds:.1f}",
        )
        if outcome.status != 0:
            message = outcome.finding or f"ended with status {outcome.status}"
            failure = ElementTree.SubElement(case, "failure", message=message)
            # XML has no way to write the other control characters.
            failure.text = re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd]", "?", outcome.tail)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--junitxml", required=True)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    seconds = int(os.environ.get("REVERIE_FUZZ_S", "30"))
    # Of 32 bits, and 0 would let each choose its own.
    seed = int(os.environ.get("REVERIE_FUZZ_SEED") or random.randrange(1, 2**32))
    print(f"{seconds} s for each, REVERIE_FUZZ_SEED={seed}", flush=True)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        under_way = [pool.submit(run, name, seconds, seed) for name in options.names]
        for done in concurrent.futures.as_completed(under_way):
            outcomes.append(done.result())
            tell(outcomes[-1])
    write_report(options.junitxml, sorted(outcomes, key=lambda outcome: outcome.name))
    return 1 if any(outcome.status != 0 for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
