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
      runs(store),
      run_states(store),
      steps(store),
      otids(store) {}

  Table<AgentTable> agents;
  Table<AgentActivityTable> activity;
  Table<BlockTable> blocks;
  Table<MessageTable> messages;
  Table<ChildTable> children;
  Table<ContextTable> contexts;
  Table<RunTable> runs;
  Table<RunStateTable> run_states;
  Table<StepTable> steps;
  Table<OtidTable> otids;
};

// Adds a message and the row that finds it by its id.
void add_message(const AgentTables& tables, Batch& batch, const Message& message);

}  // namespace reverie
