// One compaction of a thread as a state machine without I/O, threads or time.
//
//   next_call --(request)--> on_answer, on_failure --> next_call ... --> (none) result
//
// Whatever the models do, it ends, and with a smaller context when there was something to take:
// if no summary can be had, messages leave the context with a note that says so.

#pragma once

#include "runtime/compaction/compaction_settings.hpp"
#include "runtime/compaction/token_estimate.hpp"
#include "runtime/llm/provider.hpp"
#include "storage/records/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// How much has to go. Each is tried when the one before was not enough.
enum class CompactionForce : std::uint8_t {
  as_configured,
  all,              // the mode "all"
  without_summary,  // all, and no model is asked
};

struct CompactionInput {
  std::vector<Message> context;  // as the thread lists it; the system message is the first
  std::int64_t other_bytes = 0;  // of the next request: tools, and input not yet in the thread
  CompactionSettings settings;
  CompactionForce force = CompactionForce::as_configured;
  TokenScale scale;
  std::string timezone = "UTC";

  ModelConfig agent_model;
  std::string agent_model_handle;
  std::vector<ToolSpec> tools;  // of the agent, so that its provider's prompt cache holds
  ModelConfig summariser;       // who writes summaries in the modes that are not the agent's own
  bool has_summariser = true;   // false: nobody does
};

// What comes of it.
struct Compacted {
  std::string summary;                // of what is gone, or the note that there is none
  bool is_summarised = false;         // false: the note
  std::optional<Error> failure;       // why there is none
  std::vector<std::int64_t> evicted;  // sequence numbers of the messages that leave the context
  std::int64_t messages_before = 0;
  std::int64_t messages_after = 0;
  std::int64_t tokens_before = 0;  // of the next request, estimated
  std::int64_t tokens_after = 0;
};

class Compaction {
 public:
  struct Call {
    LlmRequest request;
    bool is_agents_own_model = false;  // else the summariser's
  };

  // Of a context with something to take (has_evictable() in cut.hpp).
  explicit Compaction(CompactionInput input);

  // What to ask a model next; none: it is over.
  std::optional<Call> next_call();
  void on_answer(const Completion& completion);
  void on_failure(const Error& error);

  Compacted result() const;
  const ModelConfig& agent_model() const { return input_.agent_model; }

 private:
  struct Attempt {
    bool is_sliding = false;
    bool by_own_model = false;
  };

  std::vector<Attempt> attempts_of(CompactionMode mode) const;
  std::optional<std::size_t> cut_of(const Attempt& attempt) const;
  Call transcript_call(std::size_t cut) const;
  Call own_call(std::size_t cut) const;
  std::string_view prompt(bool is_sliding) const;
  std::string fitted(std::string summary) const;
  void replace_head(std::size_t cut, std::string summary);
  void evict_without_summary();
  void next_attempt();
  std::int64_t tokens_from(std::size_t index) const;
  std::int64_t tokens_of_request() const;

  CompactionInput input_;
  std::vector<Message> context_;  // as it is by now: a summary is in it with number 0
  std::vector<Attempt> attempts_;
  std::size_t attempt_ = 0;
  int shortening_ = 0;   // 0: the whole transcript, 1: tool returns cut, 2: all of it cut
  std::size_t cut_ = 0;  // of the attempt under way
  bool is_over_ = false;
  std::string summary_;
  bool is_summarised_ = false;
  std::optional<Error> failure_;  // of the last attempt that failed
};

}  // namespace reverie
