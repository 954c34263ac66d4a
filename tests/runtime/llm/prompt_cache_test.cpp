// What a provider has read once it does not read again, as long as a request begins with the bytes
// of the one before.

#include "runtime/llm/anthropic.hpp"
#include "runtime/llm/openai.hpp"
#include "runtime/messages/chat_history.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const Timestamp noon = *from_rfc3339("2026-11-21T12:00:00Z");
constexpr const char* model = "anthropic/claude-sonnet-4-5";

Message said(std::string role, std::string text) {
  Message message;
  message.role = std::move(role);
  message.content = {{"text", std::move(text), "", {}}};
  message.created_at = noon;
  message.model = model;
  return message;
}

// A conversation in which thoughts, two calls of one id, an image and an alert occur.
std::vector<Message> conversation() {
  std::vector<Message> out = {said("system", "Be kind."), said("user", "hello")};
  Message calls = said("assistant", "Let me see.");
  calls.content.insert(calls.content.begin(), {"reasoning", "hm", "c2ln", {}});
  calls.tool_calls = {{"call", "f", R"({"x": 1})"}};
  out.push_back(calls);
  Message returns = said("tool", "");
  returns.content.clear();
  returns.tool_returns = {{"call", "f", "success", "done", {}, {}}};
  out.push_back(returns);
  calls.content.back().text = "And again.";
  out.push_back(calls);
  out.push_back(returns);
  out.push_back(said("assistant", "All done. "));
  Message image = said("user", "And this?");
  image.content.push_back(
    {"image", "", "", RawJson(R"({"type":"letta","data":"iVBORw0KGgoAAAAA"})")});
  out.push_back(image);
  out.push_back(said("assistant", "A picture."));
  out.push_back(said("system", "It is late."));
  out.push_back(said("user", "good night"));
  return out;
}

LlmRequest request_of(const std::vector<Message>& messages, std::string name) {
  LlmRequest request;
  request.model.model = std::move(name);
  request.model.reasoning_enabled = true;
  request.model.strict_tools = true;
  request.messages = chat_history(messages, {model, "UTC", 128'000});
  request.tools.push_back({"f", "does f", RawJson(R"({"type":"object","properties":{}})")});
  request.tools.push_back({"g", "does g", RawJson(R"({"type":"object","properties":{}})")});
  return request;
}

std::string without(std::string text, std::string_view what) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at))
    text.erase(at, what.size());
  return text;
}

// Up to the end of the last message: what closes the list, and what is behind it, is left out.
std::string_view up_to_messages_end(std::string_view body, std::string_view closer) {
  return body.substr(0, body.rfind(closer));
}

// The places at which a request is made: behind a user's message and behind tools' returns.
std::vector<std::size_t> request_ends(const std::vector<Message>& messages) {
  std::vector<std::size_t> out;
  for (std::size_t end = 2; end <= messages.size(); ++end)
    if (const auto& role = messages[end - 1].role; role == "user" || role == "tool")
      out.push_back(end);
  return out;
}

template <class Write>
void expect_each_begins_the_next(std::string_view closer, Write write) {
  const auto messages = conversation();
  std::string before;
  for (const std::size_t end : request_ends(messages)) {
    const std::string body = write(
      std::vector<Message>(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(end)));
    const std::string now(up_to_messages_end(body, closer));
    EXPECT_GT(now.size(), before.size());
    EXPECT_TRUE(now.starts_with(before)) << before << "\n" << now;
    before = now;
  }
}

TEST(PromptCache, ARequestToAnthropicBeginsTheNextButForItsMark) {
  expect_each_begins_the_next("]}]", [](const std::vector<Message>& messages) {
    return without(anthropic::request_body(request_of(messages, "claude-sonnet-4-5")),
                   R"(,"cache_control":{"type":"ephemeral"})");
  });
}

TEST(PromptCache, ARequestToOpenAiBeginsTheNext) {
  expect_each_begins_the_next(R"(],"tools":)", [](const std::vector<Message>& messages) {
    return openai::request_body(request_of(messages, "gpt-4.1"), {});
  });
}

TEST(PromptCache, WhatIsBehindTheMessagesOfOpenAiDoesNotChangeEither) {
  const auto messages = conversation();
  const auto tail = [](const std::vector<Message>& some) {
    const std::string body = openai::request_body(request_of(some, "gpt-4.1"), {});
    return body.substr(body.rfind(R"(],"tools":)"));
  };
  EXPECT_EQ(tail({messages.begin(), messages.begin() + 2}), tail(messages));
}

}  // namespace
}  // namespace reverie
