#pragma once

#include "storage/records/otid.hpp"
#include "storage/table.hpp"

namespace reverie {

// otids: home of agent_id | agent_id / thread / token of the input -> AcceptedInput
struct OtidTable {
  static constexpr std::string_view family = "otids";

  struct Key {
    std::string agent_id;
    std::string conversation_id;
    std::string token;
    auto parts() { return std::tie(agent_id, conversation_id, token); }
    auto parts() const { return std::tie(agent_id, conversation_id, token); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = AcceptedInput;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const AcceptedInput&);
extern template Result<AcceptedInput> decode(std::string_view);

}  // namespace reverie
