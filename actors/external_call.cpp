#include "actors/external_call.hpp"

#include "runtime/agents/agent_secrets.hpp"
#include "runtime/tools/arguments.hpp"
#include "runtime/tools/tool_source.hpp"
#include "runtime/views/views.hpp"

#include <utility>

namespace reverie {

Result<ExternalCall> external_call(AgentRecord& record, ToolPointer tool, Json arguments,
                                   const std::string& user_id) {
  REVERIE_CHECK(record.load());
  REVERIE_CHECK(
    check_arguments(tool->name, arguments, Json::parse(tool->parameters.text, nullptr, false)));
  const Agent& agent = record.agent();
  ExternalCall call;
  call.tool = std::move(tool);
  call.arguments = std::move(arguments);
  call.org_id = agent.org_id;
  call.user_id = user_id;
  call.agent_id = agent.id;
  call.project_id = agent.project_id.value_or("");
  REVERIE_TRY(auto secrets,
              read_secrets(*record.services().store, record.services().secrets, agent.id));
  for (auto& [secret, value] : secrets) call.secrets.emplace(secret.name, std::move(value));
  const auto& custom = call.tool->custom;
  if (custom && mentions(custom->source_code, "agent_state")) {
    const Services& services = record.services();
    const ViewContext context{*services.store, *services.providers, agent.org_id, user_id};
    REVERIE_TRY(call.agent_state, agent_json(context, agent.id, true));
  }
  return call;
}

}  // namespace reverie
