// What a model is told about tool rules.

#include "runtime/tool_rules.hpp"

#include <algorithm>

namespace reverie {

namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string mapping_text(const ToolRule& rule) {
  std::string out = "After " + rule.tool_name + " the next tool depends on its result:";
  for (const auto& [output, tool] : rule.output_mapping)
    out += " when it is \"" + output + "\", call " + tool + ";";
  if (rule.default_child)
    out += " otherwise call " + *rule.default_child + ".";
  else
    out.back() = '.';
  return out;
}

// Empty for a rule of which a model need not know.
std::string rule_text(const ToolRule& rule) {
  const std::string& name = rule.tool_name;
  switch (rule.type) {
    case ToolRuleType::continue_loop:
      return "After " + name + " you go on: it does not end your turn.";
    case ToolRuleType::constrain_child_tools:
      return "Right after " + name + " you must call one of: " + listed(rule.children) + ".";
    case ToolRuleType::conditional: return mapping_text(rule);
    case ToolRuleType::max_count_per_step:
      return "You can call " + name + " at most " + std::to_string(rule.count_max)
             + (rule.count_max == 1 ? " time" : " times") + " in a turn.";
    case ToolRuleType::parent_last_tool:
      return "These tools can be called only right after " + name
             + ", and then one of them must be: " + listed(rule.children) + ".";
    case ToolRuleType::exit_loop: return "Calling " + name + " ends your turn.";
    default: return {};
  }
}

constexpr ToolRuleType text_order[] = {
  ToolRuleType::continue_loop,      ToolRuleType::constrain_child_tools, ToolRuleType::conditional,
  ToolRuleType::max_count_per_step, ToolRuleType::parent_last_tool,      ToolRuleType::exit_loop,
};

}  // namespace

std::vector<std::string> ToolRules::prompt_texts() const {
  std::vector<std::string> out;
  for (const ToolRuleType type : text_order)
    for (const ToolRule& rule : rules_)
      if (rule.type == type) out.push_back("<tool_rule>\n" + rule_text(rule) + "\n</tool_rule>");
  return out;
}

std::string ToolRules::violation(std::string_view name, std::string_view last_called,
                                 std::span<const std::string> allowed_names) const {
  std::string out =
    "[ToolConstraintError] Cannot call " + std::string(name) + ", valid tools include: [";
  for (std::size_t i = 0; i < allowed_names.size(); ++i)
    out += (i > 0 ? ", '" : "'") + allowed_names[i] + "'";
  out += "].";
  std::string hints;
  for (const ToolRule& rule : rules_) {
    if (rule.tool_name != name && (last_called.empty() || rule.tool_name != last_called)) continue;
    if (const std::string text = rule_text(rule); !text.empty()) hints += "\n- " + text;
  }
  if (!hints.empty()) out += " These rules apply:" + hints;
  return out;
}

}  // namespace reverie
