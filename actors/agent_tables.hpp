// The tables that hold one agent and what belongs to it.

#pragma once

#include "storage/tables.hpp"

namespace reverie {

struct AgentTables {
  explicit AgentTables(const Store& store)
    : agents(store),
      activity(store),
      blocks(store),
      messages(store),
      children(store),
      contexts(store),
      conversations(store),
      conversation_messages(store),
      shared_messages(store),
      runs(store),
      run_states(store),
      run_events(store),
      run_logs(store),
      run_callbacks(store),
      steps(store),
      otids(store),
      lifecycles(store),
      traces(store),
      secrets(store) {}

  Table<AgentTable> agents;
  Table<AgentActivityTable> activity;
  Table<BlockTable> blocks;
  Table<MessageTable> messages;
  Table<ChildTable> children;
  Table<ContextTable> contexts;
  Table<ConversationTable> conversations;
  Table<ConversationMessageTable> conversation_messages;
  Table<SharedMessageTable> shared_messages;
  Table<RunTable> runs;
  Table<RunStateTable> run_states;
  Table<RunEventTable> run_events;
  Table<RunLogTable> run_logs;
  Table<RunCallbackTable> run_callbacks;
  Table<StepTable> steps;
  Table<OtidTable> otids;
  Table<LifecycleTable> lifecycles;
  Table<ProviderTraceTable> traces;
  Table<AgentSecretTable> secrets;
};

// Adds a message, the row that finds it by its id, and its place in its conversation, if it has
// one.
void add_message(const AgentTables& tables, Batch& batch, const Message& message);

// The same for the system message of a conversation, which comes before all others.
void add_system_message(const AgentTables& tables, Batch& batch, const Message& message);

}  // namespace reverie
