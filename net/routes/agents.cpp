// /v1/agents and /v1/tags: agents, and what is attached to them.

#include "config/ids.hpp"
#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

void create_agent(Call<CreateAgent> call) {
  CreateAgent request = call.take_request();
  request.agent_id = new_id(Prefix::agent, *call.services().random);
  request.is_sdk_v1 = is_sdk_v1(call.http());
  std::string id = request.agent_id;
  forward(call, std::move(id), std::move(request));
}

}  // namespace

RouteTable agent_routes() {
  return {
    route(Method::get, "/v1/agents/", "list_agents", "agents", returns_object, pass_on<ListAgents>),
    route(Method::post, "/v1/agents/", "create_agent", "agents", returns_object, create_agent),
    route(Method::get, "/v1/agents/count", "count_agents", "agents", returns<std::int64_t>,
          pass_on<CountAgents>),
    route(Method::get, "/v1/agents/{agent_id}", "retrieve_agent", "agents", returns_object,
          pass_on<RetrieveAgent>),
    route(Method::patch, "/v1/agents/{agent_id}", "modify_agent", "agents", returns_object,
          pass_on<ModifyAgent>),
    route(Method::del, "/v1/agents/{agent_id}", "delete_agent", "agents", returns_object,
          pass_on<DeleteAgent>),
    route(Method::get, "/v1/agents/{agent_id}/context", "retrieve_agent_context_window", "agents",
          returns_object, pass_on<RetrieveContextWindow>),
    route(Method::get, "/v1/agents/{agent_id}/core-memory", "retrieve_agent_memory", "agents",
          returns_object, pass_on<RetrieveMemory>),
    route(Method::get, "/v1/agents/{agent_id}/core-memory/blocks", "list_core_memory_blocks",
          "agents", returns_object, pass_on<ListAgentBlocks>),
    route(Method::get, "/v1/agents/{agent_id}/core-memory/blocks/{block_label}",
          "retrieve_core_memory_block", "agents", returns_object, pass_on<RetrieveAgentBlock>),
    route(Method::patch, "/v1/agents/{agent_id}/core-memory/blocks/{block_label}",
          "modify_core_memory_block", "agents", returns_object, pass_on<ModifyAgentBlock>),
    route(Method::patch, "/v1/agents/{agent_id}/core-memory/blocks/attach/{block_id}",
          "attach_core_memory_block", "agents", returns_object, pass_on<AttachBlock>),
    route(Method::patch, "/v1/agents/{agent_id}/core-memory/blocks/detach/{block_id}",
          "detach_core_memory_block", "agents", returns_object, pass_on<DetachBlock>),
    route(Method::get, "/v1/agents/{agent_id}/tools", "list_tools_for_agent", "agents",
          returns_object, pass_on<ListAgentTools>),
    route(Method::patch, "/v1/agents/{agent_id}/tools/attach/{tool_id}", "attach_tool_to_agent",
          "agents", returns_object, pass_on<AttachTool>),
    route(Method::patch, "/v1/agents/{agent_id}/tools/detach/{tool_id}", "detach_tool_from_agent",
          "agents", returns_object, pass_on<DetachTool>),
    route(Method::post, "/v1/agents/{agent_id}/recompile", "recompile_agent", "agents",
          returns<std::string>, pass_on<RecompileAgent>),
    route(Method::post, "/v1/agents/{agent_id}/system-prompt/recompile",
          "recompile_agent_system_prompt", "agents", returns<std::string>, pass_on<RecompileAgent>),
    route(Method::patch, "/v1/agents/{agent_id}/reset-messages", "reset_messages", "agents",
          returns_object, pass_on<ResetMessages>),
    route(Method::get, "/v1/tags/", "list_tags", "tag", returns<std::vector<std::string>>,
          pass_on<ListTags>),
  };
}

}  // namespace reverie
