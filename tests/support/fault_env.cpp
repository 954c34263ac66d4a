#include "tests/support/fault_env.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <rocksdb/system_clock.h>

namespace reverie::testing {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string directory_of(const std::string& name) {
  return std::filesystem::path(name).lexically_normal().parent_path().string();
}

std::optional<std::string> bytes_of(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

class SleeplessClock final : public rocksdb::SystemClockWrapper {
 public:
  SleeplessClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "SleeplessClock"; }
  void SleepForMicroseconds(int) override {}
};

// RocksDB asks an Env for its file system and its clock, and a composite has only the first.
class TestEnv final : public rocksdb::EnvWrapper {
 public:
  explicit TestEnv(const std::shared_ptr<rocksdb::FileSystem>& files)
    : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = files;
    system_clock_ = std::make_shared<SleeplessClock>();
  }
};

}  // namespace

FaultEnv::FaultEnv() : env(std::make_unique<TestEnv>(files)) {}

class FaultFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FaultFileSystem& disk)
    : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), disk_(&disk) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    auto status = disk_->enter(FaultFileSystem::Kind::grows);
    Slice part = data;
    if (!status.ok()) {
      if (!disk_->takes_half()) return status;
      part.remove_suffix(data.size() - data.size() / 2);
    }
    auto written = FSWritableFileOwnerWrapper::Append(part, options, debug);
    if (!written.ok()) return written;
    disk_->grow(name_, part.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    auto status = FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    if (status.ok()) disk_->cut(name_, size);
    return status;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    auto status = disk_->enter(FaultFileSystem::Kind::syncs);
    if (status.ok()) disk_->sync_file(name_);
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Allocate(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  std::string name_;
  FaultFileSystem* disk_;
};

class FaultDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string name,
                 FaultFileSystem& disk)
    : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), disk_(&disk) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    auto status = disk_->enter(FaultFileSystem::Kind::syncs);
    if (status.ok()) disk_->sync_names(name_);
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  std::string name_;
  FaultFileSystem* disk_;
};

void FaultFileSystem::fail_at(std::int64_t call, Fault fault) {
  const std::lock_guard lock(mutex_);
  calls_ = 0;
  fault_at_ = call;
  fault_ = fault;
  has_failed_ = false;
}

std::int64_t FaultFileSystem::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

bool FaultFileSystem::has_failed() const {
  const std::lock_guard lock(mutex_);
  return has_failed_;
}

void FaultFileSystem::make_room() {
  const std::lock_guard lock(mutex_);
  fault_ = Fault::none;
}

void FaultFileSystem::hold_tables() {
  const std::lock_guard lock(mutex_);
  holds_tables_ = true;
}

void FaultFileSystem::let_go() {
  {
    const std::lock_guard lock(mutex_);
    holds_tables_ = false;
  }
  let_go_.notify_all();
}

void FaultFileSystem::lose_power() {
  const std::lock_guard lock(mutex_);
  fault_ = Fault::power;
  fault_at_ = 0;
}

void FaultFileSystem::come_back(Random* random) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, bytes] : former_) {
    if (!bytes) {
      std::filesystem::remove(name);
      files_.erase(name);
    } else {
      std::ofstream(name, std::ios::binary | std::ios::trunc) << *bytes;
      files_[name] = {bytes->size(), bytes->size()};
    }
  }
  former_.clear();
  for (auto& [name, file] : files_) {
    if (!std::filesystem::exists(name)) continue;
    const std::uint64_t lost = file.size - file.synced;
    file.size = file.synced += random && lost > 0 ? random->next() % (lost + 1) : 0;
    std::filesystem::resize_file(name, file.size);
  }
  fault_ = Fault::none;
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file,
                                          IODebugContext* debug) {
  auto status = enter(Kind::grows);
  if (!status.ok()) return status;
  {
    std::unique_lock lock(mutex_);
    if (name.ends_with(".sst")) let_go_.wait(lock, [this] { return !holds_tables_; });
    remember_name(name);
    files_[name] = {};
  }
  std::unique_ptr<rocksdb::FSWritableFile> real;
  status = FileSystemWrapper::NewWritableFile(name, options, &real, debug);
  if (status.ok()) *file = std::make_unique<FaultFile>(std::move(real), name, *this);
  return status;
}

IOStatus FaultFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory,
                                       IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> real;
  auto status = FileSystemWrapper::NewDirectory(name, options, &real, debug);
  if (status.ok()) *directory = std::make_unique<FaultDirectory>(std::move(real), name, *this);
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  auto status = enter(Kind::other);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    remember_name(from);
    remember_name(to);
    if (const auto moved = files_.extract(from)) files_[to] = moved.mapped();
  }
  return FileSystemWrapper::RenameFile(from, to, options, debug);
}

IOStatus FaultFileSystem::LinkFile(const std::string& from, const std::string& to,
                                   const IOOptions& options, IODebugContext* debug) {
  auto status = enter(Kind::grows);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    remember_name(to);
    files_[to] = files_[from];
  }
  return FileSystemWrapper::LinkFile(from, to, options, debug);
}

IOStatus FaultFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                     IODebugContext* debug) {
  auto status = enter(Kind::other);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    former_.erase(name);
    files_.erase(name);
  }
  return FileSystemWrapper::DeleteFile(name, options, debug);
}

IOStatus FaultFileSystem::enter(Kind kind) {
  const std::lock_guard lock(mutex_);
  ++calls_;
  if (calls_ < fault_at_) return IOStatus::OK();
  const bool is_first = !has_failed_;
  const auto no_room = [&] {
    has_failed_ = true;
    auto status = IOStatus::NoSpace("the test's disk is full");
    status.SetRetryable(true);  // as RocksDB's own file system says it
    return status;
  };
  switch (fault_) {
    case Fault::none: return IOStatus::OK();
    case Fault::power: has_failed_ = true; return IOStatus::IOError("the power is off");
    case Fault::full: return kind == Kind::grows ? no_room() : IOStatus::OK();
    case Fault::full_sync: return kind == Kind::syncs && is_first ? no_room() : IOStatus::OK();
    case Fault::error: break;
  }
  if (!is_first) return IOStatus::OK();
  has_failed_ = true;
  return IOStatus::IOError("the test's disk is broken");
}

bool FaultFileSystem::takes_half() const {
  const std::lock_guard lock(mutex_);
  return fault_ == Fault::full;
}

void FaultFileSystem::sync_file(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = files_.find(name); found != files_.end())
    found->second.synced = found->second.size;
}

void FaultFileSystem::sync_names(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  const std::string parent = directory_of(directory + "/x");
  std::erase_if(former_, [&](const auto& entry) { return directory_of(entry.first) == parent; });
}

void FaultFileSystem::grow(const std::string& name, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (const auto found = files_.find(name); found != files_.end()) found->second.size += bytes;
}

void FaultFileSystem::cut(const std::string& name, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (const auto found = files_.find(name); found != files_.end())
    found->second = {size, std::min(size, found->second.synced)};
}

void FaultFileSystem::remember_name(const std::string& name) {
  if (!former_.contains(name)) former_[name] = bytes_of(name);
}

}  // namespace reverie::testing
