// JSON -> tool rules.

#include "runtime/tool_rules.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

constexpr std::pair<std::string_view, ToolRuleType> rule_types[] = {
  {"run_first", ToolRuleType::run_first},
  {"exit_loop", ToolRuleType::exit_loop},
  {"continue_loop", ToolRuleType::continue_loop},
  {"constrain_child_tools", ToolRuleType::constrain_child_tools},
  {"parent_last_tool", ToolRuleType::parent_last_tool},
  {"conditional", ToolRuleType::conditional},
  {"max_count_per_step", ToolRuleType::max_count_per_step},
  {"required_before_exit", ToolRuleType::required_before_exit},
  {"requires_approval", ToolRuleType::requires_approval},
};

// Reads a member; one that is absent is an error or stays as it is.
template <class T>
Status read_rule_member(const Json& rule, std::string_view name, bool is_required, T& out) {
  const auto found = rule.find(name);
  if (found == rule.end()) {
    if (!is_required) return {};
    return Error{Errc::invalid_argument, "field required", std::string(name)};
  }
  auto value = from_json<T>(*found);
  if (!value) return std::move(value).error().in(name);
  out = *std::move(value);
  return {};
}

Status read_arguments(const Json& holder, std::string_view name, Json& out) {
  const auto found = holder.find(name);
  if (found == holder.end() || found->is_null()) return {};
  if (!found->is_object()) return expected("object", *found).in(name);
  out = *found;
  return {};
}

Status read_children(const Json& json, ToolRule& rule) {
  REVERIE_CHECK(read_rule_member(json, "children", true, rule.children));
  std::optional<std::vector<Json>> nodes;
  REVERIE_CHECK(read_rule_member(json, "child_arg_nodes", false, nodes));
  for (const Json& node : nodes.value_or(std::vector<Json>{})) {
    if (!node.is_object()) return expected("object", node).in("child_arg_nodes");
    std::string name;
    if (auto read = read_rule_member(node, "name", true, name); !read)
      return std::move(read).error().in("child_arg_nodes");
    if (std::find(rule.children.begin(), rule.children.end(), name) == rule.children.end())
      return Error{Errc::invalid_argument, "'" + name + "' is none of the children",
                   "child_arg_nodes"};
    Json args;
    REVERIE_CHECK(read_arguments(node, "args", args));
    if (args.is_object()) rule.child_args[name] = std::move(args);
  }
  return {};
}

Status read_mapping(const Json& json, ToolRule& rule) {
  std::map<std::string, std::string> mapping;
  REVERIE_CHECK(read_rule_member(json, "child_output_mapping", true, mapping));
  if (mapping.empty())
    return Error{Errc::invalid_argument, "expected at least one output", "child_output_mapping"};
  rule.output_mapping.assign(mapping.begin(), mapping.end());
  REVERIE_CHECK(read_rule_member(json, "default_child", false, rule.default_child));
  return read_rule_member(json, "require_output_mapping", false, rule.requires_output_mapping);
}

Status read_count(const Json& json, ToolRule& rule) {
  std::int64_t limit = 0;
  REVERIE_CHECK(read_rule_member(json, "max_count_limit", true, limit));
  if (limit < 0) return Error{Errc::invalid_argument, "expected 0 or more", "max_count_limit"};
  rule.count_max = static_cast<std::size_t>(limit);
  return {};
}

Result<ToolRule> read_rule(const Json& json) {
  if (!json.is_object()) return expected("object", json);
  ToolRule rule;
  REVERIE_CHECK(read_rule_member(json, "tool_name", true, rule.tool_name));
  std::string type;
  REVERIE_CHECK(read_rule_member(json, "type", true, type));
  const auto* known = std::find_if(std::begin(rule_types), std::end(rule_types),
                                   [&](const auto& entry) { return entry.first == type; });
  if (known == std::end(rule_types))
    return Error{Errc::invalid_argument, "'" + type + "' is no type of tool rule", "type"};
  rule.type = known->second;
  Status rest;
  switch (rule.type) {
    case ToolRuleType::run_first: rest = read_arguments(json, "args", rule.args); break;
    case ToolRuleType::constrain_child_tools: rest = read_children(json, rule); break;
    case ToolRuleType::parent_last_tool:
      rest = read_rule_member(json, "children", true, rule.children);
      break;
    case ToolRuleType::conditional: rest = read_mapping(json, rule); break;
    case ToolRuleType::max_count_per_step: rest = read_count(json, rule); break;
    default: break;
  }
  if (!rest) return std::move(rest).error();
  return rule;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// Prefilled arguments are no part of what makes two rules the same.
bool is_same_rule(const ToolRule& a, const ToolRule& b) {
  return a.type == b.type && a.tool_name == b.tool_name && sorted(a.children) == sorted(b.children)
         && a.output_mapping == b.output_mapping && a.count_max == b.count_max;
}

}  // namespace

Result<ToolRules> ToolRules::parse(const Json& rules) {
  if (rules.is_null()) return ToolRules{};
  if (!rules.is_array()) return expected("array", rules);
  ToolRules out;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    auto rule = read_rule(rules[i]);
    if (!rule) return std::move(rule).error().in(std::to_string(i));
    const bool is_known =
      std::any_of(out.rules_.begin(), out.rules_.end(),
                  [&](const ToolRule& other) { return is_same_rule(*rule, other); });
    if (!is_known) out.rules_.push_back(*std::move(rule));
  }
  return out;
}

Result<ToolRules> ToolRules::parse(const RawJson& rules) {
  if (rules.is_null()) return ToolRules{};
  const Json json = Json::parse(rules.text, nullptr, false);
  if (json.is_discarded()) return Error{Errc::corruption, "the tool rules are no JSON", ""};
  return parse(json);
}

}  // namespace reverie
