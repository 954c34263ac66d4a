// The environment of the process, read once and handed down, so that nothing but config/
// asks the operating system and tests bring their own.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {

// Immutable, cheap to keep, thread-safe.
class Environment {
 public:
  using Variables = std::map<std::string, std::string, std::less<>>;

  Environment() = default;
  explicit Environment(Variables variables) : variables_(std::move(variables)) {}

  // A copy of what the process was started with.
  static Environment of_process();

  // A variable that is set to the empty text counts as not set.
  std::optional<std::string> get(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }

  // The first of `names` that is set: a name with its aliases.
  std::optional<std::string> first_of(const std::vector<std::string_view>& names) const;

  // In alphabetical order.
  std::vector<std::string> names_with_prefix(std::string_view prefix) const;

 private:
  Variables variables_;
};

}  // namespace reverie
