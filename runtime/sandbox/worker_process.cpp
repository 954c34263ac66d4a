#include "runtime/sandbox/worker_process.hpp"

#include "config/base64.hpp"
#include "config/json.hpp"
#include "config/json_writer.hpp"
#include "runtime/sandbox/bubblewrap.hpp"
#include "runtime/sandbox/seccomp_filter.hpp"
#include "runtime/sandbox/worker_scripts.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace reverie {

namespace {

// The descriptors that a zygote starts with; worker/zygote.py knows the first two. Those behind
// them are bubblewrap's, or hold a lock.
enum Given : int { config = 3, control, lock, packages, filter, passwd, group, hosts, count };

// Makes modules of the scripts and runs the zygote. The rest of the program comes as data: there it
// has no length that matters.
constexpr const char* boot = R"(
import json, os, sys, types
with open(3) as file:
    config = json.load(file)
for name, source in config.pop("scripts"):
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(source, name + ".py", "exec", dont_inherit=True), module.__dict__)
sys.modules["zygote"].main(config)
)";

// The folder of packages as one that can be had without the folders above it, which are the
// server's.
struct PackageFolder {
  Descriptor folder;
  bool is_mount = false;  // that can be put into another's view of files
};

PackageFolder open_packages(const std::string& path) {
  PackageFolder open;
  if (path.empty()) return open;
  open.folder = Descriptor(static_cast<int>(
    ::syscall(SYS_open_tree, AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  open.is_mount = open.folder.is_open()
                  && ::syscall(SYS_mount_setattr, open.folder.get(), "", AT_EMPTY_PATH, &attributes,
                               sizeof attributes)
                       == 0;
  if (!open.is_mount)
    open.folder = Descriptor(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return open;
}

std::string config_json(const WorkerStart& what, const std::string& call_filter, bool is_mount) {
  std::string scripts = "[";
  std::string javascript;
  for (const WorkerScript& script : worker_scripts()) {
    if (!script.name.ends_with(".py")) {
      javascript = script.text;
      continue;
    }
    if (scripts.size() > 1) scripts += ',';
    scripts += '[';
    append_json_string(scripts, script.name.substr(0, script.name.size() - 3));
    scripts += ',';
    append_json_string(scripts, script.text);
    scripts += ']';
  }
  scripts += ']';
  std::string json;
  {
    JsonObjectWriter object(json);
    object.add("level", to_string(what.level)).add("filter", to_base64(call_filter));
    object.add_json("scripts", scripts).add("javascript", javascript);
    object.add("node", find_sandbox_program("node"));
    if (!what.packages.empty()) {
      const bool is_isolated = what.level == SandboxLevel::isolated;
      object.add("packages", is_isolated ? "/packages" : "/proc/self/fd/5");
      object.add("mounts_packages", is_isolated && is_mount);
    }
  }
  return json;
}

// The files that bubblewrap reads, owned until it has started.
struct Files {
  Descriptor config, filter, passwd, group, hosts;
  PackageFolder packages;
};

Result<Files> files_for(const WorkerStart& what) {
  const bool is_isolated = what.level == SandboxLevel::isolated;
  REVERIE_TRY(const std::string call_filter,
              seccomp_filter(is_isolated ? FilterFor::isolated_call : FilterFor::process_call));
  Files files;
  files.packages = open_packages(what.packages);
  REVERIE_TRY(files.config,
              sealed_memory("config", config_json(what, call_filter, files.packages.is_mount)));
  if (!is_isolated) return files;
  REVERIE_TRY(const std::string own_filter, seccomp_filter(FilterFor::zygote));
  REVERIE_TRY(files.filter, sealed_memory("filter", own_filter));
  REVERIE_TRY(files.passwd, sealed_memory("passwd", sandbox_passwd));
  REVERIE_TRY(files.group, sealed_memory("group", sandbox_group));
  REVERIE_TRY(files.hosts, sealed_memory("hosts", sandbox_hosts));
  return files;
}

ChildStart command_for(const WorkerStart& what, bool is_mount) {
  ChildStart start;
  // Without the user's folders, the environment and site-packages: nothing but the standard
  // library.
  const std::vector<std::string> python{
    find_sandbox_program("python3"), "-I", "-S", "-B", "-c", boot};
  start.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
  if (what.level != SandboxLevel::isolated) {
    start.arguments = python;
    return start;
  }
  BubblewrapFiles files{"", is_mount, Given::filter, Given::passwd, Given::group, Given::hosts};
  if (!is_mount) files.packages = what.packages;
  std::vector<std::string> command = bubblewrap_command(files, python);
  if (what.uid >= 0) {
    const std::string uid = std::to_string(what.uid);
    const std::vector<std::string> user{"setpriv", "--reuid",        uid, "--regid",
                                        uid,       "--clear-groups", "--"};
    command.insert(command.begin(), user.begin(), user.end());
  }
  start.arguments = std::move(command);
  return start;
}

Error ended() {
  return {Errc::unavailable, "the sandbox has ended", "sandbox"};
}

std::int64_t number_of(const Json& json, const char* name) {
  return json.value(name, std::int64_t{0});
}

WorkerReport report_of(const Json& json, Descriptor process) {
  WorkerReport report;
  report.call = number_of(json, "call");
  if (json.contains("started")) {
    report.what = WorkerReport::What::started;
    report.process = std::move(process);
  } else if (json.contains("failed")) {
    report.what = WorkerReport::What::failed;
    report.error = json.value("failed", std::string());
  } else if (json.contains("status")) {
    report.what = WorkerReport::What::ended;
    report.status = static_cast<int>(number_of(json, "status"));
    report.cpu_ms = number_of(json, "cpu_ms");
  }
  return report;
}

// Room for one message's descriptors, as the kernel aligns it.
template <std::size_t most>
struct Ancillary {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most * sizeof(int))> bytes{};
};

}  // namespace

std::string find_sandbox_program(const std::string& name) {
  for (const char* directory : {"/usr/local/bin/", "/usr/bin/"}) {
    std::string path = directory + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

Result<WorkerProcess> WorkerProcess::start(const WorkerStart& what) {
  if (find_sandbox_program("python3").empty())
    return Error{Errc::unavailable, "there is no python3 in /usr/bin or /usr/local/bin", "sandbox"};
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return out_of_descriptors("socket");
  Descriptor ours(ends[0]), theirs(ends[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  REVERIE_TRY(Files files, files_for(what));
  Descriptor complaints(::memfd_create("complaints", MFD_CLOEXEC));
  if (!complaints.is_open()) return out_of_descriptors("memory");
  ChildStart start = command_for(what, files.packages.is_mount);
  start.descriptors.assign(Given::count, -1);
  start.descriptors[1] = start.descriptors[2] = complaints.get();
  start.descriptors[Given::config] = files.config.get();
  start.descriptors[Given::control] = theirs.get();
  start.descriptors[Given::lock] = what.lock;
  start.descriptors[Given::packages] = files.packages.folder.get();
  start.descriptors[Given::filter] = files.filter.get();
  start.descriptors[Given::passwd] = files.passwd.get();
  start.descriptors[Given::group] = files.group.get();
  start.descriptors[Given::hosts] = files.hosts.get();
  REVERIE_TRY(ChildProcess process, ChildProcess::start(start));
  return WorkerProcess(std::move(process), std::move(ours), std::move(complaints));
}

Status WorkerProcess::give(const WorkerCall& call) {
  std::string json;
  {
    JsonObjectWriter object(json);
    object.add("call", call.number);
    if (call.uid >= 0) object.add("uid", call.uid);
    std::string limits;
    {
      JsonObjectWriter members(limits);
      members.add("cpu_s", call.limits.cpu_s).add("processes_max", call.limits.processes_max);
      members.add("file_bytes_max", call.limits.file_bytes_max);
      members.add(call.limits_data ? "data_bytes" : "memory_bytes", call.limits.memory_bytes);
    }
    object.add_json("limits", limits);
  }
  iovec text{json.data(), json.size()};
  const std::array<int, 4> descriptors{call.request, call.result, call.output, call.error};
  Ancillary<descriptors.size()> beside;
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = beside.bytes.data();
  message.msg_controllen = beside.bytes.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptors);
  std::copy_n(reinterpret_cast<const char*>(descriptors.data()), sizeof descriptors,
              reinterpret_cast<char*>(CMSG_DATA(header)));
  if (::sendmsg(control_.get(), &message, MSG_NOSIGNAL) < 0) return ended();
  return {};
}

Result<std::optional<WorkerReport>> WorkerProcess::next_report() {
  std::array<char, 4'096> bytes;
  iovec text{bytes.data(), bytes.size()};
  Ancillary<1> beside;
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = beside.bytes.data();
  message.msg_controllen = beside.bytes.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(control_.get(), &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::optional<WorkerReport>();
  if (size <= 0) return ended();
  Descriptor process;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int number = -1;
    std::copy_n(reinterpret_cast<const char*>(CMSG_DATA(header)), sizeof number,
                reinterpret_cast<char*>(&number));
    process = Descriptor(number);
  }
  const Json json = Json::parse(bytes.data(), bytes.data() + size, nullptr, false);
  if (!json.is_object()) return ended();
  return std::optional(report_of(json, std::move(process)));
}

void WorkerProcess::wait_for_end(std::chrono::steady_clock::time_point until) {
  const auto left = until - std::chrono::steady_clock::now();
  process_.wait(std::chrono::ceil<std::chrono::milliseconds>(left));
}

std::string WorkerProcess::complaints() const {
  std::array<char, 2'048> bytes;
  const auto size = ::lseek(complaints_.get(), 0, SEEK_END);
  const auto begin = std::max<off_t>(0, size - static_cast<off_t>(bytes.size()));
  const auto read = ::pread(complaints_.get(), bytes.data(), bytes.size(), begin);
  return read > 0 ? std::string(bytes.data(), static_cast<std::size_t>(read)) : std::string();
}

}  // namespace reverie
