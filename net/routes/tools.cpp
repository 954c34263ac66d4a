// /v1/tools and /v1/models: what agents can use.

#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

// To who makes and changes the tools of the organisation.
template <Record R>
void pass_to_tools(Call<R> call) {
  std::string org_id = call.identity().org_id;
  forward(call, std::move(org_id), call.take_request());
}

}  // namespace

RouteTable tool_routes() {
  return {
    route(Method::get, "/v1/tools/", "list_tools", "tools", returns<std::vector<ApiObject<"Tool">>>,
          pass_on<ListTools>),
    route(Method::post, "/v1/tools/", "create_tool", "tools", returns<ApiObject<"Tool">>,
          pass_to_tools<CreateTool>),
    route(Method::put, "/v1/tools/", "upsert_tool", "tools", returns<ApiObject<"Tool">>,
          pass_to_tools<CreateTool>),
    route(Method::post, "/v1/tools/openapi", "create_tools_from_openapi", "tools",
          returns<std::vector<ApiObject<"Tool">>>, pass_to_tools<CreateToolsFromOpenapi>),
    route(Method::get, "/v1/tools/count", "count_tools", "tools", returns<std::int64_t>,
          pass_on<CountTools>),
    route(Method::post, "/v1/tools/add-base-tools", "add_base_tools", "tools",
          returns<std::vector<ApiObject<"Tool">>>, pass_on<AddBaseTools>),
    route(Method::get, "/v1/tools/{tool_id}", "retrieve_tool", "tools", returns<ApiObject<"Tool">>,
          pass_on<RetrieveTool>),
    route(Method::patch, "/v1/tools/{tool_id}", "modify_tool", "tools", returns<ApiObject<"Tool">>,
          pass_to_tools<ModifyTool>),
    route(Method::del, "/v1/tools/{tool_id}", "delete_tool", "tools", returns_null,
          pass_to_tools<DeleteTool>),
    route(Method::post, "/v1/tools/search", "search_tools", "tools",
          returns<std::vector<ApiObject<"ToolSearchResult">>>, pass_on<SearchTools>),
    route(Method::post, "/v1/tools/generate-schema", "generate_json_schema", "tools",
          returns<std::map<std::string, Json>>, pass_to_tools<GenerateToolSchema>),
    route(Method::post, "/v1/tools/run", "run_tool_from_source", "tools",
          returns<ApiObject<"ToolReturnMessage">>, pass_to_tools<RunToolSource>),
    route(Method::post, "/v1/agents/{agent_id}/tools/{tool_name}/run", "run_tool_for_agent",
          "agents", returns<ApiObject<"ToolExecutionResult">>, pass_on<RunAgentTool>),
    route(Method::get, "/v1/models/", "list_models", "models",
          returns<std::vector<ApiObject<"Model">>>, pass_on<ListChatModels>),
    route(Method::get, "/v1/models/embedding", "list_embedding_models", "models",
          returns<std::vector<ApiObject<"EmbeddingModel">>>, pass_on<ListEmbeddingModels>),
  };
}

}  // namespace reverie
