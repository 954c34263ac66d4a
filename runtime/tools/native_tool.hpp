// The tools that run inside the server: functions over an agent's memory and messages.

#pragma once

#include "config/clock.hpp"
#include "config/json.hpp"
#include "config/random.hpp"
#include "runtime/memory/core_memory.hpp"
#include "runtime/memory/message_source.hpp"
#include "runtime/tools/outcome.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reverie {

struct NativeToolContext {
  CoreMemory& memory;
  const MessageSource* messages = nullptr;  // none: conversation_search finds nothing
  Random& random;
  Timestamp now;
  std::string agent_id;  // new blocks live in its home
  std::string org_id;
  std::string timezone = "UTC";
  std::size_t search_messages_max = 10'000;  // visited by one conversation_search
};

// Runs a built-in tool. `arguments` is the object of repair_arguments(); it is checked here. What
// it changed is in `context.memory.changes()`; after an error nothing is. A name that is no
// built-in tool and a tool that this server cannot run are errors in the outcome.
ToolOutcome run_native_tool(std::string_view name, const Json& arguments,
                            NativeToolContext& context);

// The label of the one block that the call edits in place, so that it can be sent to where that
// block lives and run there over it alone. Nothing for a call that edits none, or that changes
// which blocks the agent has.
std::optional<std::string> edited_label(std::string_view name, const Json& arguments);

}  // namespace reverie
