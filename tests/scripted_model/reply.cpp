#include "tests/scripted_model/reply.hpp"

#include "tests/scripted_model/tools.hpp"

#include <algorithm>
#include <array>

#include <openssl/sha.h>

namespace reverie::scripted {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Whether the text says "summary", "Summarize", ...
bool mentions_summary(std::string_view text) {
  constexpr std::string_view word = "summar";
  const auto equal = [](char a, char b) { return (a | 0x20) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), equal) != text.end();
}

bool asks_for_summary(const ModelRequest& request, std::string_view user_text) {
  if (!request.tools.empty()) return false;
  if (mentions_summary(request.system) || mentions_summary(user_text)) return true;
  return std::any_of(request.messages.begin(), request.messages.end(), [](const Message& message) {
    return (message.role == "system" || message.role == "developer")
           && mentions_summary(message.content);
  });
}

std::string default_text(const ModelRequest& request, std::string_view user_text) {
  if (!asks_for_summary(request, user_text)) return "You said: " + without_directives(user_text);
  std::string all;
  for (const Message& message : request.messages) all.append(message.content) += '\0';
  return "SUMMARY of " + std::to_string(request.messages.size()) + " messages ["
         + sha256_hex(all).substr(0, 8) + "]";
}

// A request without tools that quotes an old script in the middle of its text, to have it
// summarised, does not run it.
std::optional<Script> script_of(const ModelRequest& request, std::string_view user_text) {
  if (request.tools.empty() && !trimmed(user_text).starts_with("[[")) return std::nullopt;
  auto script = parse_script(user_text);
  if (script && script->steps.empty()) return std::nullopt;
  return script;
}

// Fills in what the script says for this turn.
void follow(Script script, Reply& reply) {
  const std::size_t count = script.steps.size();
  reply.is_scripted = true;
  const std::size_t index = script.is_loop ? reply.turn % count : reply.turn;
  if (index >= count) {
    reply.content = "Done.";
    return;
  }
  reply.step = std::move(script.steps[index]);
  reply.reasoning = reply.step.reason;
  reply.calls = reply.step.calls;
  reply.content = reply.step.say;
}

std::vector<std::string_view> words_of(std::string_view text, std::size_t chunk_words) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  std::size_t words = 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    const bool ends_word = is_space(text[at]) && !is_space(text[at - 1]);
    if (!ends_word || ++words % chunk_words != 0) continue;
    if (std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_space)) break;
    out.push_back(text.substr(begin, at - begin));
    begin = at;
  }
  out.push_back(text.substr(begin));
  return out;
}

std::vector<std::string_view> equal_parts(std::string_view text, std::size_t count) {
  const std::size_t characters = character_count(text);
  count = std::clamp<std::size_t>(count, 1, characters);
  const std::size_t size = (characters + count - 1) / count;
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  std::size_t taken = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_continuation(text[at])) continue;
    if (taken++ % size != 0 || at == begin) continue;
    out.push_back(text.substr(begin, at - begin));
    begin = at;
  }
  out.push_back(text.substr(begin));
  return out;
}

}  // namespace

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

Reply reply_to(const ModelRequest& request) {
  const Turn turn = latest_turn(request);
  Reply reply;
  reply.turn = turn.assistant_turns;
  reply.key = sha256_hex(turn.text + "|" + std::to_string(turn.assistant_turns));
  // A text that comes again later in the conversation is another request.
  reply.id = sha256_hex(reply.key + "|" + std::to_string(request.messages.size()) + "|"
                        + std::to_string(request.body_bytes));
  bool is_last = true;
  if (auto script = script_of(request, turn.text)) {
    is_last = !script->is_loop && reply.turn + 1 >= script->steps.size();
    follow(*std::move(script), reply);
  }
  if (reply.calls.empty() && !reply.content) reply.content = default_text(request, turn.text);
  use_tools(request, !is_last, reply);
  return reply;
}

std::string call_id(const Reply& reply, std::size_t index) {
  return sha256_hex(reply.id + std::to_string(index)).substr(0, 24);
}

std::int64_t tokens(std::size_t characters) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>((characters + 3) / 4));
}

TokenUsage usage_of(const ModelRequest& request, const Reply& reply) {
  const std::size_t reasoning = character_count(reply.reasoning);
  std::size_t characters = reasoning + character_count(reply.content.value_or(""));
  for (const Call& call : reply.calls)
    characters += character_count(call.name) + character_count(call.arguments);
  const Step& step = reply.step;
  return {
    step.prompt_tokens.value_or(tokens(request.body_bytes)),
    step.completion_tokens.value_or(tokens(characters)),
    step.cached_tokens.value_or(0),
    step.reasoning_tokens.value_or(reasoning == 0 ? 0 : tokens(reasoning)),
  };
}

std::vector<std::string_view> pieces(std::string_view text, std::optional<std::size_t> chunks,
                                     std::size_t chunk_words) {
  if (text.empty()) return {};
  return chunks ? equal_parts(text, *chunks)
                : words_of(text, std::max<std::size_t>(1, chunk_words));
}

}  // namespace reverie::scripted
