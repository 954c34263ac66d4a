#include "runtime/sandbox/package_cache.hpp"

#include "config/log_line.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

namespace reverie {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kib = 1'024;

Error install_failed(const std::string& what) {
  return {Errc::unavailable, "the packages could not be installed: " + what, "pip_requirements"};
}

// For the users of calls, whatever the server's own mask is.
Status make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error)
    fs::permissions(path,
                    fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec
                      | fs::perms::others_read | fs::perms::others_exec,
                    error);
  if (error) return install_failed(error.message());
  return {};
}

void touch(const std::string& path) {
  const std::ofstream file(path);
}

}  // namespace

void PackageCache::require(const std::vector<SandboxPackage>& packages, SandboxLevel level,
                           OnReady on_ready) {
  auto requirements = package_requirements(packages);
  if (!requirements) return on_ready(std::move(requirements).error());
  const std::string name = package_set_name(*requirements, settings_);
  std::error_code none;
  if (fs::exists(site_of(name), none)) {
    touch(folder_of(name) + "/used");
    return on_ready(site_of(name));
  }
  Waiting& waiting = waiting_[name];
  waiting.level = level;
  waiting.requirements = *std::move(requirements);
  waiting.on_ready.push_back(std::move(on_ready));
  if (waiting.on_ready.size() > 1) return;
  order_.push_back(name);
  if (order_.size() == 1) begin_next();
}

std::optional<PackageCache::Time> PackageCache::deadline() const {
  return process_ ? std::optional(deadline_) : std::nullopt;
}

void PackageCache::begin_next() {
  while (!order_.empty() && !process_) {
    const Status begun = begin(waiting_[order_.front()]);
    if (!begun) answer(begun.error());
  }
}

Status PackageCache::begin(const Waiting& waiting) {
  const std::string pip = directory_ + "/pip";
  is_making_pip_ = !fs::exists(pip);
  PackageBuild build;
  build.level = waiting.level;
  build.folder = (is_making_pip_ ? pip : folder_of(order_.front())) + ".partial";
  remove(build.folder);
  // What is in it is for the users of calls to read, and its place is not.
  REVERIE_CHECK(make_folder(build.folder));
  std::error_code error;
  fs::permissions(directory_, fs::perms::owner_all, error);
  if (error) return install_failed(error.message());
  if (is_making_pip_) return start(pip_command(build));
  build.pip = pip;
  std::ofstream file(build.folder + "/requirements.txt");
  for (const std::string& line : waiting.requirements) file << line << '\n';
  file.close();
  if (!file) return install_failed("the disk takes no file");
  log_info("sandbox: installing packages count={} set={}", waiting.requirements.size(),
           order_.front());
  return start(install_command(build, settings_));
}

Status PackageCache::start(const std::vector<std::string>& command) {
  said_ = Descriptor(::memfd_create("pip", MFD_CLOEXEC));
  if (!said_.is_open()) return out_of_descriptors("memory");
  ChildStart start;
  start.arguments = command;
  start.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent",
                       "PIP_CONFIG_FILE=/dev/null"};
  start.descriptors = {-1, said_.get(), said_.get()};
  REVERIE_TRY(process_, ChildProcess::start(start));
  ++processes_started_;
  deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(settings_.package_build_s);
  return {};
}

void PackageCache::on_event(Time now, std::set<std::string> in_use) {
  if (!process_) return;
  in_use_ = std::move(in_use);
  if (const auto status = process_->exit_status())
    on_end(*status);
  else if (now >= deadline_)
    answer(
      install_failed("pip took longer than " + std::to_string(settings_.package_build_s) + " s"));
  else
    return;
  begin_next();
}

void PackageCache::on_end(int status) {
  process_.reset();
  if (status != 0) return answer(install_failed("pip said: " + last_lines()));
  const std::string made = is_making_pip_ ? directory_ + "/pip" : folder_of(order_.front());
  std::error_code error;
  fs::rename(made + ".partial", made, error);
  if (error) return answer(install_failed(error.message()));
  if (is_making_pip_) return;  // the set itself is next
  touch(made + "/used");
  in_use_.insert(site_of(order_.front()));
  tidy();
  answer(site_of(order_.front()));
}

void PackageCache::answer(const Result<std::string>& result) {
  process_.reset();
  const auto node = waiting_.extract(order_.front());
  order_.pop_front();
  if (!result) log_warn("sandbox: no packages error=\"{}\"", result.error().message);
  for (const OnReady& on_ready : node.mapped().on_ready) on_ready(result);
}

std::string PackageCache::last_lines() const {
  constexpr off_t most = 1'000;
  std::array<char, most> bytes;
  const off_t size = ::lseek(said_.get(), 0, SEEK_END);
  const auto read =
    ::pread(said_.get(), bytes.data(), bytes.size(), std::max<off_t>(0, size - most));
  std::string text(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(0, read)));
  if (size > most) text.erase(0, text.find('\n') + 1);  // a line without its start
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// The longest unused go until the rest fits.
void PackageCache::tidy() {
  struct Set {
    fs::file_time_type used;
    fs::path path;
    std::int64_t bytes = 0;
  };
  std::vector<Set> sets;
  std::int64_t total = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory_ + "/sets", none)) {
    std::ifstream file(entry.path() / "size");
    std::int64_t size_kib = 0;
    if (!(file >> size_kib)) continue;
    total += size_kib * kib;
    sets.push_back(
      {fs::last_write_time(entry.path() / "used", none), entry.path(), size_kib * kib});
  }
  std::sort(sets.begin(), sets.end(), [](const Set& a, const Set& b) { return a.used < b.used; });
  for (const Set& set : sets) {
    if (total <= settings_.package_bytes_max) return;
    if (in_use_.contains((set.path / "site").string())) continue;
    log_info("sandbox: packages are taken away bytes={} set={}", set.bytes,
             set.path.filename().string());
    remove(set.path.string());
    total -= set.bytes;
  }
}

void PackageCache::remove(const std::string& folder) {
  std::error_code none;
  fs::remove_all(folder, none);
}

}  // namespace reverie
