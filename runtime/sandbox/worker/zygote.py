"""A warm interpreter that forks once per call.

The server talks to it over a socket of whole messages (JSON, with descriptors beside them). It never
looks at a call's source, arguments or variables: they are in a descriptor of their own that the call's
process reads after the fork, so that nothing of one call is in the memory that the next one is forked
from. No code of users and no package of theirs is ever imported here.

    to us:   {"call": 7, "limits": {...}, "uid": 58001}   request, result, standard output and error
    from us: {"ready": true}
             {"call": 7, "started": true}                  a pidfd of the call's first process
             {"call": 7, "failed": "why"}                  no process was made
             {"call": 7, "status": 0, "cpu_ms": 3}         it has ended, and all that it started
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback

import confine
import javascript_call
import python_call

# Descriptors, as runtime/sandbox/worker_process.cpp hands them over. The lock is only held: its user
# numbers are ours until we have ended. Those behind the packages were bubblewrap's.
CONTROL, LOCK, PACKAGES = 4, 5, 6
MESSAGE_BYTES_MAX = 65536
ENDING_MS = 5  # between looks at what a call has left behind and was killed

# What tools import most. Loaded when there is nothing else to do, so that the first call does not
# wait for it.
WARM = ["asyncio", "collections", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib",
        "inspect", "itertools", "linecache", "math", "random", "re", "string", "time", "traceback",
        "typing", "uuid"]


class Zygote:
    def __init__(self, config):
        self.config = config
        self.control = socket.socket(fileno=CONTROL)
        self.keeper = confine.keeper(config, PACKAGES)
        self.calls = {}  # by process id: (number, uid, folder)
        self.ending = []  # (message, uid, folder): the first process has ended, others may not have
        self.warm = list(reversed(WARM))

    def serve(self):
        # A SIGCHLD makes the socket pair readable, which ends the wait below.
        wake, wake_end = socket.socketpair()
        for end in (wake, wake_end):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_end.fileno(), warn_on_full_buffer=False)
        gc.disable()
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(wake, select.POLLIN)
        self.send({"ready": True})
        while True:
            self.finish()
            wait_ms = ENDING_MS if self.ending else 0 if self.warm else None
            ready = [descriptor for descriptor, _ in poll.poll(wait_ms)]
            if not ready and self.warm and not self.ending:
                importlib.import_module(self.warm.pop())
                gc.freeze()  # what is here stays: children need not copy it to look at it
                continue
            if wake.fileno() in ready:
                try:
                    wake.recv(4096)
                except BlockingIOError:
                    pass
                self.reap()
            if self.control.fileno() in ready and not self.receive():
                break
        self.end_all()

    def end_all(self):
        for process in self.calls:
            os.kill(process, signal.SIGKILL)
        while self.calls or self.ending:
            self.reap()
            self.finish()
            select.select([], [], [], ENDING_MS / 1000)
        self.keeper.close()

    def send(self, message, descriptors=()):
        try:
            socket.send_fds(self.control, [json.dumps(message).encode()], list(descriptors))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server is gone, which the next receive() says

    def receive(self):
        data, descriptors, _, _ = socket.recv_fds(self.control, MESSAGE_BYTES_MAX, 8)
        if not data:
            return False
        message = json.loads(data)
        try:
            self.start(message, descriptors)
        except OSError as error:
            self.send({"call": message["call"], "failed": f"cannot start a process: {error}"})
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def start(self, message, descriptors):
        uid = message.get("uid")
        folder = self.keeper.prepare(uid)
        process = self.keeper.fork()
        if process == 0:
            run_child(self.config, self.keeper, message, folder, descriptors)
        self.calls[process] = (message["call"], uid, folder)
        pidfd = os.pidfd_open(process)
        self.send({"call": message["call"], "started": True}, [pidfd])
        os.close(pidfd)

    def reap(self):
        while True:
            try:
                process, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            if process not in self.calls:
                continue  # what a call has left behind
            number, uid, folder = self.calls.pop(process)
            cpu_ms = int((usage.ru_utime + usage.ru_stime) * 1000)
            self.ending.append(({"call": number, "status": status, "cpu_ms": cpu_ms}, uid, folder))

    def finish(self):
        left = []
        for message, uid, folder in self.ending:
            if self.keeper.is_empty(uid):
                self.keeper.clean(uid, folder)
                self.send(message)
            else:
                left.append((message, uid, folder))
        self.ending = left


def run_child(config, keeper, message, folder, descriptors):
    """In the child: never returns."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        confine.take_descriptors(descriptors, keeper.packages)
        keeper.enter(message["limits"], message.get("uid"), folder)
        call = read_request()
        gc.enable()
        if call["kind"] == "javascript":
            javascript_call.run(config, call)
        else:
            python_call.run(config, call)
    except BaseException:  # ours, not the tool's: python_call catches that
        os.write(2, traceback.format_exc().encode())
    os._exit(70)  # EX_SOFTWARE


def read_request():
    with open(confine.REQUEST, "rb", closefd=False) as file:
        return json.load(file)


def main(config):
    os.closerange(PACKAGES + 1, os.sysconf("SC_OPEN_MAX"))
    os.chdir("/")
    try:
        Zygote(config).serve()
    except Exception:
        traceback.print_exc()
        sys.exit(70)
