// Each probe tries one way out. All are bounded, so that one that succeeds does no harm to the
// machine that runs it.

#include "tests/runtime/sandbox/sandbox_fixture.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace reverie::testing {
namespace {

class SandboxEscape : public SandboxFixture {
 protected:
  void SetUp() override {
    // As a provider's key is there in a server.
    ::setenv("OPENAI_API_KEY", canary.c_str(), 1);
    SandboxFixture::SetUp();
  }
  void TearDown() override { ::unsetenv("OPENAI_API_KEY"); }

  // What a raw system call answers in a tool: "-1 EPERM", say.
  std::string system_call(const std::string& name_and_arguments) {
    return value_of(R"(
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def tool():
    answer = libc.syscall()"
                    + name_and_arguments + R"()
    return f"{answer} {errno.errorcode.get(ctypes.get_errno(), 0)}"
)");
  }

  const std::string canary = "sk-canary-2f1c5d7e";
};
INSTANTIATE_TEST_SUITE_P(Levels, SandboxEscape, each_level(), level_name);

// Looks for a text in all of /proc and the files around that can be read.
constexpr const char* search = R"(
import os

def readable(path):
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return b""

def tool(wanted: str):
    wanted = wanted[::-1].encode()  # so that the argument itself is not what is found
    found = [name for name, value in os.environ.items() if wanted in f"{name}={value}".encode()]
    for entry in os.listdir("/proc"):
        for name in ("environ", "cmdline", "comm", "maps", "task/" + entry + "/environ"):
            if wanted in readable(f"/proc/{entry}/{name}"):
                found.append(f"/proc/{entry}/{name}")
    return found
)";

std::string reversed(std::string text) {
  std::reverse(text.begin(), text.end());
  return text;
}

// CVE-2025-51482: the code of POST /v1/tools/run ran in the server's environment, with its keys.
TEST_P(SandboxEscape, Cve2025_51482FindsNoProviderKeys) {
  const std::string found =
    value_of(call_of(search, "tool", "{\"wanted\":\"" + reversed(canary) + "\"}"));
  EXPECT_EQ(found, "[]");
  EXPECT_EQ(json_of("import os\ndef tool():\n    return sorted(os.environ)"),
            Json({"HOME", "LANG", "PATH", "PYTHONIOENCODING", "TMPDIR"}));
  const std::string shell =
    "import subprocess\ndef tool():\n"
    "    return subprocess.run('id -u; env', shell=True, "
    "capture_output=True, text=True).stdout";
  const std::string said = value_of(shell);
  EXPECT_EQ(said.find("canary"), std::string::npos);
  EXPECT_NE(said.substr(0, 2), "0\n");
}

// CVE-2025-6101: text of a message reached eval(). Here names and arguments are data: none is ever
// part of a source.
TEST_P(SandboxEscape, Cve2025_6101TakesNamesAndArgumentsForData) {
  const std::string attack = "__import__('os')._exit(7)";
  const std::string source = "def tool(x: str):\n    return x";
  for (const std::string& text : {attack, std::string("'); import os; os._exit(7) #"),
                                  std::string("{{7*7}} ${7*7} `id` $(id)")}) {
    EXPECT_EQ(value_of(call_of(source, "tool", Json{{"x", text}}.dump())), text);
    EXPECT_EQ(run(source, text, R"({"x":"1"})").end, SandboxEnd::raised);
    EXPECT_EQ(run(source, "tool", Json{{text, "1"}}.dump()).end, SandboxEnd::raised);
  }
}

