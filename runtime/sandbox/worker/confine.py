"""What is taken away from a call's process between its fork and the first line of the tool.

A keeper is one level's way to do that: `prepare` and `clean` run in the zygote, before and after a
call; `enter` runs in the call's process.
"""

import base64
import ctypes
import fcntl
import os
import resource
import shutil
import signal
import socket
import stat
import struct
import tempfile

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x00020000, 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 36, 38, 47, 4
SECCOMP_MODE_FILTER = 2
SYS_MOVE_MOUNT, AT_FDCWD, MOVE_MOUNT_F_EMPTY_PATH = 429, -100, 4  # the same on all architectures
CAPABILITY_VERSION_3 = 0x20080522
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

NOBODY = 65534
DESCRIPTORS_MAX = 256

libc = ctypes.CDLL(None, use_errno=True)


def check(answer, what):
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return answer


def prctl(option, *arguments):
    words = [ctypes.c_ulong(word) for word in (*arguments, 0, 0, 0, 0)[:4]]
    return check(libc.prctl(option, *words), "prctl")


def unshare(flags):
    check(libc.unshare(flags), "unshare")


def mount(source, target, kind, flags, options=None):
    texts = [text.encode() if text else None for text in (source, target, kind, options)]
    check(libc.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]), f"mount {target}")


# Where a call's process has what it is given. None of them is there for programs that it starts.
REQUEST, RESULT, PACKAGES = 3, 4, 5


def take_descriptors(descriptors, packages):
    """Makes request, result and streams the call's, and closes all others, those of the zygote among
    them. `packages`: a directory's descriptor, or None."""
    null = os.open("/dev/null", os.O_RDONLY)
    request, result, output, error = descriptors
    wanted = {0: null, 1: output, 2: error, REQUEST: request, RESULT: result}
    if packages is not None:
        wanted[PACKAGES] = packages
    # First above all of these numbers, so that none is overwritten before it is used.
    raised = {n: fcntl.fcntl(d, fcntl.F_DUPFD_CLOEXEC, 64) for n, d in wanted.items()}
    for number, source in raised.items():
        os.dup2(source, number, inheritable=number <= 2)
    os.closerange(len(wanted), os.sysconf("SC_OPEN_MAX"))


def set_limits(limits):
    def both(what, value):
        resource.setrlimit(what, (value, value))

    both(resource.RLIMIT_CORE, 0)
    # The second one kills, where a tool takes the first as a signal.
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_s"], limits["cpu_s"] + 1))
    # Of the address space, or, for what reserves far more of it than it uses, of what can be written.
    if "memory_bytes" in limits:
        both(resource.RLIMIT_AS, limits["memory_bytes"])
    if "data_bytes" in limits:
        both(resource.RLIMIT_DATA, limits["data_bytes"])
    both(resource.RLIMIT_FSIZE, limits["file_bytes_max"])
    both(resource.RLIMIT_NOFILE, DESCRIPTORS_MAX)
    both(resource.RLIMIT_NPROC, limits["processes_max"])
    both(resource.RLIMIT_MEMLOCK, 0)
    both(resource.RLIMIT_MSGQUEUE, 0)


def last_capability():
    with open("/proc/sys/kernel/cap_last_cap") as file:
        return int(file.read())


def offer_to_be_killed_first():
    """When the machine is out of memory: before the server and all else."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def drop_bounding_set(last):
    for capability in range(last + 1):
        prctl(PR_CAPBSET_DROP, capability)


def drop_capabilities():
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("II", CAPABILITY_VERSION_3, 0)
    check(libc.capset(header, bytes(24)), "capset")


def bring_up_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sH22x", b"lo", 0))
        flags = struct.unpack_from("H", request, 16)[0] | IFF_UP
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", flags))


def install_filter(program):
    """No call that the filter refuses can be made from here on, by nobody who descends from us."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    buffer = ctypes.create_string_buffer(program)
    fprog = struct.pack("HP", len(program) // 8, ctypes.addressof(buffer))
    check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog, 0, 0), "seccomp")


