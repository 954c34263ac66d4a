// Where a context is cut: what is in front of the cut becomes a summary, the rest stays.

#pragma once

#include "storage/records/message.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace reverie {

// Index of the first message at the end of the thread that no compaction may take: a call that
// waits for approval, with its siblings of the same step. The size if there is none.
std::size_t first_kept(std::span<const Message> context);

// Nothing but the system message, a summary and what may not be taken: there is nothing to do.
bool has_evictable(std::span<const Message> context);

// What a compaction has left in place of messages, whatever its role.
bool is_summary(const Message& message);

// Of the window `percentage` is to be free behind the cut: larger parts of the thread are tried,
// in steps of a tenth, until its rest has fewer than (1 - percentage) * window tokens. The cut is
// in front of an answer of the model, so that no call is parted from its return. `tokens_from`:
// of the system message with all from an index on. None: no cut does it.
std::optional<std::size_t> sliding_cut(std::span<const Message> context, double percentage,
                                       std::int64_t context_window,
                                       const std::function<std::int64_t(std::size_t)>& tokens_from);

}  // namespace reverie
