#include "actors/work_queue.hpp"

namespace reverie {

void WorkQueue::add(Job job) {
  add(job, 0);
}

void WorkQueue::add_own(Job job) {
  add(job, 1);
}

void WorkQueue::add(Job job, std::size_t left_to_sender) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(job);
    wakes = jobs_.size() > left_to_sender && wakes_one();
  }
  if (wakes) changed_.notify_one();  // without the lock, which it needs first
}

// Whether somebody is to be told. Under the lock.
bool WorkQueue::wakes_one() {
  if (sleepers_ == 0 || is_waking_) return false;
  is_waking_ = true;
  ++wakes_;
  return true;
}

WorkQueue::Job WorkQueue::take() {
  Job job = nullptr;
  bool wakes = false;
  {
    std::unique_lock lock(mutex_);
    while (jobs_.empty()) {
      ++sleepers_;
      changed_.wait(lock);
      --sleepers_;
      is_waking_ = false;
    }
    job = jobs_.front();
    jobs_.pop_front();
    wakes = !jobs_.empty() && wakes_one();
  }
  if (wakes) changed_.notify_one();
  return job;
}

WorkQueue::Job WorkQueue::try_take() {
  const std::lock_guard lock(mutex_);
  if (jobs_.empty()) return nullptr;
  const Job job = jobs_.front();
  jobs_.pop_front();
  return job;
}

std::size_t WorkQueue::sleepers() const {
  const std::lock_guard lock(mutex_);
  return sleepers_;
}

std::size_t WorkQueue::wakes() const {
  const std::lock_guard lock(mutex_);
  return wakes_;
}

}  // namespace reverie
