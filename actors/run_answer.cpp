#include "actors/run_answer.hpp"

#include "config/json_text.hpp"
#include "runtime/agent_type.hpp"
#include "runtime/messages/approvals.hpp"
#include "runtime/messages/stream_events.hpp"

#include <array>
#include <utility>

namespace reverie {

ApiMessageOptions api_options(const RunOptions& options, const std::string& agent_type) {
  ApiMessageOptions api;
  if (options.message_types)
    if (auto types = MessageTypeSet::parse(*options.message_types)) api.types = *types;
  api.text_is_assistant = agent_profile(agent_type).text_is_assistant;
  api.use_assistant_message = options.use_assistant_message;
  api.tool_name = options.assistant_tool_name;
  api.tool_kwarg = options.assistant_tool_kwarg;
  api.shows_summaries = options.shows_compactions;
  return api;
}

std::string run_answer_json(const std::string& messages_json, const Run& run,
                            const RawJson& logprobs) {
  std::string out = "{\"messages\":[";
  out += messages_json;
  out += "],\"stop_reason\":";
  out += stop_reason_event(run.stop_reason.value_or("end_turn"));
  out += ",\"usage\":";
  out += usage_event(run.usage, run.steps_count, run.context_tokens);
  out += ",\"logprobs\":";
  append_json(out, logprobs);
  out += ",\"turns\":null}";
  return out;
}

Result<std::vector<Message>> messages_said(const AgentTables& tables, const Run& run) {
  std::vector<Message> said;
  if (run.last_message == 0) return said;
  REVERIE_TRY(const Home home, home_of(run.agent_id));
  const auto last = static_cast<std::uint64_t>(run.last_message);
  Page<MessageTable::Key> page{std::nullopt, Order::ascending,
                               static_cast<std::size_t>(run.last_message - run.first_message + 1)};
  if (run.first_message > 1)
    page.after = MessageTable::Key{run.agent_id, static_cast<std::uint64_t>(run.first_message - 1)};
  REVERIE_CHECK(tables.messages.scan_page(
    home, key_bytes(run.agent_id), page, [&](MessageTable::Key key, Message message) {
      if (key.sequence_id > last) return false;
      const bool is_said =
        message.role == "assistant" || message.role == "tool" || asks_for_approval(message);
      if (message.run_id == run.id && is_said) said.push_back(std::move(message));
      return true;
    }));
  return said;
}

Result<std::vector<std::string>> stored_events(const AgentTables& tables, const Run& run,
                                               const ApiMessageOptions& options) {
  REVERIE_TRY(const auto messages, messages_said(tables, run));
  std::vector<std::string> events;
  for (const Message& message : messages) append_message_events(events, message, options);
  events.push_back(stop_reason_event(run.stop_reason.value_or("end_turn")));
  events.push_back(usage_event(run.usage, run.steps_count, run.context_tokens));
  return events;
}

std::string run_status(std::string_view stop_reason) {
  constexpr std::array completed{"end_turn", "max_steps", "tool_rule", "requires_approval"};
  for (const std::string_view each : completed)
    if (stop_reason == each) return "completed";
  return stop_reason == "cancelled" ? "cancelled" : "failed";
}

Error error_of_run(const Run& run) {
  const std::string message = run.error_message.value_or("the run has failed");
  const std::string type = run.error_type.value_or("");
  constexpr std::array codes{
    Errc::llm_rate_limit,   Errc::llm_authentication, Errc::llm_insufficient_credits,
    Errc::llm_bad_request,  Errc::llm_context_window, Errc::llm_overloaded,
    Errc::llm_server_error, Errc::llm_empty_response, Errc::llm_timeout,
    Errc::llm_connection,
  };
  for (const Errc code : codes)
    if (type == to_string(code)) return {code, message, ""};
  return {Errc::internal, message, ""};
}

}  // namespace reverie
