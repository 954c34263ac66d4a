#include "actors/commit_queue.hpp"

#include <utility>

namespace reverie {

void CommitQueue::add(Change change) {
  if (waiting_.size() >= waiting_max)
    return change.done(Error{Errc::unavailable, "too many changes wait for the disk", "commit"});
  waiting_.push_back(std::move(change));
  go_on();
}

// A loop, not a recursion: a change that writes nothing is done at once, and `done` may add more.
void CommitQueue::go_on() {
  if (is_going_on_) return;
  is_going_on_ = true;
  while (!is_busy_ && !waiting_.empty()) {
    auto batch = waiting_.front().build();
    if (!batch) {
      finish(std::move(batch).error());
      continue;
    }
    auto commit = std::move(*batch).commit();
    if (!commit) {
      finish(std::move(commit).error());
      continue;
    }
    is_busy_ = true;
    send_(*std::move(commit),
          [this](Result<CommitAnswer> answer) { on_answer(std::move(answer)); });
  }
  is_going_on_ = false;
}

void CommitQueue::on_answer(Result<CommitAnswer> answer) {
  is_busy_ = false;
  if (!answer) {
    finish(std::move(answer).error());
  } else if (!answer->conflict) {
    finish({});
  } else if (const auto& on_conflict = waiting_.front().on_conflict;
             on_conflict && !on_conflict(*answer->conflict)) {
    waiting_.pop_front();
    attempts_ = 0;
  } else if (++attempts_ >= attempts_max) {
    finish(Error{Errc::conflict, "others keep changing what this change depends on", "commit"});
  }
  go_on();
}

void CommitQueue::finish(Status status) {
  const auto done = std::move(waiting_.front().done);
  waiting_.pop_front();
  attempts_ = 0;
  done(std::move(status));
}

}  // namespace reverie
