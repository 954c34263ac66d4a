#include "storage/tables.hpp"

namespace reverie {

// The bytes of the stored records; their headers declare them `extern`, so that no other file makes
// them again.
template std::string encode(const AcceptedInput&);
template std::string encode(const Agent&);
template std::string encode(const AgentActivity&);
template std::string encode(const AgentLifecycle&);
template std::string encode(const Block&);
template std::string encode(const Child&);
template std::string encode(const Context&);
template std::string encode(const Conversation&);
template std::string encode(const ConversationMessage&);
template std::string encode(const Message&);
template std::string encode(const Operation&);
template std::string encode(const ProviderTrace&);
template std::string encode(const Run&);
template std::string encode(const RunCallback&);
template std::string encode(const RunEvent&);
template std::string encode(const RunLog&);
template std::string encode(const RunState&);
template std::string encode(const SharedMessage&);
template std::string encode(const Step&);
template std::string encode(const AgentSecret&);
template std::string encode(const CustomTool&);
template std::string encode(const ToolName&);
template std::string encode(const McpServer&);
template std::string encode(const McpServerName&);
template std::string encode(const McpToolRow&);
template Result<McpToolRow> decode(std::string_view);
template Result<McpServerName> decode(std::string_view);
template Result<McpServer> decode(std::string_view);
template Result<ToolName> decode(std::string_view);
template Result<CustomTool> decode(std::string_view);
template Result<AgentSecret> decode(std::string_view);
template Result<AcceptedInput> decode(std::string_view);
template Result<Agent> decode(std::string_view);
template Result<AgentActivity> decode(std::string_view);
template Result<AgentLifecycle> decode(std::string_view);
template Result<Block> decode(std::string_view);
template Result<Child> decode(std::string_view);
template Result<Context> decode(std::string_view);
template Result<Conversation> decode(std::string_view);
template Result<ConversationMessage> decode(std::string_view);
template Result<Message> decode(std::string_view);
template Result<Operation> decode(std::string_view);
template Result<ProviderTrace> decode(std::string_view);
template Result<Run> decode(std::string_view);
template Result<RunCallback> decode(std::string_view);
template Result<RunEvent> decode(std::string_view);
template Result<RunLog> decode(std::string_view);
template Result<RunState> decode(std::string_view);
template Result<SharedMessage> decode(std::string_view);
template Result<Step> decode(std::string_view);

}  // namespace reverie
