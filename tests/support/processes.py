"""The two programs that tests run: the server and the scripted model. Real processes on real
sockets; nothing here knows more of them than a user does."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

from support.until import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("REVERIE_BINARY", ROOT / "build/release/reverie"))
MODEL_BINARY = BINARY.parent / "tests/scripted_model/scripted_model"
START_S = 60  # sanitizers are slow to start


class Process:
    """A program that says on which port it listens, on a line of its output."""

    def __init__(self, command, pattern, log, env=None):
        self.log = pathlib.Path(log)
        self.output = open(self.log, "ab")
        self.offset = self.output.tell()
        self.popen = subprocess.Popen(
            [str(part) for part in command], stdout=self.output, stderr=self.output, env=env)
        self.port = self._wait_for_port(re.compile(pattern))

    def _wait_for_port(self, pattern):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with open(self.log, "rb") as file:
                file.seek(self.offset)
                found = pattern.search(file.read().decode("utf8", "replace"))
            if found:
                return int(found.group(1))
            if self.popen.poll() is not None:
                break
            time.sleep(0.002)
        raise RuntimeError(f"did not start:\n{self.log.read_text(errors='replace')[-4000:]}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def kill(self):
        """kill -9: nothing is flushed, nobody is told."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()

    def stop(self, timeout_s=60):
        """Ends it as an operator does and returns its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(timeout_s)


class ScriptedModel(Process):
    def __init__(self, directory, port=0, options=()):
        super().__init__([MODEL_BINARY, "--port", port, *options], r"http://127\.0\.0\.1:(\d+)/v1",
                         pathlib.Path(directory) / "model.log")

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)

    def requests(self, contains=""):
        """What it was asked: the bodies of the requests that hold this text."""
        entries = self.get("/__journal")["entries"]
        return [e["body"] for e in entries if e["body"] and contains in json.dumps(e["body"])]

    def stats(self):
        return self.get("/__stats")


class Server(Process):
    def __init__(self, directory, model=None, options=(), env=None, port=0):
        self.directory = pathlib.Path(directory)
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.directory)}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                variables[name] = os.environ[name]
        if model is not None:
            variables.update({
                "OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": model.url + "/v1",
                "ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": model.url + "/v1"})
        variables.update(env or {})
        super().__init__(
            [BINARY, "serve", "--port", port, "--data-dir", self.directory / "data",
             "--models.discover-local=false", *options],
            r"listens url=http://[^ ]*:(\d+)", self.directory / "server.log", variables)
        self._wait_for_health()

    def _wait_for_health(self):
        deadline = time.monotonic() + START_S
        while True:
            try:
                with urllib.request.urlopen(self.url + "/v1/health", timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def wait_for_model(self, handle):
        """Models are listed in the background; a test that names one waits for it."""
        until(lambda: handle in [model["handle"] for model in self.get("/v1/models/")], START_S)

    def request(self, method, path, body=None, headers=None):
        """One request without the SDK: (status, JSON, headers)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, method=method,
            headers={"content-type": "application/json", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null"), error.headers

    def get(self, path, headers=None):
        status, body, _ = self.request("GET", path, headers=headers)
        assert status == 200, (status, body)
        return body
