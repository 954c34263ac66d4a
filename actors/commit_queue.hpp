// The changes of one object, one after the other: each is built on what the one before has left
// in the store, and built again when somebody else was faster.

#pragma once

#include "config/error.hpp"
#include "storage/commit.hpp"

#include <cstddef>
#include <functional>
#include <list>

namespace reverie {

class CommitQueue {
 public:
  static constexpr std::size_t waiting_max = 256;
  static constexpr int attempts_max = 8;  // conflicts in a row before one change gives up

  using OnAnswer = std::function<void(Result<CommitAnswer>)>;
  using Send = std::function<void(Commit, OnAnswer)>;

  struct Change {
    // Makes the change from what is stored now. Called when its turn has come, and again after a
    // conflict. An error ends the change.
    std::function<Result<Batch>()> build;
    // Called once. After success all is durable and can be read.
    std::function<void(Status)> done;
    // Called after a conflict instead of `build`, if set; false: the change is given up and `done`
    // not called, because it will be made in another way.
    std::function<bool(const RecordVersion& conflict)> on_conflict = {};
  };

  // `send` hands a commit to the shard and calls back on the same thread.
  void init(Send send) { send_ = std::move(send); }

  // Errors go to `done`: unavailable when too many wait.
  void add(Change change);

  bool empty() const { return waiting_.empty() && !is_busy_; }

 private:
  void go_on();
  void on_answer(Result<CommitAnswer> answer);
  void finish(Status status);

  Send send_;
  std::list<Change> waiting_;  // not a deque: that holds 600 bytes when it is empty
  bool is_busy_ = false;       // the first of `waiting_` is with the shard
  bool is_going_on_ = false;
  int attempts_ = 0;  // of the first of `waiting_`
};

}  // namespace reverie
