#include "actors/agent_generations.hpp"

#include "config/json_writer.hpp"
#include "runtime/messages/stream_events.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace reverie {

namespace {

// An answer that has to follow a schema is the arguments of a call that the model has to make: the
// one way that every dialect has.
void demand(const RawJson& schema, LlmRequest& request) {
  if (schema.is_null()) return;
  ToolSpec tool;
  tool.name = "respond";
  tool.description = "Gives the answer.";
  tool.parameters = schema;
  tool.may_be_strict = false;
  request.tool_choice = ToolChoice::named;
  request.forced_tool = tool.name;
  request.tools.push_back(std::move(tool));
  request.model.reasoning_enabled = false;  // a model that thinks cannot be made to call
}

ChatMessage message_of(ChatRole role, std::string text) {
  ChatMessage message;
  message.role = role;
  message.text = std::move(text);
  return message;
}

std::string answer_json(const Completion& completion, const std::string& model) {
  const LlmUsage& used = completion.usage;
  const Usage usage{used.prompt_tokens,       used.completion_tokens,  used.total_tokens,
                    used.cached_input_tokens, used.cache_write_tokens, used.reasoning_tokens};
  std::string out;
  const auto& calls = completion.tool_calls;
  JsonObjectWriter{out}
    .add("content", calls.empty() ? completion.text : calls.front().arguments)
    .add("model", model)
    .add_json("usage", usage_event(usage, 1, used.total_tokens));
  return out;
}

}  // namespace

Result<AgentGenerations::Call> AgentGenerations::call_for(const GenerateCompletion& request,
                                                          const std::string& user_id) const {
  REVERIE_CHECK(record_.load());
  Call call;
  const std::string handle = request.override_model.value_or(record_.agent().model);
  REVERIE_TRY(ResolvedModel resolved, record_.services().providers->resolve(handle));
  ModelConfig& config = call.request.model;
  config = record_.model();
  config.provider = resolved.info.provider;
  config.model = resolved.info.name;
  config.context_window = std::min(config.context_window, resolved.info.context_window);
  config.response_format = {};
  demand(request.response_schema, call.request);
  if (request.system_prompt)
    call.request.messages.push_back(message_of(ChatRole::system, *request.system_prompt));
  call.request.messages.push_back(message_of(ChatRole::user, request.prompt));
  call.request.user = user_id;
  call.provider = std::move(resolved.provider);
  call.waiting.model = handle;
  call.waiting.provider = config.provider;
  return call;
}

void AgentGenerations::start(const GenerateCompletion& request, const std::string& user_id,
                             std::int64_t call_id, Reply<Answer> reply) {
  auto call = call_for(request, user_id);
  if (!call) return reply(std::move(call).error());
  call->waiting.reply = std::move(reply);
  const std::string provider = call->waiting.provider;
  waiting_.emplace(call_id, std::move(call->waiting));
  port_.ask_model(provider, AskModel{call_id, std::move(call->provider),
                                     std::make_shared<LlmRequest>(std::move(call->request))});
}

bool AgentGenerations::on_done(const ModelDone& message) {
  const auto found = waiting_.extract(message.call_id);
  if (!found) return false;
  const Waiting& waiting = found.mapped();
  const Result<Completion>& completion = *message.completion;
  if (completion)
    waiting.reply(Answer{answer_json(*completion, waiting.model), ""});
  else
    waiting.reply(Error{Errc::upstream, completion.error().message, waiting.provider});
  return true;
}

void AgentGenerations::abandon(const Error& why) {
  for (auto& [call_id, waiting] : std::exchange(waiting_, {})) {
    port_.cancel_model(waiting.provider, call_id);
    waiting.reply(why);
  }
}

}  // namespace reverie
