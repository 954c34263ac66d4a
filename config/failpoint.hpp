// Places where a test ends the server as a power cut would: one at each arrow of what a run goes
// through, and of what goes on beside it, so that a crash test need not hope to hit it.
//
// For tests alone. REVERIE_FAILPOINT says at the start which one it is: `step.stored@2` ends the
// process with SIGKILL when the place is passed for the second time, `trace` logs each passing.
// While it is not set, a place costs one branch on a plain flag.

#pragma once

#include "config/environment.hpp"
#include "config/error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace reverie {

// All of them. `store`: the commit is made and not sent; `stored`: it is durable and nobody has
// been told.
inline constexpr auto failpoint_names = std::to_array<std::string_view>({
  "agent.store",     "agent.stored",     "input.store",        "input.stored",
  "resume.store",    "resume.stored",    "turn.begin",         "model.ask",
  "model.delta",     "model.done",       "answer.store",       "answer.stored",
  "tool.run",        "tool.ran",         "tool.call",          "tool.called",
  "tool.done",       "block_edit.ask",   "block_edit.stored",  "block_edit.done",
  "step.store",      "step.stored",      "step.told",          "compaction.ask",
  "compaction.done", "compaction.store", "compaction.stored",  "compaction.told",
  "cancel.model",    "cancel.store",     "cancel.stored",      "end.store",
  "end.stored",      "run.finish",       "conversation.store", "conversation.stored",
  "log.write",       "log.written",      "commit.answer",      "stream.event",
  "queue.store",     "queue.stored",     "queue.end",          "queue.ended",
  "callback.send",   "callback.sent",    "callback.store",     "callback.stored",
  "pause.store",     "pause.stored",     "expiry.ask",         "block.store",
  "block.stored",    "files.keep",       "files.kept",         "git.commit",
  "git.committed",   "git.synced",       "rows.store",         "rows.stored",
  "push.taken",      "sweep.store",      "sweep.stored",       "trace.store",
});

// A name of the list; any other does not compile.
class Failpoint {
 public:
  consteval Failpoint(const char* name)
    : index_(static_cast<std::size_t>(
      std::find(failpoint_names.begin(), failpoint_names.end(), std::string_view{name})
      - failpoint_names.begin())) {
    if (index_ == failpoint_names.size()) throw "no such failpoint";
  }
  std::size_t index() const { return index_; }

 private:
  std::size_t index_;
};

inline bool failpoints_are_armed = false;  // set before there are threads

// Thread-safe. Does not return from the passing that is asked for.
void pass_failpoint(Failpoint point);

inline void failpoint(Failpoint point) {
  if (failpoints_are_armed) [[unlikely]]
    pass_failpoint(point);
}

// Reads REVERIE_FAILPOINT. Errors: invalid_argument: no place of that name, or no such count.
Status arm_failpoints(const Environment& environment);

}  // namespace reverie
