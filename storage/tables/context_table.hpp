#pragma once

#include "storage/records/context.hpp"
#include "storage/table.hpp"

namespace reverie {

// contexts: home of agent_id | agent_id / conversation_id, empty for the default thread -> Context
struct ContextTable {
  static constexpr std::string_view family = "contexts";

  struct Key {
    std::string agent_id;
    std::string conversation_id;
    auto parts() { return std::tie(agent_id, conversation_id); }
    auto parts() const { return std::tie(agent_id, conversation_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = Context;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Context&);
extern template Result<Context> decode(std::string_view);

}  // namespace reverie
