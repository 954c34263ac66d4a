// /v1/conversations: the threads of agents.

#include "runtime/requests/conversations.hpp"
#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

// Sends the request to the agent that the thread belongs to; the path may mean its default one.
// `ask(thread)` makes the request.
template <class R, class Ask>
void forward_to_thread(const Call<R>& call, const std::string& conversation_id,
                       const std::optional<std::string>& agent_id, Ask&& ask_thread) {
  auto thread = thread_of(conversation_id, agent_id);
  if (!thread) return call.fail(thread.error());
  auto request = ask_thread(*thread);
  forward(call, std::move(thread->object_id), std::move(request));
}

void send_conversation_message(Call<SendConversationMessage> call) {
  SendConversationMessage request = call.take_request();
  auto thread = thread_of(request.thread_id, request.agent);
  if (!thread) return call.fail(thread.error());
  SendMessage message = std::move(static_cast<SendMessage&>(request));
  message.conversation_id = std::move(thread->conversation_id);
  if (!message.streaming) message.streaming = true;  // unlike that of an agent's messages
  forward_message(call, std::move(thread->object_id), std::move(message));
}

void preview_conversation_message(Call<SendConversationMessage> call) {
  SendConversationMessage request = call.take_request();
  auto thread = thread_of(request.thread_id, request.agent);
  if (!thread) return call.fail(thread.error());
  SendMessage message = std::move(static_cast<SendMessage&>(request));
  message.conversation_id = std::move(thread->conversation_id);
  if (!message.streaming) message.streaming = true;
  forward_preview(call, std::move(thread->object_id), std::move(message));
}

void cancel_conversation(Call<CancelConversation> call) {
  const CancelConversation request = call.take_request();
  forward_to_thread(call, request.conversation_id, request.agent_id, [](const Thread& thread) {
    CancelRuns cancel;
    cancel.conversation_id = thread.conversation_id;
    return cancel;
  });
}

void stream_conversation(Call<StreamConversation> call) {
  StreamConversation request = call.take_request();
  auto thread = thread_of(request.conversation_id, request.agent_id);
  if (!thread) return call.fail(thread.error());
  ResumeStream resume;
  resume.conversation_id = std::move(thread->conversation_id);
  resume.run_id = std::move(request.run_id);
  resume.otid = std::move(request.otid);
  resume.starting_after = request.starting_after;
  forward_stream(call, std::move(thread->object_id), std::move(resume),
                 request.include_pings.value_or(true), request.starting_after);
}

void compact_conversation(Call<CompactConversation> call) {
  CompactConversation request = call.take_request();
  forward_to_thread(call, request.conversation_id, request.agent_id, [&](const Thread& thread) {
    CompactMessages compact;
    compact.conversation_id = thread.conversation_id;
    compact.compaction_settings = std::move(request.compaction_settings);
    return compact;
  });
}

void fork_conversation(Call<ForkConversation> call) {
  ForkConversation request = call.take_request();
  forward_to_thread(call, request.conversation_id, request.agent_id, [&](const Thread& thread) {
    request.conversation_id = thread.conversation_id;
    return std::move(request);
  });
}

// The system message of the default thread is the agent's own.
void recompile_conversation(Call<RecompileConversation> call) {
  RecompileConversation request = call.take_request();
  forward_to_thread(call, request.conversation_id, request.agent_id,
                    [&](const Thread& thread) -> Request {
                      if (!is_default_thread(thread.conversation_id)) return std::move(request);
                      RecompileAgent recompile;
                      recompile.agent_id = thread.object_id;
                      recompile.dry_run = request.dry_run;
                      return recompile;
                    });
}

}  // namespace

RouteTable conversation_routes() {
  return {
    route(Method::get, "/v1/conversations/", "list_conversations", "conversations",
          returns<std::vector<ApiObject<"Conversation">>>, pass_on<ListConversations>),
    route(Method::post, "/v1/conversations/", "create_conversation", "conversations",
          returns<ApiObject<"Conversation">>, pass_on<CreateConversation>),
    route(Method::get, "/v1/conversations/{conversation_id}", "retrieve_conversation",
          "conversations", returns<ApiObject<"Conversation">>, pass_on<RetrieveConversation>),
    route(Method::patch, "/v1/conversations/{conversation_id}", "update_conversation",
          "conversations", returns<ApiObject<"Conversation">>, pass_on<UpdateConversation>),
    route(Method::del, "/v1/conversations/{conversation_id}", "delete_conversation",
          "conversations", returns_null, pass_on<DeleteConversation>),
    route(Method::post, "/v1/conversations/{conversation_id}/cancel", "cancel_conversation",
          "conversations", returns<std::map<std::string, std::string>>, cancel_conversation),
    route(Method::post, "/v1/conversations/{conversation_id}/compact", "compact_conversation",
          "conversations", returns<ApiObject<"CompactionResponse">>, compact_conversation),
    route(Method::post, "/v1/conversations/{conversation_id}/fork", "fork_conversation",
          "conversations", returns<ApiObject<"Conversation">>, fork_conversation),
    route(Method::get, "/v1/conversations/{conversation_id}/messages", "list_conversation_messages",
          "conversations", returns<std::vector<ApiObject<"LettaMessageUnion">>>,
          pass_on<ListConversationMessages>),
    route(Method::post, "/v1/conversations/{conversation_id}/messages", "send_conversation_message",
          "conversations", returns<ApiObject<"LettaResponse">>, send_conversation_message),
    route(Method::post, "/v1/conversations/{conversation_id}/messages/preview-raw-payload",
          "preview_conversation_model_request", "conversations",
          returns<std::map<std::string, RawJson>>, preview_conversation_message),
    route(Method::post, "/v1/conversations/{conversation_id}/stream",
          "retrieve_conversation_stream", "conversations", returns_stream, stream_conversation),
    route(Method::post, "/v1/conversations/{conversation_id}/recompile", "recompile_conversation",
          "conversations", returns<std::string>, recompile_conversation),
  };
}

}  // namespace reverie
