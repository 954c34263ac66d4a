"""kill -9 at every arrow of a run, on both wire formats: a failpoint for each, not luck.

A server that traces its failpoints says what a scenario passes; then the scenario is run again and
again, each time on a server that dies at another passing, and is finished on the next one.

REVERIE_SEED repeats a choice of passings; REVERIE_FAILPOINT_KILLS is the most for each scenario and
format, for builds that are slow."""

import concurrent.futures
import http.client
import os
import pathlib
import queue
import random
import re
import signal
import subprocess
import tempfile
import traceback

import pytest

from crash import counts
from crash.scenarios import RUNS
from crash.side_scenarios import BESIDE_RUNS
from crash.talk import ANTHROPIC, OPENAI, ServerGone
from support.processes import BINARY, ScriptedModel, Server
from support.until import until

SCENARIOS = RUNS + BESIDE_RUNS
SEED = int(os.environ.get("REVERIE_SEED", random.randrange(1 << 30)))
KILLS_MAX = int(os.environ.get("REVERIE_FAILPOINT_KILLS", "0"))  # 0: all
WORKERS = 4
DEATH_S = 60
# What happens often: of these so many passings of a scenario are chosen.
FREQUENT = {"model.delta": 2, "stream.event": 3, "log.write": 1, "log.written": 1, "commit.answer": 1}
# Where a kill at each event of the stream is worth its time.
EVERY_EVENT = "Tokens"

died_at = set()
scenarios_run = set()


class Doomed(Server):
    """A server with a failpoint, which may be passed before it listens."""

    def __init__(self, directory, model, at, options=()):
        self.port = None
        try:
            super().__init__(directory, model, options, {"REVERIE_FAILPOINT": at})
        except RuntimeError:
            if self.popen.poll() != -signal.SIGKILL:
                raise

    def _wait_for_health(self):
        pass  # it listens, or is dead

    @property
    def url(self):
        if self.port is None:
            raise ServerGone("it died before it listened")
        return super().url

    def run(self, scenario):
        try:
            if self.port is not None:
                for handle in (OPENAI, ANTHROPIC):
                    self.wait_for_model(handle)
            scenario.run(self)
        except (ServerGone, OSError, http.client.HTTPException):
            pass

    def wait_for_passing(self, name):
        """Until its trace tells of it, or it is dead."""
        passed = f"failpoint: passed name={name} ".encode()
        until(lambda: passed in self.log.read_bytes()[self.offset:] or self.popen.poll() is not None, DEATH_S)
        if self.popen.poll() is not None:
            raise ServerGone("it died")

    def wait_for_death(self):
        try:
            return self.popen.wait(DEATH_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return "it lives"


class Worker:
    """A data directory, and one server after the other on it."""

    def __init__(self, model, directory):
        self.model = model
        self.root = self.directory = directory
        self.server = None

    def live(self):
        if self.server is None:
            self.server = Server(self.directory, self.model)
            for handle in (OPENAI, ANTHROPIC):
                self.server.wait_for_model(handle)
        return self.server

    def end(self):
        if self.server is not None:
            self.server.kill()
            self.server = None

    def begin(self, kind, handle):
        """A scenario that is ready for its server to die."""
        if kind.has_own_data:
            self.end()
            self.directory = pathlib.Path(tempfile.mkdtemp(dir=self.root))
        scenario = kind(self.live(), handle)
        self.end()
        if kind.interrupted_at:
            doomed = Doomed(self.directory, self.model, kind.interrupted_at)
            doomed.run(scenario)
            assert doomed.wait_for_death() == -signal.SIGKILL
        return scenario

    def trace(self, kind, handle):
        """(name, count) of the failpoints that the scenario passes."""
        scenario = self.begin(kind, handle)
        server = Doomed(self.directory, self.model, "trace", kind.options)
        scenario.run(server)
        assert server.stop() == 0
        scenario.check(self.live())
        log = server.log.read_bytes()[server.offset:].decode()
        return [(name, int(count)) for name, count in
                re.findall(r"failpoint: passed name=(\S+) count=(\d+)", log)]

    def kill(self, kind, handle, name, count):
        scenario = self.begin(kind, handle)
        scenario.died_at = name
        doomed = Doomed(self.directory, self.model, f"{name}@{count}", kind.options)
        doomed.run(scenario)
        code = doomed.wait_for_death()
        assert code == -signal.SIGKILL, f"{name}@{count} was not passed: {code}"
        scenario.run(self.live())
        scenario.check(self.live())


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    model = ScriptedModel(tmp_path_factory.mktemp("model"), options=["--no-journal"])
    yield model
    model.stop()


@pytest.fixture(scope="module")
def workers(model, tmp_path_factory):
    workers = queue.Queue()
    for _ in range(WORKERS):
        workers.put(Worker(model, tmp_path_factory.mktemp("worker")))
    yield workers
    while not workers.empty():
        workers.get().end()


def choose(passings, kind, handle):
    """All that happens seldom, and a few of what happens often."""
    chance = random.Random(f"{SEED}/{kind.__name__}/{handle}")
    chosen = []
    for name in dict.fromkeys(name for name, _ in passings):
        if name in kind.uncounted or kind.names and not name.startswith(kind.names):
            continue
        those = [passing for passing in passings if passing[0] == name]
        is_whole = name == "stream.event" and kind.__name__ == EVERY_EVENT
        if not is_whole and len(those) > FREQUENT.get(name, len(those)):
            those = chance.sample(those, FREQUENT[name])
        chosen += those
    if KILLS_MAX and len(chosen) > KILLS_MAX:
        chosen = chance.sample(chosen, KILLS_MAX)
    return chosen


@pytest.mark.parametrize("handle", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
@pytest.mark.parametrize("kind", SCENARIOS, ids=lambda kind: kind.__name__)
def test_kill_9_at_every_failpoint(workers, model, kind, handle):
    print(f"seed {SEED}")
    first = workers.get()
    try:
        passings = first.trace(kind, handle)
    finally:
        workers.put(first)
    chosen = choose(passings, kind, handle)
    assert chosen, "the scenario passes no failpoint"

    def kill(passing):
        worker = workers.get()
        try:
            worker.kill(kind, handle, *passing)
            died_at.add(passing[0])
            counts.add(kills=1)
        except Exception:
            return f"{passing[0]}@{passing[1]}, seed {SEED}:\n{traceback.format_exc()}"
        finally:
            workers.put(worker)

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        failures = [failure for failure in pool.map(kill, chosen) if failure]
    assert not failures, f"{len(failures)} of {len(passings)} passings:\n" + "\n".join(failures)
    assert model.stats()["invalid_histories"] == 0
    scenarios_run.add((kind, handle))


def test_every_failpoint_of_the_list_was_passed(tmp_path):
    if len(scenarios_run) < 2 * len(SCENARIOS) or KILLS_MAX:
        pytest.skip("not all scenarios were run whole")
    refused = subprocess.run([BINARY, "serve", "--port", "0", "--data-dir", tmp_path],
                             env={"PATH": os.environ["PATH"], "REVERIE_FAILPOINT": "no.such"},
                             capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1 and "there is no failpoint 'no.such'" in refused.stderr
    names = set(re.findall(r"[a-z_]+\.[a-z_]+", refused.stderr.split("there are:")[1]))
    assert names == died_at
    counts.add(points=len(names))
