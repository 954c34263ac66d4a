// A disk that fails when a test wants it to: power loss, no room, errors.
//
// Files are real, so a test can look at them, but a sync goes no further than this class:
// what it would have made durable is written down here, and `lose_power` with
// `come_back` takes the rest away again.

#pragma once

#include "config/random.hpp"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace reverie::testing {

enum class Fault : std::uint8_t {
  none,
  power,     // the call and all that follow fail; what was not synced is lost
  full,      // from then on what needs room fails with ENOSPC, after half of an append
  error,     // this one call fails with EIO
  full_sync  // this one call, if it is a sync, fails with ENOSPC; else the next that is one
};

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  static const char* kClassName() { return "FaultFileSystem"; }
  const char* Name() const override { return kClassName(); }

  // Calls that write are counted from here; the fault is at number `call`, 1 is the next.
  void fail_at(std::int64_t call, Fault fault);
  std::int64_t calls() const;
  bool has_failed() const;

  // Ends `full`.
  void make_room();

  // Until `let_go`, whoever makes a table's file waits.
  void hold_tables();
  void let_go();

  void lose_power();

  // After everything was closed: cuts files back to what was synced, or with `random` to
  // anywhere behind it, takes back names whose directory was not synced, and works again.
  void come_back(Random* random = nullptr);

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class FaultFile;
  friend class FaultDirectory;

  enum class Kind : std::uint8_t { grows, syncs, other };

  struct File {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };

  // Counts the call. Not ok when it has to fail.
  rocksdb::IOStatus enter(Kind kind);
  bool takes_half() const;

  void sync_file(const std::string& name);
  void sync_names(const std::string& directory);
  void grow(const std::string& name, std::uint64_t bytes);
  void cut(const std::string& name, std::uint64_t size);
  // Keeps what the name was before, unless it is known already.
  void remember_name(const std::string& name);

  mutable std::mutex mutex_;
  std::condition_variable let_go_;
  bool holds_tables_ = false;
  Fault fault_ = Fault::none;
  std::int64_t fault_at_ = 0;
  std::int64_t calls_ = 0;
  bool has_failed_ = false;
  std::map<std::string, File> files_;
  // Names that were made since their directory was synced, and the bytes they had before.
  std::map<std::string, std::optional<std::string>> former_;
};

// The file system and the Env for StoreOptions. RocksDB's pauses after an error take no time.
struct FaultEnv {
  FaultEnv();

  std::shared_ptr<FaultFileSystem> files = std::make_shared<FaultFileSystem>();
  std::unique_ptr<rocksdb::Env> env;
};

}  // namespace reverie::testing
