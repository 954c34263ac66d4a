#include "net/route_tree.hpp"

#include <array>
#include <utility>

namespace reverie {

namespace {

constexpr std::size_t method_count = static_cast<std::size_t>(Method::other) + 1;

std::string_view take_segment(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

struct RouteTree::Node {
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::unordered_map<std::string, std::unique_ptr<Node>, TextHash, std::equal_to<>> literals;
  std::unique_ptr<Node> parameter;
  std::array<int, method_count> routes;
  bool has_route = false;

  Node() { routes.fill(-1); }
};

namespace {

// The first node that ends the path and has a route; literals before parameters, so that
// /agents/count is no agent. One that has the method beats one that has not.
template <class Node>
const Node* descend(const Node& node, const std::vector<std::string>& segments, std::size_t depth,
                    Method method, std::vector<std::string_view>& values, const Node*& other) {
  if (depth == segments.size()) {
    if (!node.has_route) return nullptr;
    if (node.routes[static_cast<std::size_t>(method)] >= 0) return &node;
    if (!other) other = &node;
    return nullptr;
  }
  const std::string& segment = segments[depth];
  if (const auto found = node.literals.find(segment); found != node.literals.end())
    if (const Node* end = descend(*found->second, segments, depth + 1, method, values, other))
      return end;
  if (!node.parameter || segment.empty()) return nullptr;
  values.push_back(segment);
  if (const Node* end = descend(*node.parameter, segments, depth + 1, method, values, other))
    return end;
  values.pop_back();
  return nullptr;
}

}  // namespace

std::vector<std::string_view> parameters_of(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const auto segment = take_segment(path);
    if (segment.starts_with('{')) names.push_back(segment.substr(1, segment.size() - 2));
    if (segment.empty()) break;
  }
  return names;
}

RouteTree::RouteTree() : root_(std::make_unique<Node>()) {}
RouteTree::~RouteTree() = default;
RouteTree::RouteTree(RouteTree&&) noexcept = default;
RouteTree& RouteTree::operator=(RouteTree&&) noexcept = default;

bool RouteTree::add(Method method, std::string_view path, int index) {
  Node* node = root_.get();
  while (path.size() > 1 || (path.size() == 1 && path != "/")) {
    const auto segment = take_segment(path);
    auto& next = segment.starts_with('{') ? node->parameter : node->literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  int& place = node->routes[static_cast<std::size_t>(method)];
  if (place >= 0) return false;
  place = index;
  node->has_route = true;
  return true;
}

RouteMatch RouteTree::find(Method method, const std::vector<std::string>& segments) const {
  RouteMatch match;
  const Node* other = nullptr;
  if (const Node* node = descend(*root_, segments, 0, method, match.values, other)) {
    match.index = node->routes[static_cast<std::size_t>(method)];
    return match;
  }
  if (!other) return match;
  for (std::size_t i = 0; i < method_count; ++i) {
    if (other->routes[i] < 0) continue;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += to_string(static_cast<Method>(i));
  }
  return match;
}

}  // namespace reverie
