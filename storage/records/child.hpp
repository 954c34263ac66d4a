#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// Where a message, run, step or conversation is found that is known by its id alone.
struct Child {
  std::string agent_id;
  std::int64_t sequence_id =
    0;  // the last part of its key; 0 for a conversation, whose key has its id

  static constexpr std::string_view type_name = "Child";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &Child::agent_id),
      field(2, "sequence_id", &Child::sequence_id),
    };
  }
  bool operator==(const Child&) const = default;
};

}  // namespace reverie