class IsolatedKeeper:
    """The zygote is in a sandbox of bubblewrap, with no more than the right to make namespaces there.
    Each call gets processes, mounts, a network, IPC and a user namespace of its own."""

    def __init__(self, config, packages):
        self.filter = base64.b64decode(config["filter"])
        self.last_capability = last_capability()
        self.packages = None  # calls have them where they are mounted
        if config.get("mounts_packages"):
            check(libc.syscall(SYS_MOVE_MOUNT, packages, b"", AT_FDCWD, b"/packages",
                               MOVE_MOUNT_F_EMPTY_PATH), "move_mount")
        os.close(packages)
        self.processes = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def prepare(self, uid):
        return None

    def fork(self):
        unshare(CLONE_NEWPID)
        process = -1
        try:
            process = os.fork()  # the first of the new namespace: all others end with it
        finally:
            if process != 0:
                check(libc.setns(self.processes, CLONE_NEWPID), "setns")
        return process

    def enter(self, limits, uid, folder):
        os.setsid()
        unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET)
        mount(None, "/", None, MS_REC | MS_PRIVATE)
        size = f"size={limits['file_bytes_max']},nr_inodes=16384,mode=1777"
        mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, size)
        # Only its own processes, and nothing else of what a kernel tells in /proc.
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid")
        bring_up_loopback()
        offer_to_be_killed_first()
        # Nothing of the above can be undone by who has rights in this namespace alone. It is also
        # what RLIMIT_NPROC counts in.
        unshare(CLONE_NEWUSER)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {NOBODY} 1"),
                           ("gid_map", f"{NOBODY} {NOBODY} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        set_limits(limits)
        drop_bounding_set(self.last_capability)
        drop_capabilities()
        os.umask(0o077)
        os.chdir("/tmp")
        install_filter(self.filter)

    def is_empty(self, uid):
        return True  # the kernel has ended the others

    def clean(self, uid, folder):
        pass  # the mounts went with their namespace

    def close(self):
        pass


class ProcessKeeper:
    """For machines without user namespaces: the zygote is root and gives each call a user of its own,
    whose processes and files are gone before another call gets it."""

    SHARED = ("/tmp", "/var/tmp", "/dev/shm")  # where everybody may leave files

    def __init__(self, config, packages):
        self.filter = base64.b64decode(config["filter"])
        self.last_capability = last_capability()
        self.packages = packages if config.get("packages") else None
        self.parent = os.getpid()
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # what calls leave behind is ours to reap
        self.folders = tempfile.mkdtemp(prefix="reverie-sandbox-")
        os.chmod(self.folders, 0o711)

    def prepare(self, uid):
        folder = tempfile.mkdtemp(dir=self.folders)
        os.chown(folder, uid, uid)
        return folder

    def fork(self):
        return os.fork()

    def enter(self, limits, uid, folder):
        os.setsid()
        offer_to_be_killed_first()
        set_limits(limits)
        drop_bounding_set(self.last_capability)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # takes all capabilities with it
        drop_capabilities()
        prctl(PR_SET_DUMPABLE, 1)  # else its own /proc/self would be closed to it
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.parent:
            os._exit(70)
        os.umask(0o077)
        os.chdir(folder)
        install_filter(self.filter)

    def is_empty(self, uid):
        """Kills what the user still has, and whether it had nothing."""
        helper = os.fork()
        if helper == 0:
            left = 1
            try:
                os.setresuid(uid, uid, uid)
                os.kill(-1, signal.SIGKILL)  # all that it may, which is all of that user but itself
                resource.setrlimit(resource.RLIMIT_NPROC, (2, 2))  # itself, and one that ends at once
                if os.fork() != 0:
                    os.wait()
                left = 0
            except BlockingIOError:
                pass  # there are others still
            finally:
                os._exit(left)
        return os.waitstatus_to_exitcode(os.waitpid(helper, 0)[1]) == 0

    def clean(self, uid, folder):
        shutil.rmtree(folder, ignore_errors=True)
        for shared in self.SHARED:
            try:
                entries = list(os.scandir(shared))
            except OSError:
                continue
            for entry in entries:
                self.remove_of(uid, entry)

    @staticmethod
    def remove_of(uid, entry):
        try:
            status = entry.stat(follow_symlinks=False)
            if status.st_uid != uid:
                return
            if stat.S_ISDIR(status.st_mode):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)
        except OSError:
            pass  # gone meanwhile

    def close(self):
        shutil.rmtree(self.folders, ignore_errors=True)


def keeper(config, packages):
    kind = IsolatedKeeper if config["level"] == "isolated" else ProcessKeeper
    return kind(config, packages)
