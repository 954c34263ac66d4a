// One thread of an agent, its default one or a conversation, behind one face: where its context is,
// which blocks it sees, which model answers on it.

#pragma once

#include "actors/agent_record.hpp"

#include <optional>
#include <string>

namespace reverie {

class AgentThread {
 public:
  // `conversation_id`: empty for the default thread. The record outlives this.
  AgentThread(AgentRecord& record, std::string conversation_id)
    : record_(&record), conversation_id_(std::move(conversation_id)) {}

  AgentRecord& record() const { return *record_; }
  bool is_default() const { return conversation_id_.empty(); }
  // As messages and runs name it.
  std::optional<std::string> conversation_id() const;
  // As keys name it: "" for the default thread.
  const std::string& id() const { return conversation_id_; }

  // All below after record().load(). Errors: not_found (the conversation), corruption, unavailable.

  Result<Context> context() const { return record_->context(conversation_id_); }
  void put_context(Batch& batch, const Context& context) const;
  Result<CoreMemory> memory() const;

  struct Model {
    std::string handle;
    ModelConfig config;
  };
  Result<Model> model() const;

  // What a commit changes of the conversation's record beside its messages; nothing of the default
  // thread has one. Read it in the commit's build, put it once.
  Result<std::optional<Stored<Conversation>>> conversation() const;
  void put(Batch& batch, const Stored<Conversation>& conversation) const;

  // Puts the system message in front of `context`, or makes it anew when what it shows has changed
  // or `is_forced`. Updates `activity`, and `conversation` if there is one.
  Status refresh_system_message(std::optional<Stored<Conversation>>& conversation,
                                AgentActivity& activity, Context context, bool is_forced,
                                Batch& batch) const;

 private:
  AgentRecord* record_;
  std::string conversation_id_;
};

}  // namespace reverie
