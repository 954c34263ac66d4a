#include "runtime/tool_rules.hpp"

#include "runtime/tools/json_schema.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace reverie {

namespace {

using Strings = std::span<const std::string>;

bool holds(Strings names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view last_of(Strings history) {
  return history.empty() ? std::string_view() : std::string_view(history.back());
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::optional<bool> boolean_of(std::string_view text) {
  for (const char* yes : {"true", "True", "TRUE"})
    if (text == yes) return true;
  for (const char* no : {"false", "False", "FALSE"})
    if (text == no) return false;
  return {};
}

// A key of a mapping is text in JSON whatever it means: compared as text, then as a number, then as
// a truth value.
const std::string* mapped_tool(const ToolRule& rule, std::string_view output) {
  for (const auto& [key, tool] : rule.output_mapping)
    if (key == output) return &tool;
  if (const auto number = number_of(output))
    for (const auto& [key, tool] : rule.output_mapping)
      if (number_of(key) == number) return &tool;
  if (const auto boolean = boolean_of(output))
    for (const auto& [key, tool] : rule.output_mapping)
      if (boolean_of(key) == boolean) return &tool;
  return nullptr;
}

std::vector<std::string> children_by_output(const ToolRule& rule, Strings available,
                                            std::string_view output) {
  if (const std::string* tool = mapped_tool(rule, output)) return {*tool};
  if (rule.requires_output_mapping) return {};
  if (rule.default_child) return {*rule.default_child};
  return {available.begin(), available.end()};
}

// What one rule leaves of the tools.
std::vector<std::string> left_by(const ToolRule& rule, Strings history, Strings available,
                                 std::string_view last_output) {
  const bool is_after = last_of(history) == rule.tool_name;
  std::vector<std::string> all(available.begin(), available.end());
  switch (rule.type) {
    case ToolRuleType::constrain_child_tools: return is_after ? rule.children : all;
    case ToolRuleType::parent_last_tool:
      if (is_after) return rule.children;
      std::erase_if(all, [&](const std::string& name) { return holds(rule.children, name); });
      return all;
    case ToolRuleType::conditional:
      return is_after ? children_by_output(rule, available, last_output) : all;
    case ToolRuleType::max_count_per_step: {
      const auto count = std::count(history.begin(), history.end(), rule.tool_name);
      if (static_cast<std::size_t>(count) >= rule.count_max) std::erase(all, rule.tool_name);
      return all;
    }
    default: return all;
  }
}

bool owns_next_call(const ToolRule& rule) {
  return rule.type == ToolRuleType::constrain_child_tools || rule.type == ToolRuleType::conditional
         || rule.type == ToolRuleType::parent_last_tool;
}

}  // namespace

bool AllowedTools::has(std::string_view name) const {
  return holds(names, name);
}

AllowedTools ToolRules::allowed(std::span<const std::string> history,
                                std::span<const std::string> available,
                                std::string_view last_output) const {
  AllowedTools out;
  if (history.empty()) {
    // A rule for a tool that the agent does not have cannot be kept; it must not silence the agent.
    for (const ToolRule& rule : rules_) {
      if (rule.type != ToolRuleType::run_first || !holds(available, rule.tool_name)) continue;
      if (!out.has(rule.tool_name)) out.names.push_back(rule.tool_name);
      if (rule.args.is_object()) out.prefilled[rule.tool_name] = rule.args;
    }
    out.is_forced = !out.names.empty();
    if (out.is_forced) return out;
  }
  out.names.assign(available.begin(), available.end());
  for (const ToolRule& rule : rules_) {
    const std::vector<std::string> left = left_by(rule, history, available, last_output);
    std::erase_if(out.names, [&](const std::string& name) { return !holds(left, name); });
    if (rule.tool_name != last_of(history)) continue;
    if (owns_next_call(rule)) out.is_forced = true;
    for (const auto& [name, args] : rule.child_args) out.prefilled[name] = args;
  }
  std::erase_if(out.prefilled, [&](const auto& entry) { return !out.has(entry.first); });
  return out;
}

Continuation ToolRules::after_call(std::string_view name,
                                   std::span<const std::string> history) const {
  if (!missing_required(history).empty()) return {true, false};
  const bool is_exit = std::any_of(rules_.begin(), rules_.end(), [&](const ToolRule& rule) {
    return rule.type == ToolRuleType::exit_loop && rule.tool_name == name;
  });
  return {!is_exit, is_exit};
}

std::vector<std::string> ToolRules::missing_required(std::span<const std::string> history) const {
  std::vector<std::string> out;
  for (const ToolRule& rule : rules_)
    if (rule.type == ToolRuleType::required_before_exit && !holds(history, rule.tool_name))
      out.push_back(rule.tool_name);
  return out;
}

bool ToolRules::needs_approval(std::string_view name) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const ToolRule& rule) {
    return rule.type == ToolRuleType::requires_approval && rule.tool_name == name;
  });
}

