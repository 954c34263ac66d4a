#include "runtime/compaction/cut.hpp"

#include "runtime/messages/packaged.hpp"

#include <algorithm>
#include <cmath>

namespace reverie {

namespace {

bool is_pending(const Message& message) {
  return message.role == "approval" && !message.tool_calls.empty();
}

// An answer of the model in two messages begins with the first of them.
bool is_sibling(std::span<const Message> context, std::size_t index) {
  return index > 1 && is_pending(context[index]) && context[index - 1].role == "assistant"
         && context[index].step_id && context[index - 1].step_id == context[index].step_id;
}

bool begins_answer(std::span<const Message> context, std::size_t index) {
  if (context[index].role == "assistant") return true;
  return is_pending(context[index]) && !is_sibling(context, index);
}

}  // namespace

std::size_t first_kept(std::span<const Message> context) {
  if (context.size() < 2 || !is_pending(context.back())) return context.size();
  const std::size_t last = context.size() - 1;
  return is_sibling(context, last) ? last - 1 : last;
}

bool is_summary(const Message& message) {
  if (message.role == "summary") return true;
  return message.role == "user" && !unpack_summary(text_of(message)).compaction_stats.is_null();
}

bool has_evictable(std::span<const Message> context) {
  const std::size_t end = first_kept(context);
  for (std::size_t i = 1; i < end; ++i)
    if (!is_summary(context[i])) return true;
  return false;
}

std::optional<std::size_t> sliding_cut(
  std::span<const Message> context, double percentage, std::int64_t context_window,
  const std::function<std::int64_t(std::size_t)>& tokens_from) {
  const auto count = static_cast<double>(context.size());
  const double goal = (1 - percentage) * static_cast<double>(context_window);
  // The last message that may be the first of the rest, exclusive.
  const std::size_t end = std::min(first_kept(context), context.size() - 1);
  // Counted in tenths: a sum of 0.1s would miss the bound by its rounding.
  for (int tenths = 1;; ++tenths) {
    const double part = percentage + tenths * 0.1;
    if (part >= 1 - 1e-9) return std::nullopt;
    auto cut = std::min(static_cast<std::size_t>(std::lround(part * count)), context.size() - 1);
    while (cut >= 1 && !begins_answer(context, cut)) --cut;
    if (cut <= 1) continue;  // nothing in front of it but the system message
    if (cut >= end) return std::nullopt;
    if (static_cast<double>(tokens_from(cut)) < goal) return cut;
  }
}

}  // namespace reverie
