// What of a model request decides the answer, for both dialects: they name these members alike.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::scripted {

// Pieces of the request's text: JSON values as the client wrote them, empty where it wrote none.
struct Message {
  std::string_view role;  // without quotes
  std::string_view content;
  std::string_view tool_calls;    // OpenAI, of an assistant
  std::string_view tool_call_id;  // OpenAI, of a tool
};

// Its views are into the body that it was read from.
struct ModelRequest {
  std::string model = "scripted";
  bool is_stream = false;
  bool includes_usage = false;  // OpenAI: stream_options.include_usage
  std::vector<Message> messages;
  std::vector<std::string_view> tools;
  std::string_view tool_choice;
  std::string_view system;  // Anthropic
  std::size_t body_bytes = 0;
};

// None if the body is no JSON object.
std::optional<ModelRequest> read_model_request(std::string_view body);

// The text of a message's content: a string, or the text parts of a list, one a line.
std::string text_of(std::string_view content);

struct Turn {
  std::string text;                 // of the latest message that a user wrote
  std::size_t assistant_turns = 0;  // how many answers came after it
};

// User messages that an agent server made are looked through: `{"type": ..., "message": ...}`
// stands for its message; heartbeats, logins, system alerts, reminders and tool results are not
// what the user wrote.
Turn latest_turn(const ModelRequest& request);

}  // namespace reverie::scripted
