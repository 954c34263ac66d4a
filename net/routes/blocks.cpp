// /v1/blocks: memory blocks.

#include "config/ids.hpp"
#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

void create_block(Call<CreateBlock> call) {
  CreateBlock request = call.take_request();
  request.block_id = new_id(Prefix::block, *call.services().random);
  std::string id = request.block_id;
  forward(call, std::move(id), std::move(request));
}

}  // namespace

RouteTable block_routes() {
  return {
    route(Method::get, "/v1/blocks/", "list_blocks", "blocks",
          returns<std::vector<ApiObject<"BlockResponse">>>, pass_on<ListBlocks>),
    route(Method::post, "/v1/blocks/", "create_block", "blocks",
          returns<ApiObject<"BlockResponse">>, create_block),
    route(Method::get, "/v1/blocks/count", "count_blocks", "blocks", returns<std::int64_t>,
          pass_on<CountBlocks>),
    route(Method::get, "/v1/blocks/{block_id}", "retrieve_block", "blocks",
          returns<ApiObject<"BlockResponse">>, pass_on<RetrieveBlock>),
    route(Method::patch, "/v1/blocks/{block_id}", "modify_block", "blocks",
          returns<ApiObject<"BlockResponse">>, pass_on<ModifyBlock>),
    route(Method::del, "/v1/blocks/{block_id}", "delete_block", "blocks", returns_null,
          pass_on<DeleteBlock>),
    route(Method::get, "/v1/blocks/{block_id}/agents", "list_agents_for_block", "blocks",
          returns<std::vector<ApiObject<"AgentState">>>, pass_on<ListBlockAgents>),
  };
}

}  // namespace reverie
