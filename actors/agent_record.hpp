// An agent as its actor holds it in memory: what is stored, and what follows from it. Of its
// messages the newest are kept, within a limit.

#pragma once

#include "actors/agent_tables.hpp"
#include "actors/history_cache.hpp"
#include "actors/services.hpp"
#include "runtime/llm/llm_config.hpp"
#include "runtime/memory/core_memory.hpp"
#include "runtime/tool_rules.hpp"
#include "runtime/tools/stored_tools.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

class AgentRecord {
 public:
  AgentRecord(const Services& services, std::string agent_id);

  // Reads the agent, once; again after `forget`. Errors: not_found, corruption, unavailable.
  Status load();
  void forget();
  bool is_loaded() const { return is_current_; }

  const std::string& id() const { return id_; }
  const Services& services() const { return *services_; }
  const AgentTables& tables() const { return tables_; }

  // After load().
  const Agent& agent() const { return agent_->value; }
  std::int64_t version() const { return agent_->version; }
  const AgentActivity& activity() const { return activity_->value; }
  std::int64_t activity_version() const { return activity_->version; }
  const ModelConfig& model() const { return model_; }
  const ToolRules& rules() const { return rules_; }

  // Those of the agent's tools that are there now. Errors: corruption, unavailable.
  Result<std::vector<ToolPointer>> tools() const;

  // What was written is now what is stored.
  void stored(Agent agent);
  void stored(AgentActivity activity);

  // The blocks that are attached and there, in their order. Errors: corruption, unavailable.
  Result<CoreMemory> memory() const;
  // The same as a conversation sees them: with its own copies in the place of those that it has
  // isolated. The copies live in the agent's home, so that its commits can write them.
  Result<CoreMemory> memory(const Conversation& conversation) const;

  // Errors: not_found, corruption, unavailable.
  Result<Stored<Conversation>> conversation(const std::string& id) const;

  // The messages that a thread's next call will see. Errors: corruption, unavailable.
  Result<Context> context(const std::string& conversation_id) const;
  Result<std::vector<Message>> messages(const std::vector<std::int64_t>& sequence_ids) const;
  // The same for a model, one by one and in this order: the newest cost no read.
  Status visit_history(const std::vector<std::int64_t>& sequence_ids,
                       const std::function<void(MessageContent)>& visit) const;
  // Each commit of the agent passes through this on its way to the shard.
  HistoryCache& history() { return history_; }

  // A time that is later than that of the newest message.
  Timestamp next_time() const;

  std::string new_child(Prefix prefix) const;

  // The text of the system message as it would be now, and what it was made from. Who has a text
  // of the digest `known` is not given another.
  struct Prompt {
    std::string text;
    std::string digest;
  };
  Prompt compile_prompt(const CoreMemory& memory, std::int64_t recall_count,
                        std::string_view known = {}) const {
    return compile_prompt(agent(), nullptr, memory, recall_count, known);
  }
  Prompt compile_prompt(const Agent& agent, const CoreMemory& memory,
                        std::int64_t recall_count) const {
    return compile_prompt(agent, nullptr, memory, recall_count, {});
  }
  Prompt compile_prompt(const Conversation& conversation, const CoreMemory& memory,
                        std::int64_t recall_count, std::string_view known = {}) const {
    return compile_prompt(agent(), &conversation, memory, recall_count, known);
  }

 private:
  Prompt compile_prompt(const Agent& agent, const Conversation* conversation,
                        const CoreMemory& memory, std::int64_t recall_count,
                        std::string_view known) const;
  Result<std::vector<Stored<Block>>> attached_blocks() const;
  void load(CoreMemory& memory, Stored<Block> block) const;
  Status derive();
  // Of a message: its stored value.
  using VisitStored = std::function<Status(std::int64_t sequence_id, std::string_view stored)>;
  Status visit_messages(const std::vector<std::int64_t>& sequence_ids,
                        const VisitStored& visit) const;
  Status visit_message_row(const std::vector<std::int64_t>& sequence_ids,
                           const VisitStored& visit) const;

  const Services* services_;
  std::string id_;
  AgentTables tables_;
  std::optional<Stored<Agent>> agent_;  // the newest that was read or written
  bool is_current_ = false;             // agent_ is what is stored
  std::optional<Stored<AgentActivity>> activity_;
  ModelConfig model_;
  ToolRules rules_;
  mutable std::optional<std::vector<ToolPointer>> tools_;  // as they were at
  mutable std::uint32_t tools_version_ = 0;                // this ToolCache::version
  mutable HistoryCache history_;
};

}  // namespace reverie
