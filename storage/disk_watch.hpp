// What RocksDB says about the disk, sorted into the three things that can be done:
// go on, wait for room, end the process.

#pragma once

#include "config/error.hpp"
#include "storage/flush_gate.hpp"

#include <atomic>
#include <functional>
#include <memory>

#include <rocksdb/listener.h>

namespace reverie {

// Called with what happened when nobody can tell what the disk holds. May be called
// from any thread, and more than once.
using FatalHandler = std::function<void(const Error&)>;

// Writes one line and ends the process with status 70 (EX_SOFTWARE), without
// destructors: what runs there would write to the same disk.
[[noreturn]] void end_process(const Error& error);

// Thread-safe.
class DiskWatch final : public rocksdb::EventListener {
 public:
  explicit DiskWatch(FatalHandler on_fatal) : on_fatal_(std::move(on_fatal)) {}

  // Whether a write failed for want of room and RocksDB has not been resumed since.
  bool is_full() const { return is_full_; }
  bool set_full(bool is_full) { return is_full_.exchange(is_full); }  // what it was

  // Whether the write-ahead log was cut and RocksDB has not begun another one
  // (storage/guarded_env.hpp).
  bool is_log_cut() const { return is_log_cut_; }
  void set_log_cut(bool is_cut) { is_log_cut_ = is_cut; }

  // Whether a write that ended with `status` left nothing behind and may be made again
  // when there is room. A sync that failed is not like that, whatever its reason.
  bool is_want_of_room(const rocksdb::Status& status) const {
    return status.IsNoSpace() && !has_failed_sync_;
  }

  void on_failed_sync() { has_failed_sync_ = true; }

  void fail(const Error& error) const { on_fatal_(error); }

  FlushGate& flush_gate() { return *flush_gate_; }

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override {
    flush_gate_->on_begun();
  }
  // Store::write resumes; RocksDB's own thread would look every five seconds.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status status,
                            bool* auto_recovery) override {
    status.PermitUncheckedError();
    *auto_recovery = false;
  }

 private:
  FatalHandler on_fatal_;
  std::shared_ptr<FlushGate> flush_gate_ = std::make_shared<FlushGate>();
  std::atomic<bool> is_full_ = false;
  std::atomic<bool> is_log_cut_ = false;
  std::atomic<bool> has_failed_sync_ = false;
};

}  // namespace reverie
