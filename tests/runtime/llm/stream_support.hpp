// Feeding recorded streams to a dialect's parser, whole or cut anywhere.

#pragma once

#include "runtime/llm/provider.hpp"
#include "runtime/sse_reader.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reverie::testing {

struct StreamOutcome {
  std::vector<LlmDelta> pieces;
  std::string deltas;  // the same, readable: R(thought) T(text) +0(id,name) 0(arguments)
  Result<Completion> completion = Error{};
};

inline std::string shown(const LlmDelta& delta) {
  struct {
    std::string operator()(const ReasoningDelta& d) const { return "R(" + d.text + ")"; }
    std::string operator()(const TextDelta& d) const { return "T(" + d.text + ")"; }
    std::string operator()(const ToolCallStart& d) const {
      return "+" + std::to_string(d.index) + "(" + d.id + "," + d.name + ")";
    }
    std::string operator()(const ToolCallDelta& d) const {
      return std::to_string(d.index) + "(" + d.arguments + ")";
    }
  } visitor;
  return std::visit(visitor, delta);
}

template <class Parser>
StreamOutcome run_stream(Parser parser, const std::vector<std::string_view>& slices) {
  StreamOutcome out;
  SseReader reader;
  const OnDelta on_delta = [&](LlmDelta delta) {
    if (!out.deltas.empty()) out.deltas += ' ';
    out.deltas += shown(delta);
    out.pieces.push_back(std::move(delta));
  };
  const OnSseEvent on_event = [&](const SseEvent& event) { return parser.feed(event, on_delta); };
  Status status;
  for (const auto slice : slices)
    if (status) status = reader.feed(slice, on_event);
  if (status) status = reader.finish(on_event);
  out.completion = status ? parser.finish(on_delta) : Result<Completion>(status.error());
  return out;
}

// One line that says all of a completion or error, to compare.
inline std::string shown(const Result<Completion>& result) {
  if (!result) return std::string(to_string(result.error().code)) + ": " + result.error().message;
  const auto optional = [](const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : std::string("-");
  };
  std::string out = "text=" + result->text;
  for (const Reasoning& each : result->reasoning)
    out += " reasoning=" + each.text + "/" + each.signature + "/" + each.redacted_data;
  for (const ToolCall& each : result->tool_calls)
    out += " call=" + each.id + "/" + each.name + "/" + each.arguments;
  constexpr const char* finishes[] = {"stop", "length", "tool_calls", "content_filter"};
  const LlmUsage& usage = result->usage;
  return out + " finish=" + finishes[static_cast<int>(result->finish)] + " usage="
         + std::to_string(usage.prompt_tokens) + "/" + std::to_string(usage.completion_tokens) + "/"
         + std::to_string(usage.total_tokens) + " cached=" + optional(usage.cached_input_tokens)
         + " written=" + optional(usage.cache_write_tokens)
         + " thought=" + optional(usage.reasoning_tokens) + " model=" + result->response_model;
}

}  // namespace reverie::testing
