#include "runtime/llm/anthropic.hpp"

#include "config/json_text.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/llm/model_name.hpp"
#include "runtime/llm/tool_schema.hpp"

#include <algorithm>
#include <vector>

namespace reverie::anthropic {

namespace {

// 4096: the vendor wants a limit; every model allows this one.
constexpr std::int64_t output_tokens_default = 4096;
// 1024: the least that the vendor takes.
constexpr std::int64_t thinking_budget_min = 1024;
// Beyond this the vendor wants to be told that the long window is meant.
constexpr std::int64_t ordinary_window = 200'000;

constexpr std::string_view cache_mark = R"(,"cache_control":{"type":"ephemeral"})";
// The conversation has to start with the user, who may not have said anything yet.
constexpr std::string_view opening = "(The conversation starts here.)";

enum class Thinking { off, budget, adaptive };

bool is_replayed(const Reasoning& thought) {
  return !thought.signature.empty() || !thought.redacted_data.empty();
}

// With a budget the vendor refuses an open chain of tool calls whose last answer does not start
// with a thought of that model, as after a change of the model.
bool breaks_the_chain(const LlmRequest& request) {
  if (request.messages.empty() || request.messages.back().role != ChatRole::tool) return false;
  const auto last =
    std::find_if(request.messages.rbegin(), request.messages.rend(),
                 [](const ChatMessage& message) { return message.role == ChatRole::assistant; });
  return last != request.messages.rend()
         && std::none_of(last->reasoning.begin(), last->reasoning.end(), is_replayed);
}

Thinking thinking_of(const LlmRequest& request) {
  const std::string_view model = request.model.model;
  if (!request.model.reasoning_enabled) return Thinking::off;
  if (starts_with_any(model, {"claude-opus-4-6", "claude-sonnet-4-6"})) return Thinking::adaptive;
  const bool is_old = starts_with_any(model, {"claude-2", "claude-instant", "claude-3-"})
                      && !model.starts_with("claude-3-7");
  return is_old || breaks_the_chain(request) ? Thinking::off : Thinking::budget;
}

// low, medium, high, max; empty: not to be sent.
std::string_view effort_of(const ModelConfig& model) {
  if (!model.reasoning_effort
      || !starts_with_any(model.model, {"claude-opus-4-5", "claude-opus-4-6", "claude-sonnet-4-6"}))
    return "";
  const std::string_view effort = *model.reasoning_effort;
  if (effort == "none") return "";
  if (effort == "minimal") return "low";
  if (effort == "max" && model.model.starts_with("claude-opus-4-6")) return "max";
  if (effort == "max" || effort == "xhigh") return "high";
  return effort;
}

bool clears_thoughts(const LlmRequest& request) {
  return request.model.model.starts_with("claude-opus-4-5")
         && thinking_of(request) != Thinking::off;
}

// Models that keep to a tool's schema to the letter when asked to.
bool has_strict_tools(std::string_view model) {
  return starts_with_any(model, {"claude-opus-4-1", "claude-opus-4-5", "claude-opus-4-6",
                                 "claude-sonnet-4-5", "claude-sonnet-4-6", "claude-haiku-4-5"});
}

// 20: what the vendor takes in one request; further tools are offered as they are.
constexpr std::size_t strict_tools_max = 20;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

// The vendor takes letters, digits, _ and - only.
std::string call_id(std::string_view id) {
  std::string out(id);
  for (char& c : out) {
    const bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!is_allowed) c = '_';
  }
  return out;
}

// Writes messages so that roles alternate: what follows in the same role joins the message.
class MessageWriter {
 public:
  explicit MessageWriter(std::string& out) : out_(out) { out_ += R"("messages":[)"; }

  void add_user_text(std::string_view text) {
    if (is_blank(text)) return;  // the vendor refuses empty blocks
    open(ChatRole::user);
    out_ += R"({"type":"text")";
    append_text(out_, "text", text);
    close_block();
  }

  void add_user(const ChatMessage& message) {
    if (message.parts.empty()) return add_user_text(message.text);
    for (const ChatPart& part : message.parts) {
      if (!part.image) {
        add_user_text(part.text);
        continue;
      }
      open(ChatRole::user);
      append_image(*part.image);
      close_block();
    }
  }

  void add_result(const ToolResult& result) {
    open(ChatRole::user);
    out_ += R"({"type":"tool_result")";
    append_text(out_, "tool_use_id", call_id(result.tool_call_id));
    append_result_content(result);
    if (result.is_error) out_ += R"(,"is_error":true)";
    close_block();
  }

  void add_assistant(const ChatMessage& message, bool is_last) {
    for (const Reasoning& thought : message.reasoning) add_thought(thought);
    std::string_view text = message.text;
    // The vendor refuses an answer begun for the model that ends in a blank.
    if (is_last && message.tool_calls.empty())
      text = text.substr(0, text.find_last_not_of(" \t\r\n\v\f") + 1);
    if (!is_blank(text)) {
      open(ChatRole::assistant);
      out_ += R"({"type":"text")";
      append_text(out_, "text", text);
      close_block();
    }
    for (const ToolCall& call : message.tool_calls) add_call(call);
  }

