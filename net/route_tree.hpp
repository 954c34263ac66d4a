// Finds the route of a request: one hash look-up per path segment, whatever the number of
// routes. Literal segments win over parameters.

#pragma once

#include "net/http.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reverie {

// The names in braces of a path, in order.
std::vector<std::string_view> parameters_of(std::string_view path);

struct RouteMatch {
  int index = -1;                        // what was given to add(); -1: none
  std::vector<std::string_view> values;  // of the parameters, in order; point into the segments
  std::string allow;                     // when only the method was wrong: "GET, POST"
};

class RouteTree {
 public:
  RouteTree();
  ~RouteTree();
  RouteTree(RouteTree&&) noexcept;
  RouteTree& operator=(RouteTree&&) noexcept;

  // False when the method and path are taken already.
  bool add(Method method, std::string_view path, int index);

  RouteMatch find(Method method, const std::vector<std::string>& segments) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace reverie