// CVE-2026-4965: what was left of CVE-2025-6101: annotations of a tool's source were evaluated in
// the server. Here a schema comes from the syntax tree, and what it cannot mean is an error.
TEST_P(SandboxEscape, Cve2026_4965ExecutesNothingToReadASchema) {
  const std::string mark = directory.path() + "/executed";
  const std::string effect = "open(" + Json(mark).dump() + ", 'w')";
  std::promise<Result<std::string>> promise;
  sandbox->derive_schema(effect + "\ndef tool(x: " + effect + " = " + effect + "):\n"
                           "    \"\"\"Does.\n\n    Args:\n        x: It.\n    \"\"\"\n",
                         "", [&](Result<std::string> schema) { promise.set_value(std::move(schema)); });
  const Result<std::string> schema = promise.get_future().get();
  ASSERT_FALSE(schema);
  EXPECT_EQ(schema.error().code, Errc::invalid_argument);
  EXPECT_NE(schema.error().message.find("is not supported"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST_P(SandboxEscape, ReachesNoAddress) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string source = R"(
import socket
def tool(host: str, port: int):
    try:
        socket.create_connection((host, port), timeout=2).close()
        return "connected"
    except OSError as error:
        return type(error).__name__
)";
  const auto reach = [&](const std::string& host, int port) {
    return value_of(call_of(source, "tool", Json{{"host", host}, {"port", port}}.dump()));
  };
  EXPECT_NE(reach("127.0.0.1", ntohs(address.sin_port)), "connected");
  EXPECT_NE(reach("169.254.169.254", 80), "connected");
  EXPECT_NE(reach("localhost", ntohs(address.sin_port)), "connected");
  ::close(listener);
}

TEST_P(SandboxEscape, ReachesNoAbstractSocketAndNoneOfAFile) {
  const std::string name = "reverie-test-" + std::to_string(::getpid());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size())),
            0);
  ASSERT_EQ(::listen(listener, 1), 0);
  EXPECT_NE(value_of("import socket\ndef tool():\n    try:\n"
                     "        s = socket.socket(socket.AF_UNIX)\n        s.connect('\\0"
                     + name
                     + "')\n        return 'connected'\n"
                       "    except OSError as error:\n        return str(error)"),
            "connected");
  // A pair of datagram sockets could send to any name; streams reach each other alone.
  const std::string answer = value_of(
    "import socket\ndef tool():\n    try:\n"
    "        a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
    "        a.sendto(b'x', '\\0"
    + name + "')\n        return 'sent'\n    except OSError as error:\n        return 'refused'");
  EXPECT_EQ(answer, "refused");
  ::close(listener);
}

TEST_P(SandboxEscape, ReadsNoFileOfTheServer) {
  const std::string path = directory.path() + "/secret.txt";
  std::ofstream(path) << canary;
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
  const Json seen = json_of("import os\ndef tool():\n    found = {}\n    for path in (" + Json(path).dump()
                            + ", '/etc/shadow', '/root', '/proc/1/root/etc/shadow', "
                              "'/proc/1/environ', '/home', '/work', '/var/lib'):\n"
                              "        try:\n"
                              "            found[path] = os.listdir(path) if os.path.isdir(path) else "
                              "open(path).read(100)\n"
                              "        except OSError as error:\n"
                              "            found[path] = None\n    return found");
  EXPECT_TRUE(seen[path].is_null()) << seen.dump();
  EXPECT_TRUE(seen["/etc/shadow"].is_null()) << seen.dump();
  EXPECT_TRUE(seen["/root"].is_null()) << seen.dump();
  EXPECT_TRUE(seen["/proc/1/root/etc/shadow"].is_null()) << seen.dump();
  if (!is_isolated()) return;
  for (const char* gone : {"/home", "/work", "/var/lib"}) EXPECT_TRUE(seen[gone].is_null()) << gone;
  EXPECT_EQ(json_of("import os\ndef tool():\n    return sorted(set(os.listdir('/')) - "
                    "{'lib32', 'libx32', 'sbin', 'lib64'})"),
            Json({"bin", "dev", "etc", "lib", "proc", "tmp", "usr"}));
}

TEST_P(SandboxEscape, WritesNowhereButToItsOwnFolder) {
  const Json written = json_of(R"(
import os
def tool():
    written = []
    for folder in ("/", "/usr", "/usr/bin", "/usr/local", "/etc", "/dev", "/bin", "/lib", "/root", "/var",
                   "/opt", "/proc/sys/kernel", "/sys", "/run"):
        path = folder + "/reverie-escape-test"
        try:
            with open(path, "w") as file:
                file.write("x")
            os.unlink(path)
            written.append(folder)
        except OSError:
            pass
    for name in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/etc/passwd"):
        try:
            os.close(os.open(name, os.O_WRONLY))
            written.append(name)
        except OSError:
            pass
    return written
)");
  EXPECT_EQ(written, Json::array());
}

