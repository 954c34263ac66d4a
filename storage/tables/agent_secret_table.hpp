#pragma once

#include "storage/records/secret.hpp"
#include "storage/table.hpp"

#include <string>
#include <string_view>

namespace reverie {

// agent_secrets: home of agent_id | agent_id | name -> AgentSecret
struct AgentSecretTable {
  static constexpr std::string_view family = "agent_secrets";

  struct Key {
    std::string agent_id;
    std::string name;
    auto parts() { return std::tie(agent_id, name); }
    auto parts() const { return std::tie(agent_id, name); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = AgentSecret;

  // What its value is bound to (SecretBox).
  static std::string place(const Key& key) {
    return std::string(family) + '/' + key.agent_id + '/' + key.name;
  }
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const AgentSecret&);
extern template Result<AgentSecret> decode(std::string_view);

}  // namespace reverie
