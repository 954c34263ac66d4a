// Keeps RocksDB's flushes from beginning at the wrong moment.
//
// RocksDB 7.8 loses count of a flush: one that was scheduled, and begins when an error has stopped
// all work and no Resume is under way, returns and leaves its family in the queue. The next Resume
// waits for that family for ever. So flushes pass a gate, which is closed before an error takes
// effect and opened when a Resume certainly is under way, which lets them do their work.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include <rocksdb/env.h>

namespace reverie {

// Thread-safe. In a shared_ptr: a flush holds it until it has ended, which the database does not
// wait for.
class FlushGate : public std::enable_shared_from_this<FlushGate> {
 public:
  using Function = void (*)(void*);

  // Hands a flush to the threads of `env`, through the gate. As Env::Schedule.
  void schedule(rocksdb::Env& env, Function run, void* arg, void* tag, Function drop);

  // The calling thread's flush has taken its family out of the queue.
  void on_begun();

  // An error is about to take effect: flushes wait from now on. Waits, for 100 ms at most, for
  // those on other threads that are on their way to the queue.
  void close();

  // Of how often it was closed; for open().
  std::uint64_t generation() const;
  // Unless it was closed again since.
  void open(std::uint64_t generation);
  void open() { open(generation()); }

  // Whether a flush is scheduled and has not ended.
  bool has_flushes() const;

 private:
  struct Job;
  static void run_job(void* job);
  static void drop_job(void* job);
  void enter();
  void leave();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_closed_ = false;
  std::uint64_t generation_ = 0;
  std::int64_t flushes_ = 0;   // scheduled, held or running
  std::int64_t entering_ = 0;  // through the gate, on their way to the queue
};

}  // namespace reverie
