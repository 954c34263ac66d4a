#include "net/cli/doctor_checks.hpp"

#include "net/cli/api_client.hpp"
#include "storage/format.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <rocksdb/env.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace reverie {
namespace {

using Level = Finding::Level;

constexpr std::size_t sync_count = 20;
constexpr double slow_sync_ms = 20;             // disks that spin; clouds with network disks
constexpr std::uint64_t little_room = 1 << 30;  // bytes; a few hundred thousand agents

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// 0, or why nobody could listen there: an errno, or EADDRNOTAVAIL for a name without address.
int errno_of_listening(const std::string& host, std::int64_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return EADDRNOTAVAIL;
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  const File socket(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(socket.get(), list->ai_addr, list->ai_addrlen) != 0) return errno;
  return ::listen(socket.get(), 1) == 0 ? 0 : errno;
}

// The process that holds the lock of the data directory, 0 when nobody does.
pid_t holder_of(const std::string& data_dir) {
  const File file(::open((data_dir + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return 0;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(file.get(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return 0;
  return lock.l_pid;
}

// The directory itself, or the nearest one above that exists.
std::string existing_directory(const std::string& path) {
  std::error_code ignored;
  std::filesystem::path directory = std::filesystem::absolute(path, ignored);
  while (!std::filesystem::is_directory(directory, ignored) && directory.has_relative_path())
    directory = directory.parent_path();
  return directory.string();
}

// The median of some synced writes in milliseconds, negative when it cannot be written there.
double sync_ms(const std::string& directory) {
  std::string name = directory + "/reverie-doctor-XXXXXX";
  const File file(::mkstemp(name.data()));
  if (file.get() < 0) return -1;
  ::unlink(name.c_str());
  const std::array<char, 4096> block{};
  std::array<double, sync_count> times{};
  for (double& time : times) {
    const auto start = std::chrono::steady_clock::now();
    if (::write(file.get(), block.data(), block.size()) < 0 || ::fdatasync(file.get()) != 0)
      return -1;
    const std::chrono::duration<double, std::milli> taken =
      std::chrono::steady_clock::now() - start;
    time = taken.count();
  }
  std::ranges::sort(times);
  return times[sync_count / 2];
}

std::string gib(std::uint64_t bytes) {
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1 << 30));
}

Finding port_in_use(const Settings& settings, const std::string& address, bool& is_serving) {
  ApiClient api({local_url(settings.server), settings.server.password});
  const auto health = api.get("/v1/health");
  is_serving = health && !text_of(*health, "version").empty();
  if (is_serving) return {Level::ok, "port", "a server answers at " + api.url()};
  return {Level::problem, "port", "another program listens on " + address,
          "end it, or take another port: reverie serve --port "
            + std::to_string(settings.server.port + 1)};
}

}  // namespace

std::vector<Finding> check_settings(const LoadedSettings& loaded) {
  std::vector<Finding> findings;
  const auto set = std::ranges::count_if(
    loaded.origins, [](const auto& origin) { return origin.second != "default"; });
  const std::string file = loaded.config_file.empty() ? "no file" : loaded.config_file;
  findings.push_back({Level::ok, "settings",
                      fmt::format("{}; {} of {} options are set (reverie config lists them)", file,
                                  set, options().size())});
  for (const std::string& notice : loaded.notices)
    findings.push_back({Level::note, "settings", notice});
  if (const Status exposure = check_exposure(loaded.settings); !exposure)
    findings.push_back({Level::problem, "settings", exposure.error().message});
  return findings;
}

Finding check_port(const Settings& settings, bool& is_serving) {
  is_serving = false;
  const std::string& host = settings.server.host;
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const std::string address = shown + ":" + std::to_string(settings.server.port);
  switch (const int reason = errno_of_listening(host, settings.server.port)) {
    case 0: return {Level::ok, "port", address + " is free"};
    case EADDRINUSE: return port_in_use(settings, address, is_serving);
    case EACCES:
      return {Level::problem, "port", "no right to listen on " + address,
              "ports below 1024 are the administrator's: reverie serve --port 8283"};
    case EADDRNOTAVAIL:
      return {Level::problem, "port", host + " is no address of this machine",
              "reverie serve --host 127.0.0.1"};
    default:
      return {Level::problem, "port", "cannot listen on " + address + ": " + std::strerror(reason)};
  }
}

Finding check_data_dir(const std::string& path) {
  const auto directory = inspect_directory(*rocksdb::Env::Default(), path);
  if (!directory) return {Level::problem, "data", path + ": " + directory.error().message};
  if (::access(existing_directory(path).c_str(), W_OK | X_OK) != 0)
    return {Level::problem, "data", path + " cannot be written: " + std::strerror(errno),
            "reverie serve --data-dir DIR keeps the data elsewhere"};
  if (*directory == Directory::fresh)
    return {Level::ok, "data", path + " is new; the first start fills it"};
  if (const pid_t holder = holder_of(path); holder != 0)
    return {Level::note, "data",
            fmt::format("{} is in use by process {}, which is the server that runs", path, holder),
            "only one server at a time can use a data directory"};
  return {Level::ok, "data", fmt::format("{} holds data (format {})", path, format_newest)};
}

std::vector<Finding> check_disk(const std::string& path) {
  const std::string directory = existing_directory(path);
  const double time = sync_ms(directory);
  if (time < 0)
    return {
      {Level::problem, "disk", "cannot write below " + directory + ": " + std::strerror(errno)}};
  std::vector<Finding> findings;
  const std::string text = fmt::format("makes 4 KiB durable in {:.2f} ms", time);
  if (time > slow_sync_ms)
    findings.push_back({Level::note, "disk", text + ", which each message waits for twice",
                        "--data-dir on a faster disk makes answers start sooner"});
  else
    findings.push_back({Level::ok, "disk", text});

  struct statvfs room {};
  if (::statvfs(directory.c_str(), &room) != 0) return findings;
  const std::uint64_t free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
  if (free < little_room)
    findings.push_back({Level::note, "disk", "only " + gib(free) + " are free",
                        "when it is full, reads go on and writes wait for room"});
  else
    findings.push_back({Level::ok, "disk", gib(free) + " are free"});
  return findings;
}

}  // namespace reverie
