#pragma once

#include "storage/tables/agent_secret_table.hpp"
#include "storage/tables/mcp_server_table.hpp"

#include <array>
#include <string_view>

namespace reverie {

// The families whose records need the key of the secrets.
inline constexpr auto secret_families =
  std::to_array<std::string_view>({AgentSecretTable::family, McpServerTable::family});

}  // namespace reverie
