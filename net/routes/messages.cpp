// /v1/agents/{agent_id}/messages and /v1/messages: talking to agents.

#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

void send_message(Call<SendMessage> call) {
  SendMessage request = call.take_request();
  std::string agent_id = request.agent_id;
  forward_message(call, std::move(agent_id), std::move(request));
}

void send_message_stream(Call<SendMessage> call) {
  SendMessage request = call.take_request();
  request.streaming = true;
  std::string agent_id = request.agent_id;
  forward_message(call, std::move(agent_id), std::move(request));
}

// Its events are kept as those of a background stream, for who wants to listen.
void send_message_async(Call<SendAsyncMessage> call) {
  SendAsyncMessage sent = call.take_request();
  SendMessage request = std::move(static_cast<SendMessage&>(sent));
  request.is_async = true;
  request.background = true;
  request.streaming = true;
  request.stream_tokens = false;
  request.include_pings = false;
  std::string agent_id = request.agent_id;
  forward_message(call, std::move(agent_id), std::move(request));
}

void preview_message(Call<SendMessage> call) {
  SendMessage request = call.take_request();
  std::string agent_id = request.agent_id;
  forward_preview(call, std::move(agent_id), std::move(request));
}

}  // namespace

RouteTable message_routes() {
  return {
    route(Method::get, "/v1/agents/{agent_id}/messages", "list_messages", "agents",
          returns<std::vector<ApiObject<"LettaMessageUnion">>>, pass_on<ListMessages>),
    route(Method::post, "/v1/agents/{agent_id}/messages", "send_message", "agents",
          returns<ApiObject<"LettaResponse">>, send_message),
    route(Method::post, "/v1/agents/{agent_id}/messages/stream", "create_agent_message_stream",
          "agents", returns_stream, send_message_stream),
    route(Method::post, "/v1/agents/{agent_id}/messages/async", "create_agent_message_async",
          "agents", returns<ApiObject<"Run">>, send_message_async),
    route(Method::post, "/v1/agents/{agent_id}/messages/cancel", "cancel_message", "agents",
          returns<std::map<std::string, std::string>>, pass_on<CancelRuns>),
    route(Method::post, "/v1/agents/{agent_id}/messages/preview-raw-payload",
          "preview_model_request", "agents", returns<std::map<std::string, RawJson>>,
          preview_message),
    route(Method::post, "/v1/agents/{agent_id}/generate", "generate_completion", "agents",
          returns<ApiObject<"GenerateResponse">>, pass_on<GenerateCompletion>),
    route(Method::post, "/v1/agents/{agent_id}/summarize", "summarize_messages", "agents",
          returns<ApiObject<"CompactionResponse">>, pass_on<CompactMessages>),
    route(Method::patch, "/v1/agents/{agent_id}/messages/{message_id}", "modify_message", "agents",
          returns<ApiObject<"LettaMessageUnion">>, pass_on<ModifyMessage>),
    route(Method::get, "/v1/messages/", "list_all_messages", "messages",
          returns<std::vector<ApiObject<"LettaMessageUnion">>>, pass_on<ListAllMessages>),
    route(Method::get, "/v1/messages/{message_id}", "retrieve_message", "messages",
          returns<std::vector<ApiObject<"LettaMessageUnion">>>, pass_on<RetrieveMessage>),
  };
}

}  // namespace reverie
