// A piece of JSON that is kept as the text that came in, and handed out again as it is:
// free-form members (metadata, tool schemas, model settings) are never parsed on the way
// from disk to a client.

#pragma once

#include <string>
#include <utility>

namespace reverie {

// `text` is one valid, compact JSON value; empty stands for null.
struct RawJson {
  std::string text;

  RawJson() = default;
  explicit RawJson(std::string json) : text(std::move(json)) {}

  bool is_null() const { return text.empty() || text == "null"; }
  bool operator==(const RawJson&) const = default;
};

}  // namespace reverie