// What one call leaves, and what it holds while another runs.
TEST_P(SandboxEscape, SeesNothingOfOtherCalls) {
  SandboxCall other = call_of(R"(
import os, sys, time
def tool():
    os.environ["SEEN"] = "x"
    for folder in (os.getcwd(), "/tmp", "/var/tmp", "/dev/shm"):
        try:
            with open(folder + "/left-by-other", "w") as file:
                file.write("secret-of-other")
        except OSError:
            pass
    sys.modules["left_by_other"] = sys
    print("there", flush=True)
    time.sleep(600)
)");
  other.id = "other";
  other.environment = {{"OTHER_KEY", "secret-of-other"}};
  auto running = begin(other);
  const std::string source = R"(
import os, sys
def tool():
    seen = [name for name in os.environ if name in ("SEEN", "OTHER_KEY")]
    seen += [name for name in sys.modules if name == "left_by_other"]
    for folder in (os.getcwd(), "/tmp", "/var/tmp", "/dev/shm"):
        try:
            with open(folder + "/left-by-other") as file:
                seen.append(folder + file.read())
        except OSError:
            pass
    me = os.getpid()
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == me:
            continue
        for name in ("environ", "mem", "maps", "cwd", "root", "fd/1", "fd/3", "fd/4"):
            try:
                path = f"/proc/{entry}/{name}"
                if name in ("cwd", "root"):
                    seen.append([path, os.listdir(path)])
                elif name == "mem":
                    os.close(os.open(path, os.O_RDWR))
                    seen.append(path)
                elif open(path, "rb").read(1):
                    seen.append(path)
            except OSError:
                pass
    return seen
)";
  EXPECT_EQ(value_of(source), "[]");
  sandbox->cancel("other");
  EXPECT_EQ(result_of(running).end, SandboxEnd::cancelled);
  EXPECT_EQ(value_of(source), "[]");
}

TEST_P(SandboxEscape, SignalsAndStopsNoOtherProcess) {
  SandboxCall other = call_of("import time\ndef tool():\n    time.sleep(600)");
  other.id = "other";
  auto running = begin(other);
  EXPECT_EQ(value_of(R"(
import os, signal
def tool():
    hit = []
    for pid in range(2, 33000):  # 0 only asks whether it could
        if pid == os.getpid():
            continue
        try:
            os.kill(pid, 0)
            hit.append(pid)
        except OSError:
            pass
    return hit
)"),
            "[]");
  sandbox->cancel("other");
  EXPECT_EQ(result_of(running).end, SandboxEnd::cancelled);
}

TEST_P(SandboxEscape, InheritsNoDescriptorAndFindsNoneBehindProc) {
  const Json open = json_of(R"(
import os, stat
def tool():
    kinds = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            kinds[number] = stat.S_IFMT(os.fstat(int(number)).st_mode)
        except OSError:
            continue  # that of the listing
    return {number: {stat.S_IFIFO: "pipe", stat.S_IFCHR: "device"}.get(kind, hex(kind))
            for number, kind in kinds.items()}
)");
  EXPECT_EQ(open, Json({{"0", "device"}, {"1", "pipe"}, {"2", "pipe"}, {"4", "pipe"}}));
  // Its programs do not even have that of the result.
  EXPECT_EQ(
    value_of("import subprocess\ndef tool():\n    return subprocess.run(['ls', '/proc/self/fd'], "
             "capture_output=True, text=True, close_fds=False).stdout.split()"),
    R"(["0", "1", "2", "3"])");
}

TEST_P(SandboxEscape, FollowsNoLinkOutOfItsFolder) {
  const std::string secret = directory.path() + "/secret.txt";
  std::ofstream(secret) << canary;
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
  EXPECT_EQ(
    value_of("import os\ndef tool():\n    os.symlink(" + Json(secret).dump()
             + ", 'link')\n    tried = ['link', '/proc/self/cwd/link', "
               "'/proc/self/root"
             + secret
             + "', '/dev/fd/../cwd/link']\n"
               "    for path in tried:\n        try:\n            return open(path).read()\n"
               "        except OSError:\n            pass\n"
               "    try:\n        os.link('link', 'hard')\n"
               "        return open('hard').read()\n"
               "    except OSError:\n        return 'nothing'"),
    "nothing");
}

TEST_P(SandboxEscape, MakesNoNamespacesAndMountsNothing) {
  constexpr int new_user = 0x10000000, new_mounts = 0x00020000;
  EXPECT_EQ(system_call("272, " + std::to_string(new_user)), "-1 EPERM");  // unshare
  EXPECT_EQ(system_call("272, " + std::to_string(new_mounts)), "-1 EPERM");
  EXPECT_EQ(system_call("56, " + std::to_string(new_user | 17) + ", 0, 0, 0, 0"),
            "-1 EPERM");                                                        // clone
  EXPECT_EQ(system_call("435, 0, 0"), "-1 ENOSYS");                             // clone3
  EXPECT_EQ(system_call("308, 0, 0"), "-1 EPERM");                              // setns
  EXPECT_EQ(system_call("165, b'none', b'/tmp', b'tmpfs', 0, 0"), "-1 EPERM");  // mount
  EXPECT_EQ(system_call("166, b'/proc', 2"), "-1 EPERM");                       // umount2
  EXPECT_EQ(system_call("430, b'tmpfs', 0"), "-1 EPERM");                       // fsopen
  EXPECT_EQ(system_call("428, -100, b'/', 1"), "-1 EPERM");                     // open_tree
  EXPECT_EQ(system_call("155, b'.', b'.'"), "-1 EPERM");                        // pivot_root
  EXPECT_EQ(system_call("161, b'/tmp'"), "-1 EPERM");                           // chroot
}

