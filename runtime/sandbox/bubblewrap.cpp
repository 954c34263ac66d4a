#include "runtime/sandbox/bubblewrap.hpp"

#include <filesystem>

namespace reverie {

const char* const sandbox_passwd = "nobody:x:65534:65534:nobody:/tmp:/bin/sh\n";
const char* const sandbox_group = "nogroup:x:65534:\n";
const char* const sandbox_hosts = "127.0.0.1 localhost\n::1 localhost\n";

namespace {

void append(std::vector<std::string>& to, std::initializer_list<std::string> more) {
  to.insert(to.end(), more.begin(), more.end());
}

// Links into /usr where the distribution has them, folders where it has not.
void append_programs(std::vector<std::string>& to) {
  append(to, {"--ro-bind", "/usr", "/usr"});
  for (const char* name : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code none;
    if (const auto link = std::filesystem::read_symlink(name, none); !none)
      append(to, {"--symlink", link.string(), name});
    else if (std::filesystem::is_directory(name, none))
      append(to, {"--ro-bind", name, name});
  }
}

// What the loader, time zones, name resolution and TLS look for. No key and no account is among it.
void append_etc(std::vector<std::string>& to) {
  for (const char* name :
       {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives",
        "/etc/localtime", "/etc/timezone", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/protocols",
        "/etc/services", "/etc/mime.types", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
        "/etc/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/ca-trust"})
    append(to, {"--ro-bind-try", name, name});
}

void append_files(std::vector<std::string>& to, const BubblewrapFiles& files) {
  const auto file = [&](int descriptor, const char* name) {
    append(to, {"--perms", "0444", "--file", std::to_string(descriptor), name});
  };
  file(files.passwd, "/etc/passwd");
  file(files.group, "/etc/group");
  file(files.hosts, "/etc/hosts");
}

void append_devices(std::vector<std::string>& to) {
  append(to, {"--dir", "/dev"});
  for (const char* name : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
    append(to, {"--dev-bind", name, name});
  append(to, {"--symlink", "/proc/self/fd", "/dev/fd", "--symlink", "/proc/self/fd/0", "/dev/stdin",
              "--symlink", "/proc/self/fd/1", "/dev/stdout", "--symlink", "/proc/self/fd/2",
              "/dev/stderr", "--symlink", "/tmp", "/dev/shm"});
}

}  // namespace

std::vector<std::string> bubblewrap_command(const BubblewrapFiles& files,
                                            const std::vector<std::string>& program) {
  const std::string uid = std::to_string(sandbox_uid);
  std::vector<std::string> all{"bwrap"};
  append(all, {"--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
               "--unshare-cgroup-try", "--uid", uid, "--gid", uid, "--hostname", "sandbox",
               "--die-with-parent", "--new-session", "--clearenv"});
  // For each call's namespaces, and for the loopback device of its network.
  append(all, {"--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_NET_ADMIN"});
  append_programs(all);
  append_etc(all);
  append_files(all, files);
  append_devices(all);
  append(all, {"--proc", "/proc", "--dir", "/tmp"});
  if (!files.packages.empty())
    append(all, {"--ro-bind", files.packages, "/packages"});
  else if (files.makes_packages)
    append(all, {"--dir", "/packages"});
  append(all,
         {"--remount-ro", "/", "--chdir", "/", "--seccomp", std::to_string(files.filter), "--"});
  all.insert(all.end(), program.begin(), program.end());
  return all;
}

std::vector<std::string> bubblewrap_server_words(const BubblewrapServer& server) {
  std::vector<std::string> words{"--clearenv"};
  for (const auto& [name, value] : server.environment) append(words, {"--setenv", name, value});
  return words;
}

std::vector<std::string> bubblewrap_server_command(const BubblewrapServer& server,
                                                   const std::vector<std::string>& program,
                                                   bool is_root) {
  const std::string uid = std::to_string(sandbox_uid);
  std::vector<std::string> all;
  if (is_root) append(all, {"setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--"});
  append(all, {"bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
               "--unshare-cgroup-try", "--uid", uid, "--gid", uid, "--hostname", "sandbox",
               "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--args",
               std::to_string(server.args)});
  if (!server.network) append(all, {"--unshare-net"});
  append_programs(all);
  append_etc(all);
  append_files(all, server.files);
  if (server.network) append(all, {"--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"});
  append_devices(all);
  append(all, {"--proc", "/proc", "--size", std::to_string(server.limits.file_bytes), "--perms",
               "0700", "--tmpfs", "/tmp"});
  for (const std::string& folder : server.folders) append(all, {"--ro-bind", folder, folder});
  append(all, {"--remount-ro", "/", "--chdir", "/tmp", "--seccomp",
               std::to_string(server.files.filter), "--"});
  const auto limit = [](const char* name, std::int64_t value) {
    return "--" + std::string(name) + "=" + std::to_string(value);
  };
  append(all,
         {"prlimit", "--core=0", limit("data", server.limits.memory_bytes),
          limit("fsize", server.limits.file_bytes), limit("nproc", server.limits.processes), "--"});
  all.insert(all.end(), program.begin(), program.end());
  return all;
}

std::vector<std::string> bubblewrap_build_command(const BuildMounts& mounts,
                                                  const std::vector<std::string>& program) {
  std::vector<std::string> all{"bwrap"};
  append(all, {"--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
               "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"});
  append_programs(all);
  append_etc(all);
  for (const char* name : {"/etc/resolv.conf", "/etc/hosts"})
    append(all, {"--ro-bind-try", name, name});
  append_devices(all);
  append(all, {"--proc", "/proc", "--tmpfs", "/tmp"});
  append(all, {"--bind", mounts.writable.first, mounts.writable.second});
  for (const auto& [outside, inside] : mounts.readable) append(all, {"--ro-bind", outside, inside});
  append(all, {"--remount-ro", "/", "--chdir", mounts.writable.second, "--"});
  all.insert(all.end(), program.begin(), program.end());
  return all;
}

}  // namespace reverie
