"""Runs one JavaScript or TypeScript tool: the call's process becomes Node.js, confined as it is."""

import os
import subprocess

import confine


def run(config, call):
    node = config["node"]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.getcwd(), "TMPDIR": os.getcwd(),
                   "LANG": "C.UTF-8", "NODE_NO_WARNINGS": "1"}
    # Three quarters of what it may write to: the rest is for what is not the heap.
    options = [f"--max-old-space-size={max(16, call['memory_bytes'] * 3 // 4 >> 20)}"]
    if call["language"] == "typescript" and version(node, environment) >= (22, 6):
        options.append("--experimental-strip-types")
    environment.update(call["environment"])
    os.lseek(confine.REQUEST, 0, os.SEEK_SET)  # to be read once more
    os.set_inheritable(confine.REQUEST, True)
    os.set_inheritable(confine.RESULT, True)
    os.execve(node, [node, *options, "--input-type=module", "--eval", config["javascript"]], environment)


def version(node, environment):
    said = subprocess.run([node, "--version"], stdout=subprocess.PIPE, env=environment, check=True).stdout
    return tuple(int(part) for part in said.decode().strip().lstrip("v").split(".")[:2])
