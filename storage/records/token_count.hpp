#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <string>
#include <tuple>

namespace reverie {

// The last request to a model that its provider has counted, and the size of that request by our
// own measure: what a token is to this model.
struct TokenCount {
  std::string model;  // handle
  std::int64_t tokens = 0;
  std::int64_t bytes = 0;

  static constexpr std::string_view type_name = "TokenCount";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "model", &TokenCount::model),
      field(2, "tokens", &TokenCount::tokens),
      field(3, "bytes", &TokenCount::bytes),
    };
  }
  bool operator==(const TokenCount&) const = default;
};

}  // namespace reverie
