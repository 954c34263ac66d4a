#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What the filters of the list of blocks look at, kept in the index.
struct BlockSummary {
  std::string label;
  bool hidden = false;
  bool is_template = false;
  std::optional<std::string> template_name;
  std::optional<std::string> description;
  std::optional<std::string> project_id;
  std::vector<std::string> tags;

  static constexpr std::string_view type_name = "BlockSummary";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "label", &BlockSummary::label),
      field(2, "hidden", &BlockSummary::hidden),
      field(3, "is_template", &BlockSummary::is_template),
      field(4, "template_name", &BlockSummary::template_name),
      field(5, "description", &BlockSummary::description),
      field(6, "project_id", &BlockSummary::project_id),
      field(7, "tags", &BlockSummary::tags),
    };
  }
  bool operator==(const BlockSummary&) const = default;
};

}  // namespace reverie
