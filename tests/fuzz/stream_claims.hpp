// What holds for the answer of a model in every dialect, whatever a host sends.

#pragma once

#include "tests/fuzz/input.hpp"
#include "tests/runtime/llm/stream_support.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace reverie::testing {

// What a listener makes of the pieces of an answer.
struct Heard {
  std::string text;
  std::string thoughts;
  std::map<std::size_t, ToolCall> calls;

  void operator()(const TextDelta& delta) { text += delta.text; }
  void operator()(const ReasoningDelta& delta) { thoughts += delta.text; }
  void operator()(const ToolCallStart& start) {
    const bool is_new = calls.emplace(start.index, ToolCall{start.id, start.name, ""}).second;
    claim(is_new, "a call starts once");
  }
  void operator()(const ToolCallDelta& delta) {
    const auto call = calls.find(delta.index);
    claim(call != calls.end(), "a call has started before its arguments come");
    call->second.arguments += delta.arguments;
  }
};

inline bool is_count(const std::optional<std::int64_t>& tokens) {
  return !tokens || *tokens >= 0;
}

inline void claim_result(const Result<Completion>& result) {
  if (!result) {
    claim(result.error().code >= Errc::llm_rate_limit, "an error says what the host did");
    claim(!result.error().message.empty(), "an error has words");
    return;
  }
  const LlmUsage& usage = result->usage;
  claim(usage.prompt_tokens >= 0 && usage.completion_tokens >= 0 && usage.total_tokens >= 0
          && is_count(usage.cached_input_tokens) && is_count(usage.cache_write_tokens)
          && is_count(usage.reasoning_tokens),
        "no count of tokens is negative");
  std::set<std::string> ids;
  for (const ToolCall& call : result->tool_calls)
    claim(!call.id.empty() && ids.insert(call.id).second, "every call has an id of its own");
}

inline void claim_heard(const StreamOutcome& outcome) {
  Heard heard;
  for (const LlmDelta& piece : outcome.pieces) std::visit(heard, piece);
  if (!outcome.completion) return;
  const Completion& answer = *outcome.completion;
  claim(heard.text == answer.text, "the pieces of the text are the text");
  std::size_t thoughts_size = 0;  // thoughts may come in turns, and are kept apart
  for (const Reasoning& thought : answer.reasoning) thoughts_size += thought.text.size();
  claim(heard.thoughts.size() == thoughts_size, "the pieces of the thoughts are the thoughts");
  claim(heard.calls.size() == answer.tool_calls.size(), "every call is heard of");
  for (const auto& [index, call] : heard.calls)
    claim(index < answer.tool_calls.size() && call == answer.tool_calls[index],
          "the pieces of a call are the call");
}

// `run` feeds slices to a new parser.
template <class Run>
void claim_stream(std::string_view bytes, Run&& run) {
  const SlicedText input = sliced(bytes);
  const StreamOutcome whole = run(std::vector<std::string_view>{input.whole});
  const StreamOutcome cut = run(input.slices);
  claim(whole.deltas == cut.deltas, "the cuts do not change the pieces");
  claim(shown(whole.completion) == shown(cut.completion), "the cuts do not change the answer");
  claim_result(whole.completion);
  claim_heard(whole);
}

}  // namespace reverie::testing
