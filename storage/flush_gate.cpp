#include "storage/flush_gate.hpp"

namespace reverie {

namespace {

constexpr std::chrono::milliseconds close_wait{100};  // a flush needs microseconds for it

// The gate that this thread's flush has passed without having begun.
thread_local FlushGate* entering = nullptr;

}  // namespace

struct FlushGate::Job {
  std::shared_ptr<FlushGate> gate;
  Function run;
  Function drop;
  void* arg;
};

void FlushGate::schedule(rocksdb::Env& env, Function run, void* arg, void* tag, Function drop) {
  {
    const std::lock_guard lock(mutex_);
    ++flushes_;
  }
  auto job = std::make_unique<Job>(Job{shared_from_this(), run, drop, arg});
  env.Schedule(&FlushGate::run_job, job.release(), rocksdb::Env::HIGH, tag, &FlushGate::drop_job);
}

void FlushGate::run_job(void* given) {
  const std::unique_ptr<Job> job{static_cast<Job*>(given)};
  job->gate->enter();
  job->run(job->arg);
  job->gate->leave();
}

void FlushGate::drop_job(void* given) {
  const std::unique_ptr<Job> job{static_cast<Job*>(given)};
  if (job->drop) job->drop(job->arg);
  job->gate->leave();
}

void FlushGate::enter() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !is_closed_; });
  ++entering_;
  entering = this;
}

void FlushGate::on_begun() {
  if (entering != this) return;
  entering = nullptr;
  const std::lock_guard lock(mutex_);
  --entering_;
  changed_.notify_all();
}

void FlushGate::leave() {
  on_begun();
  const std::lock_guard lock(mutex_);
  --flushes_;
}

void FlushGate::close() {
  on_begun();  // what fails has begun
  std::unique_lock lock(mutex_);
  is_closed_ = true;
  ++generation_;
  changed_.wait_for(lock, close_wait, [this] { return entering_ == 0; });
}

std::uint64_t FlushGate::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void FlushGate::open(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (generation != generation_) return;
  is_closed_ = false;
  changed_.notify_all();
}

bool FlushGate::has_flushes() const {
  const std::lock_guard lock(mutex_);
  return flushes_ > 0;
}

}  // namespace reverie