  // With the cache mark at the end of the last message.
  void finish() {
    if (!role_) add_user_text(opening);
    out_ += "]}]";
    if (markable_end_ != 0) out_.insert(markable_end_, cache_mark);
  }

 private:
  void open(ChatRole role) {
    if (!role_ && role == ChatRole::assistant) add_user_text(opening);
    if (role_ == role) {
      next_element(out_);
      return;
    }
    if (role_) out_ += "]},";
    out_ += role == ChatRole::user ? R"({"role":"user","content":[)"
                                   : R"({"role":"assistant","content":[)";
    role_ = role;
    markable_end_ = 0;
  }

  // Up to its closing brace.
  void append_image(const ChatImage& image) {
    out_ += R"({"type":"image","source":{"type":"base64")";
    append_text(out_, "media_type", image.media_type);
    out_ += R"(,"data":")";
    out_ += image.data;  // base64: nothing to escape
    out_ += R"("})";
  }

  void append_result_content(const ToolResult& result) {
    if (result.images.empty()) {
      if (!result.text.empty()) append_text(out_, "content", result.text);
      return;
    }
    append_name(out_, "content");
    out_ += '[';
    if (!is_blank(result.text)) {
      out_ += R"({"type":"text")";
      append_text(out_, "text", result.text);
      out_ += '}';
    }
    for (const ChatImage& image : result.images) {
      next_element(out_);
      append_image(image);
      out_ += '}';
    }
    out_ += ']';
  }

  void close_block() {
    markable_end_ = out_.size();
    out_ += '}';
  }

  void add_thought(const Reasoning& thought) {
    if (!is_replayed(thought)) return;
    open(ChatRole::assistant);
    if (!thought.redacted_data.empty()) {
      out_ += R"({"type":"redacted_thinking")";
      append_text(out_, "data", thought.redacted_data);
    } else {
      out_ += R"({"type":"thinking")";
      append_text(out_, "thinking", thought.text);
      append_text(out_, "signature", thought.signature);
    }
    out_ += '}';  // thoughts cannot have a cache mark
  }

  void add_call(const ToolCall& call) {
    open(ChatRole::assistant);
    out_ += R"({"type":"tool_use")";
    append_text(out_, "id", call_id(call.id));
    append_text(out_, "name", call.name);
    append_name(out_, "input");
    out_ += is_json_object(call.arguments) ? std::string_view(call.arguments) : "{}";
    close_block();
  }

  std::string& out_;
  std::optional<ChatRole> role_;
  std::size_t markable_end_ = 0;  // before the } of the last block that can have a mark
};

void append_messages(std::string& out, const LlmRequest& request) {
  if (out.back() != '{') out += ',';
  MessageWriter writer(out);
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const ChatMessage& message = request.messages[i];
    switch (message.role) {
      case ChatRole::system:
        if (i > 0) writer.add_user_text("<event>SYSTEM ALERT: " + message.text + "</event>");
        break;
      case ChatRole::user: writer.add_user(message); break;
      case ChatRole::assistant:
        writer.add_assistant(message, i + 1 == request.messages.size());
        break;
      case ChatRole::tool: {
        std::vector<std::string_view> answered;
        for (const ToolResult& result : message.tool_results) {
          if (std::find(answered.begin(), answered.end(), result.tool_call_id) != answered.end())
            continue;
          answered.push_back(result.tool_call_id);
          writer.add_result(result);
        }
      }
    }
  }
  writer.finish();
}

void append_system(std::string& out, const LlmRequest& request) {
  if (request.messages.empty() || request.messages.front().role != ChatRole::system
      || is_blank(request.messages.front().text))
    return;
  append_name(out, "system");
  out += R"([{"type":"text")";
  append_text(out, "text", request.messages.front().text);
  out += cache_mark;
  out += "}]";
}

void append_tools(std::string& out, const std::vector<ToolSpec>& tools, bool is_strict) {
  append_name(out, "tools");
  out += '[';
  std::size_t strict_left = is_strict ? strict_tools_max : 0;
  for (const ToolSpec& tool : tools) {
    next_element(out);
    out += '{';
    append_text(out, "name", tool.name);
    if (!tool.description.empty()) append_text(out, "description", tool.description);
    append_name(out, "input_schema");
    const auto closed =
      strict_left > 0 && tool.may_be_strict ? closed_schema(tool.parameters) : std::nullopt;
    out += closed ? *closed : plain_schema(tool.parameters);
    if (closed) {
      out += R"(,"strict":true)";
      --strict_left;
    }
    if (&tool == &tools.back()) out += cache_mark;
    out += '}';
  }
  out += ']';
}