TEST_P(SandboxEscape, HasNoneOfTheKernelsDangerousCalls) {
  EXPECT_EQ(system_call("101, 0, 0, 0, 0"), "-1 EPERM");                  // ptrace: trace me
  EXPECT_EQ(system_call("101, 16, 1, 0, 0"), "-1 EPERM");                 // ptrace: attach
  EXPECT_EQ(system_call("250, 0, -3, 1, 0, 0"), "-1 EPERM");              // keyctl
  EXPECT_EQ(system_call("248, b'user', b'x', b'y', 1, -3"), "-1 EPERM");  // add_key
  EXPECT_EQ(system_call("249, b'user', b'x', 0, -3"), "-1 EPERM");        // request_key
  EXPECT_EQ(system_call("321, 0, 0, 0"), "-1 EPERM");                     // bpf
  EXPECT_EQ(system_call("298, 0, 0, -1, -1, 0"), "-1 EPERM");             // perf_event_open
  EXPECT_EQ(system_call("323, 0"), "-1 EPERM");                           // userfaultfd
  EXPECT_EQ(system_call("310, 1, 0, 0, 0, 0, 0"), "-1 EPERM");            // process_vm_readv
  EXPECT_EQ(system_call("304, -100, 0, 0"), "-1 EPERM");                  // open_by_handle_at
  EXPECT_EQ(system_call("425, 1, 0"), "-1 EPERM");                        // io_uring_setup
  EXPECT_EQ(system_call("438, 1, 0, 0"), "-1 EPERM");                     // pidfd_getfd
  EXPECT_EQ(system_call("246, 0, 0, 0, 0"), "-1 EPERM");                  // kexec_load
  EXPECT_EQ(system_call("313, 0, b'', 0"), "-1 EPERM");                   // finit_module
  EXPECT_EQ(system_call("103, 2, 0, 0"), "-1 EPERM");                     // syslog
  EXPECT_EQ(system_call("16, 0, 0x5412, b'x'"), "-1 EPERM");       // ioctl: type into the terminal
  EXPECT_EQ(system_call("16, 0, 0x100005412, b'x'"), "-1 EPERM");  // the same to the kernel
}

TEST_P(SandboxEscape, OpensNoStrangeSockets) {
  const Json open = json_of(R"(
import socket
def tool():
    open = []
    for family in (3, 9, 15, 16, 17, 29, 31, 38, 40, 44):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                socket.socket(family, kind, 0).close()
                open.append(family)
            except OSError:
                pass
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close()
        open.append("raw")
    except OSError:
        pass
    return open
)");
  EXPECT_EQ(open, Json::array());
}

TEST_P(SandboxEscape, HasNoRightsAndGetsNone) {
  const Json status = json_of(R"(
import os
def tool():
    with open("/proc/self/status") as file:
        fields = dict(line.split(":\t") for line in file.read().splitlines() if ":\t" in line)
    raised = []
    for program in ("/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd"):
        if os.path.exists(program):
            raised.append(os.stat(program).st_mode & 0o4000 != 0 and os.geteuid() == 0)
    return [fields["NoNewPrivs"], fields["Seccomp"], fields["CapPrm"], fields["CapEff"],
            fields["CapBnd"], fields["CapAmb"], any(raised), os.getuid() != 0, os.getgroups()]
)");
  const std::string none = "0000000000000000";
  Json groups = status[8];
  EXPECT_EQ(Json(status.begin(), status.begin() + 8),
            Json({"1", "2", none, none, none, none, false, true}));
  for (const Json& group : groups) EXPECT_NE(group, 0);
}

TEST_P(SandboxEscape, StopsAForkBombAndAMemoryBomb) {
  SandboxCall call = call_of(R"(
import os, time
def tool():
    made = 0
    for _ in range(400):  # all of which end
        try:
            if os.fork() == 0:
                time.sleep(1)
                os._exit(0)
            made += 1
        except OSError:
            break
    return made
)");
  call.limits.processes_max = 30;
  EXPECT_LE(std::stoi(value_of(call)), 30);
  EXPECT_EQ(run("def tool():\n    kept = []\n    for _ in range(64):  # 4 GB\n"
                "        kept.append(bytearray(64 << 20))\n    return len(kept)")
              .end,
            SandboxEnd::exhausted);
  EXPECT_EQ(value_of("def tool():\n    return 'well'"), "well");
}

}  // namespace
}  // namespace reverie::testing
