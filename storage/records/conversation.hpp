#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// A label of the agent's memory that a conversation has for itself.
struct IsolatedBlock {
  std::string label;     // of the agent's block when the copy was made
  std::string block_id;  // of the copy; empty: it was given up, and there is none of that label

  static constexpr std::string_view type_name = "IsolatedBlock";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "label", &IsolatedBlock::label),
      field(2, "block_id", &IsolatedBlock::block_id),
    };
  }
  bool operator==(const IsolatedBlock&) const = default;
};

// A thread of an agent beside its default one: with messages and a context of its own, and perhaps
// with a model and blocks of its own.
struct Conversation {
  std::string id;  // "conv-<uuid>"
  std::string org_id;
  std::string agent_id;
  std::optional<std::string> summary;
  std::optional<std::string> description;  // a longer text about it, for those who look for it
  std::optional<std::string> model;        // handle; none: the agent's
  RawJson model_settings;                  // over those of the model
  std::optional<std::int64_t> context_window_limit;  // tokens; none: the agent's
  std::vector<IsolatedBlock> isolated_blocks;
  bool hidden = false;                   // in no list
  std::optional<Timestamp> archived_at;  // set: in lists of the archived alone
  std::string prompt_digest;  // of what its system message was made from; empty: make it again
  std::optional<Timestamp> last_message_at;  // when a message was last sent to it
  std::optional<Timestamp> last_run_completion;
  std::optional<std::string> created_by_id;
  std::optional<std::string> last_updated_by_id;
  Timestamp created_at;
  Timestamp updated_at;

  std::vector<std::string> isolated_block_ids() const {
    std::vector<std::string> ids;
    for (const IsolatedBlock& block : isolated_blocks)
      if (!block.block_id.empty()) ids.push_back(block.block_id);
    return ids;
  }

  // Gives a copy up that a tool has deleted. False: it has no such copy.
  bool give_up(std::string_view block_id) {
    for (IsolatedBlock& block : isolated_blocks) {
      if (block_id.empty() || block.block_id != block_id) continue;
      block.block_id.clear();
      return true;
    }
    return false;
  }

  static constexpr std::string_view type_name = "StoredConversation";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &Conversation::id),
      field(2, "org_id", &Conversation::org_id),
      field(3, "agent_id", &Conversation::agent_id),
      field(4, "summary", &Conversation::summary),
      field(5, "model", &Conversation::model),
      field(6, "model_settings", &Conversation::model_settings),
      field(7, "isolated_blocks", &Conversation::isolated_blocks),
      field(8, "hidden", &Conversation::hidden),
      field(9, "prompt_digest", &Conversation::prompt_digest),
      field(10, "last_message_at", &Conversation::last_message_at),
      field(11, "last_run_completion", &Conversation::last_run_completion),
      field(12, "created_by_id", &Conversation::created_by_id),
      field(13, "last_updated_by_id", &Conversation::last_updated_by_id),
      field(14, "created_at", &Conversation::created_at),
      field(15, "updated_at", &Conversation::updated_at),
      field(16, "description", &Conversation::description),
      field(17, "context_window_limit", &Conversation::context_window_limit),
      field(18, "archived_at", &Conversation::archived_at),
    };
  }
  bool operator==(const Conversation&) const = default;
};

}  // namespace reverie
