// Tool rules: which tools a model may call next, which it must call, and which call ends the turn.
//
// The rules of an agent are data ([{"type":"run_first","tool_name":"a"}, ...]); the history is the
// list of the tools that ran in this request, oldest first. Nothing here keeps state.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "config/raw_json.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {

enum class ToolRuleType : std::uint8_t {
  run_first,
  exit_loop,
  continue_loop,
  constrain_child_tools,
  parent_last_tool,
  conditional,
  max_count_per_step,  // per request: the name is the API's
  required_before_exit,
  requires_approval,
};

struct ToolRule {
  ToolRuleType type = ToolRuleType::continue_loop;
  std::string tool_name;
  std::vector<std::string> children;       // constrain_child_tools, parent_last_tool
  Json args;                               // run_first: prefilled arguments, or null
  std::map<std::string, Json> child_args;  // constrain_child_tools: by the child's name
  std::vector<std::pair<std::string, std::string>> output_mapping;  // conditional: output -> tool
  std::optional<std::string> default_child;                         // conditional
  bool requires_output_mapping = false;                             // conditional
  std::size_t count_max = 0;                                        // max_count_per_step
};

// What a model may call now.
struct AllowedTools {
  std::vector<std::string> names;         // in the order of `available`; empty: none at all
  std::map<std::string, Json> prefilled;  // arguments that override the model's, by tool
  bool is_forced = false;                 // the model has to call one of them

  bool has(std::string_view name) const;
};

// What follows a call that ran.
struct Continuation {
  bool continues = true;
  bool is_terminal = false;  // the turn ends with the reason tool_rule
};

class ToolRules {
 public:
  ToolRules() = default;

  // `rules` is the API's array. Equal rules are one. Errors: invalid_argument, whose `where` is
  // "<index>.<field>".
  static Result<ToolRules> parse(const Json& rules);
  static Result<ToolRules> parse(const RawJson& rules);

  bool empty() const { return rules_.empty(); }
  const std::vector<ToolRule>& rules() const { return rules_; }

  // A call is forced at the start by a run_first rule, and after a tool that owns a child,
  // conditional or parent rule; without a name left, there is nothing that could be called.
  // `last_output` is what the last tool of the history returned. Prefilled arguments belong to the
  // tools that are allowed.
  AllowedTools allowed(std::span<const std::string> history, std::span<const std::string> available,
                       std::string_view last_output) const;

  // After the call of `name`, which is the last of `history`. A tool that is required before exit
  // and was not called keeps the turn going.
  Continuation after_call(std::string_view name, std::span<const std::string> history) const;

  // Names of required_before_exit rules that the history lacks, in the order of the rules.
  std::vector<std::string> missing_required(std::span<const std::string> history) const;

  bool needs_approval(std::string_view name) const;

  // False when any rule but requires_approval is there: several calls at once would get around it.
  bool allows_parallel_calls() const;

  // The rules as the system prompt states them: one text per rule that has one.
  std::vector<std::string> prompt_texts() const;

  // What a call of a tool that is not allowed gets instead of a result. Starts with
  // "[ToolConstraintError]"; `last_called` is empty at the start.
  std::string violation(std::string_view name, std::string_view last_called,
                        std::span<const std::string> allowed_names) const;

 private:
  std::vector<ToolRule> rules_;
};

// Whether prefilled arguments fit a tool: every name is a parameter and every value has its type.
// `parameters` is the tool's JSON Schema of type object. Errors: invalid_argument.
Status check_prefilled(const Json& prefilled, const Json& parameters);

// The rules that come with the tools of a new agent, as the API's array: exit_loop for the tools
// that answer, continue_loop for the base and memory tools, requires_approval where asked.
RawJson default_tool_rules(std::span<const std::string> tool_names);

// `rules` with or without the rule that calls of the tool need approval.
RawJson with_approval_rule(const RawJson& rules, std::string_view tool_name, bool needs_approval);

// Whether a new agent gets them when the client did not say.
bool has_default_tool_rules(std::string_view agent_type, std::string_view model,
                            bool has_explicit_rules);

}  // namespace reverie
