// The actors that have something to do, for the threads that run them. Takes the place of CAF's
// work sharing, which wakes a thread for every actor that gets a message, also when the thread that
// sent it is about to look for work itself: with one event on its way through four actors, that
// was most of its cost.

#pragma once

#include <caf/resumable.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

namespace reverie {

// Thread-safe. First come, first served; threads that wait use no processor time.
class WorkQueue {
 public:
  using Job = caf::resumable*;

  // From whoever is no worker: wakes one that sleeps, unless one is on its way already.
  void add(Job job);
  // From a worker that takes a job of the queue next: wakes another only when it leaves one behind.
  void add_own(Job job);

  // Waits for a job. A worker that leaves others behind wakes the next one.
  Job take();
  // Null when there is none.
  Job try_take();

  // How many workers wait, and how many were woken since the start.
  std::size_t sleepers() const;
  std::size_t wakes() const;

 private:
  void add(Job job, std::size_t left_to_sender);
  bool wakes_one();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::size_t sleepers_ = 0;
  std::size_t wakes_ = 0;
  bool is_waking_ = false;  // one was told, and has not come yet
};

}  // namespace reverie
