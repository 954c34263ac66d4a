// The system as RocksDB sees it, for three things that RocksDB does not do for us.
//
// A sync that fails is noted, whatever its reason and wherever it happens: what RocksDB
// passes on does not tell it from a write that failed.
//
// Flushes begin through a gate (storage/flush_gate.hpp).
//
// A write-ahead log that meets a full disk is cut. RocksDB takes no more writes then until
// DB::Resume. That call writes what the failed write left in a buffer into the same file once
// more, then moves on to a new one while it empties memory into files, family by family. A
// crash in between would find the refused write in the log, for those families that were not
// emptied yet: half of a commit that its caller was told is not there. So the log is cut back to
// what was synced, which is all that was ever acknowledged, and nothing more gets into that file.

#pragma once

#include "storage/disk_watch.hpp"

#include <memory>
#include <string>
#include <utility>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace reverie {

class GuardedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  GuardedFileSystem(const std::shared_ptr<rocksdb::FileSystem>& files,
                    std::shared_ptr<DiskWatch> disk)
    : FileSystemWrapper(files), disk_(std::move(disk)) {}
  const char* Name() const override { return "GuardedFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;

 private:
  std::shared_ptr<DiskWatch> disk_;
};

// An Env whose files are guarded and whose flushes pass the gate; all else is that of `base`,
// which has to outlive it.
class GuardedEnv final : public rocksdb::EnvWrapper {
 public:
  GuardedEnv(rocksdb::Env* base, const std::shared_ptr<DiskWatch>& disk)
    : EnvWrapper(base), base_(base), disk_(disk) {
    file_system_ = std::make_shared<GuardedFileSystem>(base->GetFileSystem(), disk);
    system_clock_ = base->GetSystemClock();
  }

  void Schedule(void (*run)(void*), void* arg, Priority priority, void* tag,
                void (*drop)(void*)) override {
    if (priority != HIGH) return base_->Schedule(run, arg, priority, tag, drop);
    disk_->flush_gate().schedule(*base_, run, arg, tag, drop);  // RocksDB's flushes, no others
  }

 private:
  rocksdb::Env* base_;
  std::shared_ptr<DiskWatch> disk_;
};

}  // namespace reverie
