#include "actors/run_request.hpp"

#include "config/json_writer.hpp"
#include "runtime/callback_sender.hpp"
#include "runtime/messages/input.hpp"
#include "runtime/messages/message_type.hpp"
#include "runtime/tools/client_tools.hpp"

#include <utility>

namespace reverie {

RunOptions options_of(const SendMessage& request, std::string user_id) {
  RunOptions options;
  options.user_id = std::move(user_id);
  options.steps_max = request.max_steps;
  options.override_model = request.override_model;
  options.override_system = request.override_system ? request.override_system : request.system;
  options.streams = request.streaming.value_or(false);
  options.streams_tokens = request.stream_tokens;
  options.has_pings = request.include_pings.value_or(true);
  options.message_types = request.include_return_message_types;
  options.use_assistant_message = request.use_assistant_message;
  options.assistant_tool_name = request.assistant_message_tool_name;
  options.assistant_tool_kwarg = request.assistant_message_tool_kwarg;
  options.shows_compactions = request.include_compaction_messages;
  options.client_tools = request.client_tools;
  options.client_skills = request.client_skills;
  options.background = request.background;
  options.return_logprobs = request.return_logprobs;
  options.top_logprobs = request.top_logprobs;
  return options;
}

RawJson request_config(const RunOptions& options) {
  std::string json;
  JsonObjectWriter{json}
    .add("use_assistant_message", options.use_assistant_message)
    .add("assistant_message_tool_name", options.assistant_tool_name)
    .add("assistant_message_tool_kwarg", options.assistant_tool_kwarg)
    .add("include_return_message_types", options.message_types);
  return RawJson{std::move(json)};
}

Status check_request(const SendMessage& request) {
  if (auto tools = read_client_tools(request.client_tools); !tools)
    return std::move(tools).error().in("body.client_tools");
  if (auto skills = read_client_skills(request.client_skills); !skills)
    return std::move(skills).error().in("body.client_skills");
  if (request.when_busy && *request.when_busy != "reject" && *request.when_busy != "queue"
      && *request.when_busy != "interrupt")
    return Error{Errc::invalid_argument, "expected reject, queue or interrupt", "body.when_busy"};
  if (request.callback_url)
    if (auto url = check_callback_url(*request.callback_url); !url)
      return std::move(url).error().in("body");
  const bool streams = request.streaming.value_or(false);
  if (!streams && request.background)
    return Error{Errc::invalid_argument, "needs streaming=true", "body.background"};
  if (!streams && request.stream_tokens)
    return Error{Errc::invalid_argument, "needs streaming=true", "body.stream_tokens"};
  if (!streams && request.include_pings == false)
    return Error{Errc::invalid_argument, "needs streaming=true", "body.include_pings"};
  if (request.messages.is_null() == request.input.is_null())
    return Error{Errc::invalid_argument, "exactly one of messages and input has to be given",
                 "body"};
  if (request.max_steps < 0)
    return Error{Errc::invalid_argument, "expected 0 or more", "body.max_steps"};
  if (request.include_return_message_types) {
    auto types = MessageTypeSet::parse(*request.include_return_message_types);
    if (!types) return std::move(types).error().in("body.include_return_message_types");
  }
  return {};
}

Result<std::vector<Message>> read_request(const SendMessage& request, const AgentRecord& record) {
  const InputTarget target{record.id(), record.next_time(), *record.services().random,
                           record.services().settings->images.bytes_max};
  if (!request.input.is_null()) {
    auto messages = read_input(Json::parse(request.input.text, nullptr, false), target);
    if (!messages) return std::move(messages).error().in("body");
    return messages;
  }
  const Json list = Json::parse(request.messages.text, nullptr, false);
  if (list.is_array() && list.empty())
    return Error{Errc::invalid_argument, "Messages must not be empty", "body.messages"};
  auto messages = read_input_messages(list, target);
  if (!messages) return std::move(messages).error().in("body");
  return messages;
}

}  // namespace reverie
