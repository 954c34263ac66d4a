// What a summariser reads, and how it is asked.

#pragma once

#include "runtime/compaction/compaction_settings.hpp"
#include "storage/records/message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace reverie {

// What the summariser is told to do, when the settings do not say it.
std::string_view default_compaction_prompt(CompactionMode mode);

// The part of the system message that says what the summariser is.
std::string_view summariser_system_prompt();

// Messages as lines of text, each with who said it. Returns of tools longer than
// `return_chars_max` are cut in their middle; 0: whole.
std::string transcript(std::span<const Message> messages, std::int64_t return_chars_max);

// The first and the last half of `bytes_max` with a note in between of how much is left out.
// Characters stay whole.
std::string cut_middle(std::string_view text, std::size_t bytes_max);

}  // namespace reverie