bool ToolRules::allows_parallel_calls() const {
  return std::all_of(rules_.begin(), rules_.end(), [](const ToolRule& rule) {
    return rule.type == ToolRuleType::requires_approval;
  });
}

Status check_prefilled(const Json& prefilled, const Json& parameters) {
  if (!prefilled.is_object()) return {};
  for (const auto& [name, value] : prefilled.items()) {
    const Json& schema = property_of(parameters, name);
    if (schema.is_null())
      return Error{Errc::invalid_argument,
                   "the tool rule gives the argument '" + name + "', which the tool does not have",
                   name};
    if (auto fits = check_value(value, schema); !fits) return std::move(fits).error().in(name);
  }
  return {};
}

RawJson default_tool_rules(std::span<const std::string> tool_names) {
  static const std::set<std::string_view> exits = {"send_message", "send_message_to_agent_async",
                                                   "memory_finish_edits"};
  static const std::set<std::string_view> continues = {
    "archival_memory_insert", "archival_memory_search", "conversation_search",
    "core_memory_append",     "core_memory_replace",    "memory",
    "memory_apply_patch",     "memory_insert",          "memory_replace",
    "memory_rethink"};
  std::string out = "[";
  for (const std::string& name : tool_names) {
    const bool is_exit = exits.contains(name);
    if (!is_exit && !continues.contains(name)) continue;
    if (out.size() > 1) out += ',';
    out += "{\"tool_name\":\"" + name + "\",\"type\":\"";
    out += is_exit ? "exit_loop" : "continue_loop";
    out += "\",\"prompt_template\":null}";
  }
  return RawJson(out + "]");
}

RawJson with_approval_rule(const RawJson& rules, std::string_view tool_name, bool needs_approval) {
  Json list = rules.is_null() ? Json::array() : Json::parse(rules.text, nullptr, false);
  Json out = Json::array();
  for (Json& rule : list) {
    const bool is_it = rule.is_object() && rule.value("type", Json()) == "requires_approval"
                       && rule.value("tool_name", Json()) == tool_name;
    if (!is_it) out.push_back(std::move(rule));
  }
  if (needs_approval)
    out.push_back(
      {{"tool_name", tool_name}, {"type", "requires_approval"}, {"prompt_template", nullptr}});
  return RawJson{out.dump()};
}

bool has_default_tool_rules(std::string_view agent_type, std::string_view model,
                            bool has_explicit_rules) {
  if (agent_type == "letta_v1_agent") return has_explicit_rules;
  if (agent_type == "sleeptime_agent") return true;
  const auto names = [&](std::string_view part) { return model.find(part) != model.npos; };
  // Models that stop by themselves at the right time.
  const bool needs_none = names("claude-4-sonnet") || names("claude-3-5-sonnet") || names("gpt-5")
                          || names("gemini-2.5-pro");
  return !needs_none || names("mini");
}

}  // namespace reverie
