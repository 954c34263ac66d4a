"""The git program, as a user runs it."""

import os
import subprocess


class Git:
    """The git program with nothing of this machine's configuration, in one directory."""

    def __init__(self, directory):
        self.directory = directory
        self.env = {"PATH": os.environ["PATH"], "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1",
                    "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
                    "GIT_AUTHOR_NAME": "Tester", "GIT_AUTHOR_EMAIL": "tester@localhost",
                    "GIT_COMMITTER_NAME": "Tester", "GIT_COMMITTER_EMAIL": "tester@localhost"}

    def try_(self, *arguments, **env):
        return subprocess.run(["git", *arguments], cwd=self.directory, env={**self.env, **env},
                              capture_output=True, text=True, timeout=120)

    def __call__(self, *arguments, **env):
        done = self.try_(*arguments, **env)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def write(self, path, text):
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self("add", "-A")
        self("commit", "-m", f"edit {path}")

    def read(self, path):
        return (self.directory / path).read_text()
