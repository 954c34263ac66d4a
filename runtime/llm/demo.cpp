#include "runtime/llm/demo.hpp"

#include "config/json_text.hpp"
#include "runtime/llm/demo_memory.hpp"
#include "runtime/llm/demo_replies.hpp"
#include "runtime/llm/demo_situation.hpp"
#include "runtime/llm/demo_text.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/llm/openai.hpp"

#include <algorithm>
#include <cstdint>

namespace reverie {

namespace {

using demo::CallMade;
using demo::Situation;
using demo::WantedCall;

// "/call NAME {json}" on lines of its own, from a person who wants to see a tool at work.
std::vector<WantedCall> ordered_calls(std::string_view text) {
  std::vector<WantedCall> calls;
  std::size_t begin = text.starts_with("/call ") ? 0 : text.npos;
  while (begin != text.npos) {
    auto end = text.find("\n/call ", begin);
    std::string_view order = text.substr(begin, end == text.npos ? end : end - begin);
    begin = end == text.npos ? end : end + 1;
    order = demo::trimmed(order.substr(6));
    const auto space = order.find_first_of(" \n\t{");
    const auto arguments = space == order.npos ? "" : demo::trimmed(order.substr(space));
    calls.push_back({std::string(demo::trimmed(order.substr(0, space))),
                     arguments.empty() ? "{}" : std::string(arguments)});
  }
  return calls;
}

// Everything that this turn is to do with tools, done or not.
std::vector<WantedCall> wanted_calls(const Situation& now, const std::vector<ToolSpec>& tools) {
  std::vector<WantedCall> calls;
  if (now.notebook && now.request.topic == demo::Topic::forget)
    calls = demo::calls_to_forget(now.request.subject, *now.notebook, tools);
  else if (now.notebook)
    calls = demo::calls_to_store(now.facts, *now.notebook, tools);
  if (now.request.topic == demo::Topic::search && demo::has_tool(tools, "conversation_search")) {
    std::string arguments = "{\"query\":";
    append_json_string(arguments, now.request.subject);
    calls.push_back({"conversation_search", arguments + "}"});
  }
  return calls;
}

bool is_made(const WantedCall& wanted, const std::vector<CallMade>& calls) {
  return std::any_of(calls.begin(), calls.end(), [&](const CallMade& made) {
    return made.call.name == wanted.tool && made.call.arguments == wanted.arguments;
  });
}

// The same request gets the same ids, so that an answer that is asked for twice is the same; FNV-1a
// over the conversation keeps those of different turns apart.
std::uint64_t fingerprint(const LlmRequest& request) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  };
  for (const ChatMessage& message : request.messages) {
    add(message.text);
    for (const ToolCall& call : message.tool_calls) add(call.id);
    for (const ToolResult& result : message.tool_results) add(result.text);
  }
  return hash + request.messages.size();
}

std::string call_id(std::uint64_t hash, std::size_t index) {
  std::string id = "call_";
  hash += index;
  for (int i = 0; i < 16; ++i, hash >>= 4) id += "0123456789abcdef"[hash & 15];
  return id;
}

// About what an English text is for the usual models; nothing here is paid by the token.
std::int64_t estimated_tokens(std::size_t bytes) {
  return static_cast<std::int64_t>((bytes + 3) / 4);
}

LlmUsage usage_of(const LlmRequest& request, const Completion& answer) {
  std::size_t asked = 0;
  for (const ChatMessage& message : request.messages) {
    asked += message.text.size();
    for (const ToolCall& call : message.tool_calls)
      asked += call.name.size() + call.arguments.size();
    for (const ToolResult& result : message.tool_results) asked += result.text.size();
  }
  for (const ToolSpec& tool : request.tools)
    asked += tool.name.size() + tool.description.size() + tool.parameters.text.size();
  std::size_t answered = answer.text.size();
  for (const ToolCall& call : answer.tool_calls)
    answered += call.name.size() + call.arguments.size();
  LlmUsage usage;
  usage.prompt_tokens = estimated_tokens(asked);
  usage.completion_tokens = estimated_tokens(answered);
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  return usage;
}

// Builds one answer from what the situation asks for.
class Answering {
 public:
  explicit Answering(const LlmRequest& request)
    : request_(request), now_(demo::situation_of(request)), hash_(fingerprint(request)) {}

  Completion answer() {
    const auto orders = ordered_calls(now_.text);
    const auto wanted = orders.empty() ? wanted_calls(now_, request_.tools) : orders;
    if (!call_next(wanted, !orders.empty())) say(words(orders));
    think();
    answer_.finish = answer_.tool_calls.empty() ? FinishReason::stop : FinishReason::tool_calls;
    answer_.usage = usage_of(request_, answer_);
    answer_.response_model = "demo";
    return std::move(answer_);
  }

 private:
  bool may_call(std::string_view tool) const {
    if (request_.tool_choice == ToolChoice::none) return false;
    if (request_.tool_choice == ToolChoice::named && tool != request_.forced_tool) return false;
    return demo::has_tool(request_.tools, tool);
  }

