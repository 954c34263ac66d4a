#pragma once

#include "config/json.hpp"

#include <string>
#include <tuple>

namespace reverie {

// What the filters of the lists of conversations look at, kept in the index so that no record is
// read for one that is not shown.
struct ConversationSummary {
  std::string summary;
  bool archived = false;

  static constexpr std::string_view type_name = "ConversationSummary";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "summary", &ConversationSummary::summary),
      field(2, "archived", &ConversationSummary::archived),
    };
  }
  bool operator==(const ConversationSummary&) const = default;
};

}  // namespace reverie
