#include "runtime/tools/execution_result.hpp"

#include "config/json.hpp"
#include "config/json_writer.hpp"
#include "runtime/time_format.hpp"

namespace reverie {

namespace {

// A tool's value comes as text where it was one, and as JSON where it was not.
std::string value_of(const std::string& text) {
  if (text == "None") return "null";
  if (!text.empty() && !is_too_deep(text) && Json::accept(text) && text.front() != '"') return text;
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace

std::string execution_result_json(const ToolOutcome& outcome) {
  std::string out;
  JsonObjectWriter{out}
    .add("status", outcome.is_error ? "error" : "success")
    .add_json("func_return", outcome.is_error ? "null" : value_of(outcome.text))
    .add_null("agent_state")
    .add("stdout", outcome.stdout_lines)
    .add("stderr", outcome.stderr_lines)
    .add_null("sandbox_config_fingerprint");
  return out;
}

std::string trial_message_json(const ToolOutcome& outcome, std::string_view tool_name,
                               Timestamp now) {
  std::string returned;
  JsonObjectWriter{returned}
    .add("type", "tool")
    .add("tool_return", outcome.text)
    .add("status", outcome.is_error ? "error" : "success")
    .add("tool_call_id", "null")
    .add("stdout", outcome.stdout_lines)
    .add("stderr", outcome.stderr_lines);
  std::string out;
  JsonObjectWriter{out}
    .add("id", "null")
    .add("date", to_iso_seconds(now))
    .add("name", tool_name)
    .add("message_type", "tool_return_message")
    .add_null("otid")
    .add_null("sender_id")
    .add_null("step_id")
    .add_null("is_err")
    .add_null("seq_id")
    .add_null("run_id")
    .add("tool_return", outcome.text)
    .add("status", outcome.is_error ? "error" : "success")
    .add("tool_call_id", "null")
    .add("stdout", outcome.stdout_lines)
    .add("stderr", outcome.stderr_lines)
    .add_json("tool_returns", "[" + returned + "]");
  return out;
}

}  // namespace reverie