  // Calls the first of `wanted` that was not made yet, or all of them where calls may be parallel.
  // After a failure nothing more is tried.
  bool call_next(const std::vector<WantedCall>& wanted, bool is_ordered) {
    const auto failed = [](const CallMade& made) { return made.is_error; };
    if (!is_ordered && std::any_of(now_.calls.begin(), now_.calls.end(), failed)) return false;
    for (const WantedCall& each : wanted) {
      if (is_made(each, now_.calls) || !may_call(each.tool)) continue;
      add_call(each.tool, each.arguments);
      if (!request_.model.parallel_tool_calls) break;
    }
    return !answer_.tool_calls.empty();
  }

  std::string words(const std::vector<WantedCall>& orders) const {
    if (orders.empty()) return demo::reply_to(now_);
    std::string out = demo::reply_about_calls(now_.calls);
    for (const WantedCall& order : orders)
      if (!demo::has_tool(request_.tools, order.tool))
        out += (out.empty() ? "" : "\n") + std::string("I was given no tool `") + order.tool + "`.";
    if (out.empty()) out = "I may not call tools right now.";
    return out;
  }

  // Agents of the older types speak with a tool; what they say beside it nobody hears.
  void say(std::string text) {
    const auto is_said = [](const CallMade& made) { return made.call.name == "send_message"; };
    const bool has_spoken = std::any_of(now_.calls.begin(), now_.calls.end(), is_said);
    if (!has_spoken && may_call("send_message")) {
      std::string arguments = "{\"message\":";
      append_json_string(arguments, text);
      return add_call("send_message", arguments + "}");
    }
    if (call_forced_tool()) return;
    answer_.text = has_spoken ? "I have said what there is to say." : std::move(text);
  }

  // A caller that insists on a call gets one: the tool that was named, or one that ends the turn.
  bool call_forced_tool() {
    if (request_.tool_choice == ToolChoice::named
        && demo::has_tool(request_.tools, request_.forced_tool)) {
      add_call(request_.forced_tool, "{}");
      return true;
    }
    if (request_.tool_choice != ToolChoice::required) return false;
    for (const char* tool : {"memory_finish_edits", "finish_rethinking_memory"}) {
      if (!may_call(tool)) continue;
      add_call(tool, "{}");
      return true;
    }
    return false;
  }

  void add_call(std::string tool, std::string arguments) {
    answer_.tool_calls.push_back(
      {call_id(hash_, answer_.tool_calls.size()), std::move(tool), std::move(arguments)});
  }

  void think() {
    if (!request_.model.reasoning_enabled) return;
    std::string thought = "I am a rule-based demo model.";
    if (!now_.facts.empty()) thought += " They said that " + demo::told_back(now_.facts) + ".";
    if (answer_.tool_calls.empty()) thought += " I answer.";
    for (const ToolCall& call : answer_.tool_calls) thought += " I call " + call.name + ".";
    answer_.reasoning.push_back({thought, "", ""});
  }

  const LlmRequest& request_;
  Situation now_;
  std::uint64_t hash_;
  Completion answer_;
};

// Word by word, each with the space behind it.
template <class Send>
void send_words(std::string_view text, Send send) {
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto size = space == text.npos ? text.size() : space + 1;
    send(std::string(text.substr(0, size)));
    text.remove_prefix(size);
  }
}

void send_deltas(const Completion& answer, const OnDelta& on_delta) {
  for (const Reasoning& thought : answer.reasoning)
    send_words(thought.text, [&](std::string word) { on_delta(ReasoningDelta{std::move(word)}); });
  send_words(answer.text, [&](std::string word) { on_delta(TextDelta{std::move(word)}); });
  for (std::size_t i = 0; i < answer.tool_calls.size(); ++i) {
    on_delta(ToolCallStart{i, answer.tool_calls[i].id, answer.tool_calls[i].name});
    send_words(answer.tool_calls[i].arguments, [&](std::string piece) {
      on_delta(ToolCallDelta{i, std::move(piece)});
    });
  }
}

// Nothing is left to cancel when `complete` returns.
class FinishedCall final : public LlmCall {
 public:
  void cancel() override {}
};

}  // namespace

ModelInfo demo_model_info() {
  ModelInfo model;
  model.handle = demo_handle;
  model.name = "demo";
  model.display_name = "demo";
  model.provider = demo_provider_name;
  model.provider_type = "openai";  // of the API's closed list, the one that clients know best
  model.context_window = 128'000;
  model.output_tokens_max = 4'096;
  return model;
}

Completion demo_completion(const LlmRequest& request) {
  return Answering(request).answer();
}

std::shared_ptr<LlmCall> DemoProvider::complete(LlmRequest request, OnDelta on_delta,
                                                OnCompletion on_completion) {
  Completion answer = demo_completion(request);
  if (request.stream && on_delta) send_deltas(answer, on_delta);
  on_completion(std::move(answer));
  return std::make_shared<FinishedCall>();
}

std::string DemoProvider::request_json(const LlmRequest& request) const {
  return openai::request_body(request, openai::Quirks{});
}

}  // namespace reverie
