#include "actors/work_queue.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace reverie {
namespace {

class NoJob final : public caf::resumable {
 public:
  resume_result resume(caf::execution_unit*, size_t) override { return done; }
  void intrusive_ptr_add_ref_impl() override {}
  void intrusive_ptr_release_impl() override {}
};

// A worker that takes one job.
class Worker {
 public:
  explicit Worker(WorkQueue& queue) : thread_([this, &queue] { job_ = queue.take(); }) {}
  ~Worker() {
    if (thread_.joinable()) thread_.join();
  }
  WorkQueue::Job job() {
    thread_.join();
    return job_;
  }

 private:
  WorkQueue::Job job_ = nullptr;
  std::thread thread_;
};

void wait_for_sleepers(const WorkQueue& queue, std::size_t count) {
  while (queue.sleepers() < count) std::this_thread::yield();
}

TEST(WorkQueue, FirstComeFirstServed) {
  WorkQueue queue;
  NoJob first;
  NoJob second;
  EXPECT_EQ(queue.try_take(), nullptr);
  queue.add(&first);
  queue.add_own(&second);
  EXPECT_EQ(queue.take(), &first);
  EXPECT_EQ(queue.try_take(), &second);
  EXPECT_EQ(queue.try_take(), nullptr);
  EXPECT_EQ(queue.wakes(), 0U);
}

TEST(WorkQueue, AJobFromOutsideWakesASleeper) {
  WorkQueue queue;
  NoJob job;
  Worker worker(queue);
  wait_for_sleepers(queue, 1);
  queue.add(&job);
  EXPECT_EQ(worker.job(), &job);
  EXPECT_EQ(queue.wakes(), 1U);
  EXPECT_EQ(queue.sleepers(), 0U);
}

TEST(WorkQueue, AWorkersOnlyJobIsLeftToItself) {
  WorkQueue queue;
  NoJob mine;
  NoJob other;
  Worker worker(queue);
  wait_for_sleepers(queue, 1);
  queue.add_own(&mine);
  EXPECT_EQ(queue.wakes(), 0U);
  EXPECT_EQ(queue.try_take(), &mine);
  queue.add(&other);
  EXPECT_EQ(worker.job(), &other);
}

TEST(WorkQueue, AWorkerThatHasTwoJobsWakesASleeperForOne) {
  WorkQueue queue;
  NoJob first;
  NoJob second;
  Worker worker(queue);
  wait_for_sleepers(queue, 1);
  queue.add_own(&first);
  queue.add_own(&second);
  EXPECT_EQ(worker.job(), &first);
  EXPECT_EQ(queue.wakes(), 1U);
  EXPECT_EQ(queue.try_take(), &second);
}

TEST(WorkQueue, JobsThatComeTogetherWakeAsManySleepers) {
  WorkQueue queue;
  NoJob jobs[3];
  Worker a(queue);
  Worker b(queue);
  Worker c(queue);
  wait_for_sleepers(queue, 3);
  for (NoJob& job : jobs) queue.add(&job);  // only the first may be told of, the rest is passed on
  a.job();
  b.job();
  c.job();
  EXPECT_EQ(queue.try_take(), nullptr);
  EXPECT_LE(queue.wakes(), 3U);
}

}  // namespace
}  // namespace reverie
