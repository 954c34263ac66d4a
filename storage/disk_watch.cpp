#include "storage/disk_watch.hpp"

#include "config/log_line.hpp"

#include <unistd.h>

#include <spdlog/spdlog.h>

namespace reverie {

void end_process(const Error& error) {
  log_critical("storage: the process ends, the next start decides what the disk holds: {} ({})",
               error.message, error.where);
  spdlog::default_logger()->flush();
  ::_exit(70);
}

void DiskWatch::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) {
  if (is_want_of_room(*status)) {
    is_full_ = true;
    // A compaction that finds no room stops nothing.
    if (status->severity() >= rocksdb::Status::kHardError) flush_gate_->close();
    // A new log that cannot be made is fatal to RocksDB, since the end of the old one may
    // be in memory alone. Ours never is: what was acknowledged was synced.
    if (status->severity() > rocksdb::Status::kHardError)
      *status = rocksdb::Status(*status, rocksdb::Status::kHardError);
    return;
  }
  fail({status->IsCorruption() ? Errc::corruption : Errc::internal, status->ToString(), "disk"});
}

}  // namespace reverie
