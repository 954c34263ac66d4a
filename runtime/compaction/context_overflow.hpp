// What is said when a request does not fit its model's window and nothing is left to take out.

#pragma once

#include "config/error.hpp"
#include "runtime/compaction/token_estimate.hpp"

namespace reverie {

// The part that is always there: the system message, with memory in it, and the tools.
bool is_fixed_part_too_large(const RequestBytes& bytes, const TokenScale& scale,
                             std::int64_t context_window);

// With the size of each part. `memory_bytes` are among those of the system message.
Error context_overflow(const RequestBytes& bytes, std::int64_t memory_bytes,
                       const TokenScale& scale, std::int64_t context_window);

}  // namespace reverie
