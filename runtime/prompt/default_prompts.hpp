// The texts that an agent or block gets when its creator gives none.

#pragma once

#include <string_view>

namespace reverie {

// Empty for an agent type that has none (split_thread_agent).
std::string_view default_system_prompt(std::string_view agent_type);

// Of the blocks `human` and `persona`; empty for other labels.
std::string_view default_block_description(std::string_view label);

}  // namespace reverie
