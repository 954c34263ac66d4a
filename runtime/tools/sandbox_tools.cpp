#include "runtime/tools/sandbox_tools.hpp"

#include "config/json_writer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace reverie {

namespace {

std::optional<SandboxLanguage> language_of(std::string_view name) {
  if (name == "python") return SandboxLanguage::python;
  if (name == "js" || name == "javascript") return SandboxLanguage::javascript;
  if (name == "ts" || name == "typescript") return SandboxLanguage::typescript;
  return std::nullopt;
}

bool is_run_code(const Tool& tool) {
  return !tool.custom && tool.name == "run_code";
}

void add_packages(const std::optional<std::vector<PackageRequirement>>& packages,
                  SandboxCall& call) {
  if (!packages) return;
  for (const PackageRequirement& each : *packages)
    call.packages.push_back({each.name, each.version.value_or("")});
}

void add_text(std::vector<std::string>& lines, const std::string& text) {
  if (!text.empty()) lines.push_back(text);
}

// What is set for every call; the caller's own come behind it, and the agent's secrets last.
void add_environment(const ExternalCall& call, SandboxCall& out) {
  const auto add = [&](const std::string& name, const std::string& value) {
    const auto same = std::find_if(out.environment.begin(), out.environment.end(),
                                   [&](const auto& each) { return each.first == name; });
    if (same == out.environment.end())
      out.environment.emplace_back(name, value);
    else
      same->second = value;
  };
  for (const auto& [name, value] : call.variables) add(name, value);
  for (const auto& [name, value] : call.secrets) {
    add(name, value);
    if (!value.empty()) out.secrets.push_back(value);
  }
  if (!call.agent_id.empty()) add("LETTA_AGENT_ID", call.agent_id);
  if (!call.project_id.empty()) {
    add("LETTA_PROJECT_ID", call.project_id);
    add("PROJECT_ID", call.project_id);
  }
  add("LETTA_TOOL_ID", call.tool->id);
}

std::string_view error_type(SandboxEnd end) {
  switch (end) {
    case SandboxEnd::timed_out: return "TimeoutError";
    case SandboxEnd::exhausted: return "ResourceError";
    case SandboxEnd::crashed: return "ChildProcessError";
    case SandboxEnd::cancelled: return "CancelledError";
    case SandboxEnd::refused: return "SandboxError";
    default: return "RuntimeError";
  }
}

// "ValueError: no good" of what the code has raised; of all else, with what kind of end it was.
std::string error_text(const SandboxResult& result) {
  if (result.end == SandboxEnd::raised && !result.error.empty()) return result.error;
  std::string text = std::string(error_type(result.end)) + ": ";
  if (!result.error.empty()) return text + result.error;
  return text + (result.end == SandboxEnd::cancelled ? "the call was cancelled" : "it failed");
}

}  // namespace

bool SandboxTools::runs(const Tool& tool) const {
  if (is_run_code(tool)) return true;
  return tool.custom && tool.custom->tool_type == "custom" && !is_http_request(tool);
}

void SandboxTools::run(ExternalCall call, OnOutcome on_outcome) {
  SandboxCall code;
  code.id = call.id;
  code.limits = limits_;
  code.limits.wall_ms = std::min<std::int64_t>(limits_.wall_ms, call.time_max.count());
  add_environment(call, code);
  const std::string name = call.tool->name;
  if (is_run_code(*call.tool)) {
    const std::string language = call.arguments.value("language", "python");
    const auto known = language_of(language);
    if (!known)
      return on_outcome(tool_error(name, "NotImplementedError",
                                   "'" + language + "' does not run here: python, js and ts do."));
    code.language = *known;
    code.source = call.arguments.value("code", "");
    return sandbox_.run(std::move(code), [on_outcome](const SandboxResult& result) {
      on_outcome(code_outcome_of(result));
    });
  }
  const CustomTool& tool = *call.tool->custom;
  code.language = language_of(tool.source_type).value_or(SandboxLanguage::python);
  code.source = tool.source_code;
  code.function = tool.name;
  code.arguments = call.arguments.dump(-1, ' ', false, Json::error_handler_t::replace);
  code.agent_state = std::move(call.agent_state);
  add_packages(
    code.language == SandboxLanguage::python ? tool.pip_requirements : tool.npm_requirements, code);
  sandbox_.run(std::move(code), [name, on_outcome](const SandboxResult& result) {
    on_outcome(outcome_of(name, result));
  });
}

ToolOutcome outcome_of(const std::string& tool_name, const SandboxResult& result) {
  ToolOutcome outcome;
  add_text(outcome.stdout_lines, result.standard_output);
  add_text(outcome.stderr_lines, result.standard_error);
  outcome.is_error = result.end != SandboxEnd::returned;
  if (!outcome.is_error) {
    outcome.text = result.value == "null" ? "None" : result.value;
    return outcome;
  }
  outcome.text = "Error executing function " + tool_name + ": " + error_text(result);
  if (outcome.stderr_lines.empty()) outcome.stderr_lines.push_back(outcome.text);
  return outcome;
}

ToolOutcome code_outcome_of(const SandboxResult& result) {
  ToolOutcome outcome;
  add_text(outcome.stdout_lines, result.standard_output);
  add_text(outcome.stderr_lines, result.standard_error);
  outcome.is_error = result.end != SandboxEnd::returned;
  std::string logs;
  JsonObjectWriter{logs}.add("stdout", outcome.stdout_lines).add("stderr", outcome.stderr_lines);
  std::vector<std::string> results;
  add_text(results, result.value);
  std::string text;
  {
    JsonObjectWriter json{text};
    json.add("results", results).add_json("logs", logs);
    if (outcome.is_error) json.add("error", error_text(result));
  }
  outcome.text = std::move(text);
  return outcome;
}

}  // namespace reverie
