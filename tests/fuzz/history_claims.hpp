// What holds for the history that a model is sent, whatever is stored.

#pragma once

#include "runtime/llm/anthropic.hpp"
#include "runtime/llm/openai.hpp"
#include "runtime/messages/chat_history.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/scripted_model/history.hpp"
#include "tests/support/history_validator.hpp"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace reverie::testing {

inline void claim_body(const std::string& body, std::optional<std::string> (*history_problem)(
                                                  const scripted::ModelRequest&)) {
  claim(body.find('\0') == std::string::npos && Json::accept(body), "a request is JSON");
  const auto request = scripted::read_model_request(body);
  claim(request.has_value(), "a request is an object");
  const auto problem = history_problem(*request);
  claim(!problem, problem.value_or(""));
}

// Valid by our own rules, and in the words of both dialects by those of their vendors.
inline void claim_history(std::span<const Message> messages, const ChatHistoryOptions& options) {
  LlmRequest request;
  request.model.model = options.model;
  request.messages = chat_history(messages, options);
  const std::string fault = first_fault(request.messages);
  claim(fault.empty(), fault);
  claim_body(openai::request_body(request, openai::quirks_of("openai", "")),
             scripted::openai::history_problem);
  claim_body(anthropic::request_body(request), scripted::anthropic::history_problem);
}

}  // namespace reverie::testing
