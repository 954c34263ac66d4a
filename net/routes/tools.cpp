// /v1/tools and /v1/models: what agents can use.

#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

RouteTable tool_routes() {
  return {
    route(Method::get, "/v1/tools/", "list_tools", "tools", returns<std::vector<ApiObject<"Tool">>>,
          pass_on<ListTools>),
    route(Method::get, "/v1/tools/count", "count_tools", "tools", returns<std::int64_t>,
          pass_on<CountTools>),
    route(Method::post, "/v1/tools/add-base-tools", "add_base_tools", "tools",
          returns<std::vector<ApiObject<"Tool">>>, pass_on<AddBaseTools>),
    route(Method::get, "/v1/tools/{tool_id}", "retrieve_tool", "tools", returns<ApiObject<"Tool">>,
          pass_on<RetrieveTool>),
    route(Method::get, "/v1/models/", "list_models", "models",
          returns<std::vector<ApiObject<"Model">>>, pass_on<ListChatModels>),
    route(Method::get, "/v1/models/embedding", "list_embedding_models", "models",
          returns<std::vector<ApiObject<"EmbeddingModel">>>, pass_on<ListEmbeddingModels>),
  };
}

}  // namespace reverie
