#include "storage/guarded_env.hpp"

#include <cstddef>
#include <cstdint>

namespace reverie {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus noted(DiskWatch& disk, IOStatus synced) {
  if (!synced.ok()) disk.on_failed_sync();
  return synced;
}

class GuardedFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  GuardedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<DiskWatch> disk)
    : FSWritableFileOwnerWrapper(std::move(file)), disk_(std::move(disk)) {}

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return noted(*disk_, FSWritableFileOwnerWrapper::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return noted(*disk_, FSWritableFileOwnerWrapper::Fsync(options, debug));
  }

 protected:
  std::shared_ptr<DiskWatch> disk_;
};

// Used by one thread at a time, as RocksDB does.
class GuardedLog final : public GuardedFile {
 public:
  using GuardedFile::GuardedFile;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (is_cut_) return IOStatus::OK();  // the buffer that Resume tries again
    return grow(data.size(), GuardedFile::Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    if (is_cut_) return IOStatus::OK();
    return grow(data.size(), GuardedFile::Append(data, options, verification, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return settle(GuardedFile::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return settle(GuardedFile::Fsync(options, debug));
  }

 private:
  IOStatus grow(std::size_t bytes, IOStatus status) {
    if (status.ok()) size_ += bytes;
    if (!status.IsNoSpace()) return status;
    is_cut_ = true;
    disk_->set_log_cut(true);
    auto cut = GuardedFile::Truncate(synced_, {}, nullptr);
    return cut.ok() ? status : cut;
  }
  IOStatus settle(IOStatus status) {
    if (status.ok() && !is_cut_) synced_ = size_;
    return status;
  }

  std::uint64_t size_ = 0;
  std::uint64_t synced_ = 0;
  bool is_cut_ = false;
};

class GuardedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  GuardedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::shared_ptr<DiskWatch> disk)
    : FSDirectoryWrapper(std::move(directory)), disk_(std::move(disk)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return noted(*disk_, FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& what) override {
    return noted(*disk_, FSDirectoryWrapper::FsyncWithDirOptions(options, debug, what));
  }

 private:
  std::shared_ptr<DiskWatch> disk_;
};

}  // namespace

IOStatus GuardedFileSystem::NewWritableFile(const std::string& name,
                                            const rocksdb::FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* file,
                                            IODebugContext* debug) {
  auto status = FileSystemWrapper::NewWritableFile(name, options, file, debug);
  if (!status.ok()) return status;
  if (!name.ends_with(".log")) {
    *file = std::make_unique<GuardedFile>(std::move(*file), disk_);
    return status;
  }
  *file = std::make_unique<GuardedLog>(std::move(*file), disk_);
  disk_->set_log_cut(false);
  return status;
}

IOStatus GuardedFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                         std::unique_ptr<rocksdb::FSDirectory>* directory,
                                         IODebugContext* debug) {
  auto status = FileSystemWrapper::NewDirectory(name, options, directory, debug);
  if (status.ok()) *directory = std::make_unique<GuardedDirectory>(std::move(*directory), disk_);
  return status;
}

}  // namespace reverie
