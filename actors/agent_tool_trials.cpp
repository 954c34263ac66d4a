#include "actors/agent_tool_trials.hpp"

#include "actors/external_call.hpp"
#include "config/ids.hpp"
#include "runtime/tools/execution_result.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

void AgentToolTrials::start(const RunAgentTool& request, const std::string& user_id,
                            Reply<Answer> reply) {
  const auto tools = record_.tools();
  if (!tools) return reply(tools.error());
  const auto found = std::find_if(tools->begin(), tools->end(), [&](const ToolPointer& tool) {
    return tool->name == request.tool_name;
  });
  if (found == tools->end())
    return reply(Error{Errc::not_found,
                       "Tool with name '" + request.tool_name + "' is not attached to the agent",
                       ""});
  const ExternalTools* external = record_.services().external;
  if (!external || !external->runs(**found))
    return reply(Error{Errc::bad_request,
                       "'" + request.tool_name + "' runs only in a turn of the agent",
                       "path.tool_name"});
  Json arguments = request.args.is_null() ? Json::object() : Json::parse(request.args.text);
  auto call = external_call(record_, *found, std::move(arguments), user_id);
  if (!call && call.error().code == Errc::invalid_argument)
    return reply(Answer{
      execution_result_json(tool_error((*found)->name, "TypeError", call.error().message)), ""});
  if (!call) return reply(std::move(call).error());
  call->id = "call-" + new_uuid(*record_.services().random);
  waiting_.emplace(call->id, std::move(reply));
  port_.run_tool(*std::move(call));
}

bool AgentToolTrials::on_done(const ToolDone& message) {
  const auto found = waiting_.extract(message.call_id);
  if (!found) return false;
  found.mapped()(Answer{execution_result_json(*message.outcome), ""});
  return true;
}

void AgentToolTrials::abandon(const Error& why) {
  for (auto& [call_id, reply] : std::exchange(waiting_, {})) {
    port_.cancel_tool(call_id);
    reply(why);
  }
}

}  // namespace reverie
