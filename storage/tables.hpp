// Every column family of the database, in one place. Names are on disk: a
// retired family keeps its line with a comment, so that no one reuses the name.

#pragma once

#include "storage/index_families.hpp"
#include "storage/tables/agent_activity_table.hpp"
#include "storage/tables/agent_secret_table.hpp"
#include "storage/tables/agent_table.hpp"
#include "storage/tables/block_table.hpp"
#include "storage/tables/child_table.hpp"
#include "storage/tables/context_table.hpp"
#include "storage/tables/conversation_message_table.hpp"
#include "storage/tables/conversation_table.hpp"
#include "storage/tables/lifecycle_table.hpp"
#include "storage/tables/mcp_server_table.hpp"
#include "storage/tables/message_table.hpp"
#include "storage/tables/meta_table.hpp"
#include "storage/tables/operation_table.hpp"
#include "storage/tables/otid_table.hpp"
#include "storage/tables/provider_trace_table.hpp"
#include "storage/tables/run_callback_table.hpp"
#include "storage/tables/run_event_table.hpp"
#include "storage/tables/run_log_table.hpp"
#include "storage/tables/run_state_table.hpp"
#include "storage/tables/run_table.hpp"
#include "storage/tables/step_table.hpp"
#include "storage/tables/tool_table.hpp"

#include <string_view>
#include <vector>

namespace reverie {

inline std::vector<std::string_view> all_families() {
  std::vector<std::string_view> families{
    AgentActivityTable::family, AgentTable::family,         BlockTable::family,
    ChildTable::family,         ContextTable::family,       ConversationMessageTable::family,
    ConversationTable::family,  MessageTable::family,       MetaTable::family,
    OperationTable::family,     OtidTable::family,          RunEventTable::family,
    RunStateTable::family,      RunTable::family,           SharedMessageTable::family,
    StepTable::family,          RunCallbackTable::family,   RunLogTable::family,
    LifecycleTable::family,     ProviderTraceTable::family, ToolTable::family,
    ToolNameTable::family,      AgentSecretTable::family,   McpServerTable::family,
    McpServerNameTable::family, McpToolTable::family,
  };
  families.insert(families.end(), index_families.begin(), index_families.end());
  return families;
}

}  // namespace reverie
