// /v1/agents and /v1/tags: agents, and what is attached to them.

#include "config/ids.hpp"
#include "net/gateway.hpp"
#include "net/routes.hpp"
#include "runtime/llm/llm_config.hpp"
#include "runtime/llm/providers.hpp"
#include "runtime/views/views.hpp"

namespace reverie {

namespace {

// Sends a request on that names a model. One that is not known may have just appeared, or the
// server just started: its provider is asked first, within the time of a listing.
template <Record R>
void forward_with_model(const CallBase& call, const std::string& handle, std::string object_id,
                        R request) {
  auto go = [call, object_id = std::move(object_id), request = std::move(request)] {
    forward(call, object_id, request);
  };
  if (handle.empty()) return go();
  call.services().providers->resolve_fresh(
    handle, [call, go = std::move(go)](const Result<ResolvedModel>&) { call.run(go); });
}

std::string wanted_model(const CreateAgent& request, const Settings& settings) {
  if (request.model) return *request.model;
  if (request.llm_config.is_null()) return settings.models.default_handle;
  auto handle = handle_of_llm_config(request.llm_config);
  return handle ? *std::move(handle) : std::string();
}

void create_agent(Call<CreateAgent> call) {
  CreateAgent request = call.take_request();
  request.agent_id = new_id(Prefix::agent, *call.services().random);
  request.is_sdk_v1 = is_sdk_v1(call.http());
  const std::string handle = wanted_model(request, *call.services().settings);
  std::string id = request.agent_id;
  forward_with_model(call, handle, std::move(id), std::move(request));
}

void modify_agent(Call<ModifyAgent> call) {
  ModifyAgent request = call.take_request();
  request.is_sdk_v1 = is_sdk_v1(call.http());
  const std::string handle = request.model.value_or("");
  std::string id = request.object_id();
  forward_with_model(call, handle, std::move(id), std::move(request));
}

// What was read before and has not changed is answered on the spot, without a hop.
void retrieve_agent(Call<RetrieveAgent> call) {
  const Services& services = call.services();
  const ViewContext context{*services.store, *services.providers, call.identity().org_id,
                            call.identity().user_id, services.rendered};
  RetrieveAgent request = call.take_request();
  request.is_sdk_v1 = is_sdk_v1(call.http());
  if (auto json = rendered_answer(context, request)) return call.reply_json(*std::move(json));
  std::string id = request.object_id();
  forward(call, std::move(id), std::move(request));
}

}  // namespace

RouteTable agent_routes() {
  return {
    route(Method::get, "/v1/agents/", "list_agents", "agents",
          returns<std::vector<ApiObject<"AgentState">>>, pass_on<ListAgents>),
    route(Method::post, "/v1/agents/", "create_agent", "agents", returns<ApiObject<"AgentState">>,
          create_agent),
    route(Method::get, "/v1/agents/count", "count_agents", "agents", returns<std::int64_t>,
          pass_on<CountAgents>),
    route(Method::get, "/v1/agents/{agent_id}", "retrieve_agent", "agents",
          returns<ApiObject<"AgentState">>, retrieve_agent),
    route(Method::patch, "/v1/agents/{agent_id}", "modify_agent", "agents",
          returns<ApiObject<"AgentState">>, modify_agent),
    route(Method::del, "/v1/agents/{agent_id}", "delete_agent", "agents",
          returns<std::map<std::string, std::string>>, pass_on<DeleteAgent>),
    route(Method::get, "/v1/agents/{agent_id}/context", "retrieve_agent_context_window", "agents",
          returns<ApiObject<"ContextWindowOverview">>, pass_on<RetrieveContextWindow>),
    route(Method::get, "/v1/agents/{agent_id}/core-memory", "retrieve_agent_memory", "agents",
          returns<ApiObject<"Memory">>, pass_on<RetrieveMemory>),
    route(Method::get, "/v1/agents/{agent_id}/core-memory/blocks", "list_core_memory_blocks",
          "agents", returns<std::vector<ApiObject<"BlockResponse">>>, pass_on<ListAgentBlocks>),
    route(Method::get, "/v1/agents/{agent_id}/core-memory/blocks/{block_label}",
          "retrieve_core_memory_block", "agents", returns<ApiObject<"BlockResponse">>,
          pass_on<RetrieveAgentBlock>),
    route(Method::patch, "/v1/agents/{agent_id}/core-memory/blocks/{block_label}",
          "modify_core_memory_block", "agents", returns<ApiObject<"BlockResponse">>,
          pass_on<ModifyAgentBlock>),
    route(Method::patch, "/v1/agents/{agent_id}/core-memory/blocks/attach/{block_id}",
          "attach_core_memory_block", "agents", returns<ApiObject<"AgentState">>,
          pass_on<AttachBlock>),
    route(Method::patch, "/v1/agents/{agent_id}/core-memory/blocks/detach/{block_id}",
          "detach_core_memory_block", "agents", returns<ApiObject<"AgentState">>,
          pass_on<DetachBlock>),
    route(Method::get, "/v1/agents/{agent_id}/tools", "list_tools_for_agent", "agents",
          returns<std::vector<ApiObject<"Tool">>>, pass_on<ListAgentTools>),
    route(Method::patch, "/v1/agents/{agent_id}/tools/attach/{tool_id}", "attach_tool_to_agent",
          "agents", returns<std::optional<ApiObject<"AgentState">>>, pass_on<AttachTool>),
    route(Method::patch, "/v1/agents/{agent_id}/tools/detach/{tool_id}", "detach_tool_from_agent",
          "agents", returns<std::optional<ApiObject<"AgentState">>>, pass_on<DetachTool>),
    route(Method::patch, "/v1/agents/{agent_id}/tools/approval/{tool_name}",
          "modify_approval_for_tool", "agents", returns<std::optional<ApiObject<"AgentState">>>,
          pass_on<ModifyToolApproval>),
    route(Method::post, "/v1/agents/{agent_id}/recompile", "recompile_agent", "agents",
          returns<std::string>, pass_on<RecompileAgent>),
    route(Method::post, "/v1/agents/{agent_id}/system-prompt/recompile",
          "recompile_agent_system_prompt", "agents", returns<std::string>, pass_on<RecompileAgent>),
    route(Method::patch, "/v1/agents/{agent_id}/reset-messages", "reset_messages", "agents",
          returns<std::optional<ApiObject<"AgentState">>>, pass_on<ResetMessages>),
    route(Method::get, "/v1/tags/", "list_tags", "tag", returns<std::vector<std::string>>,
          pass_on<ListTags>),
  };
}

}  // namespace reverie