void append_tool_choice(std::string& out, const LlmRequest& request, Thinking thinking) {
  append_name(out, "tool_choice");
  out += '{';
  if (request.tool_choice == ToolChoice::none) {
    out += R"("type":"none"})";
    return;
  }
  // Whoever thinks cannot be forced.
  if (request.tool_choice == ToolChoice::automatic || thinking != Thinking::off) {
    out += R"("type":"auto")";
  } else if (request.tool_choice == ToolChoice::required) {
    out += R"("type":"any")";
  } else {
    out += R"("type":"tool")";
    append_text(out, "name", request.forced_tool);
  }
  if (!request.model.parallel_tool_calls) out += R"(,"disable_parallel_tool_use":true)";
  out += '}';
}

bool asks_for_strict_tools(const LlmRequest& request) {
  return request.model.strict_tools && !request.tools.empty()
         && has_strict_tools(request.model.model);
}

// A history with calls is refused without a list of tools: name those that it calls.
std::vector<ToolSpec> tools_of_history(const LlmRequest& request) {
  std::vector<ToolSpec> tools;
  for (const ChatMessage& message : request.messages)
    for (const ToolCall& call : message.tool_calls)
      if (std::none_of(tools.begin(), tools.end(),
                       [&](const ToolSpec& tool) { return tool.name == call.name; }))
        tools.push_back({call.name, "", RawJson()});
  return tools;
}

void append_all_tools(std::string& out, const LlmRequest& request, Thinking thinking) {
  if (!request.tools.empty()) {
    append_tools(out, request.tools, asks_for_strict_tools(request));
    append_tool_choice(out, request, thinking);
  } else if (const auto tools = tools_of_history(request); !tools.empty()) {
    append_tools(out, tools, false);
    out += R"(,"tool_choice":{"type":"none"})";
  }
}

void append_limits(std::string& out, const ModelConfig& model, Thinking thinking) {
  std::int64_t tokens_max = model.output_tokens_max.value_or(output_tokens_default);
  const std::int64_t budget =
    std::max(thinking_budget_min, model.thinking_budget.value_or(thinking_budget_min));
  // The budget is a part of the limit and has to leave room for the answer.
  if (thinking == Thinking::budget) tokens_max = std::max(tokens_max, budget + thinking_budget_min);
  append_name(out, "max_tokens");
  append_json(out, tokens_max);
  if (thinking != Thinking::off) {
    out += R"(,"temperature":1.0,"thinking":)";
    if (thinking == Thinking::adaptive)
      out += R"({"type":"adaptive"})";
    else
      out += R"({"type":"enabled","budget_tokens":)" + std::to_string(budget) + "}";
  } else if (model.temperature) {
    append_name(out, "temperature");
    append_json(out, std::clamp(*model.temperature, 0.0, 1.0));
  }
}

}  // namespace

std::string request_body(const LlmRequest& request) {
  const Thinking thinking = thinking_of(request);
  std::size_t size = 1024;
  for (const ChatMessage& message : request.messages) size += message.text.size() + 256;
  for (const ToolSpec& tool : request.tools) size += tool.parameters.text.size() + 512;
  std::string out;
  out.reserve(size + size / 8);
  out += '{';
  append_text(out, "model", request.model.model);
  append_limits(out, request.model, thinking);
  if (const auto effort = effort_of(request.model); !effort.empty()) {
    append_name(out, "output_config");
    out += '{';
    append_text(out, "effort", effort);
    out += '}';
  }
  if (clears_thoughts(request))
    out += R"(,"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]})";
  append_system(out, request);
  append_all_tools(out, request, thinking);
  append_messages(out, request);
  if (!request.user.empty()) {
    append_name(out, "metadata");
    out += '{';
    append_text(out, "user_id", request.user);
    out += '}';
  }
  out += R"(,"stream":true})";
  return out;
}

std::string beta_features(const LlmRequest& request) {
  std::string out;
  const auto add = [&](std::string_view feature) {
    if (!out.empty()) out += ',';
    out += feature;
  };
  const Thinking thinking = thinking_of(request);
  if (thinking == Thinking::adaptive) add("adaptive-thinking-2026-01-28");
  if (thinking == Thinking::budget) add("interleaved-thinking-2025-05-14");
  const auto effort = effort_of(request.model);
  if (!effort.empty()) add("effort-2025-11-24");
  if (effort == "max") add("max-effort-2026-01-24");
  if (clears_thoughts(request)) add("context-management-2025-06-27");
  if (request.model.context_window > ordinary_window) add("context-1m-2025-08-07");
  if (asks_for_strict_tools(request)) add("structured-outputs-2025-11-13");
  if (request.stream && !request.tools.empty()) add("fine-grained-tool-streaming-2025-05-14");
  return out;
}

}  // namespace reverie::anthropic
