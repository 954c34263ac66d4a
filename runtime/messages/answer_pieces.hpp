// An answer of a model, taken apart into the messages that the API shows it as.

#pragma once

#include "runtime/messages/api_messages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// One API message that an assistant message is shown as.
struct AnswerPiece {
  MessageType type = MessageType::assistant_message;
  std::string_view source;  // of a reasoning_message; the state of a hidden one
  std::string text;
  std::string_view signature;
  std::vector<const StoredToolCall*> calls;
};

// In the order in which they are shown: thoughts and text as they came, then calls. They point into
// `message`.
std::vector<AnswerPiece> answer_pieces(const Message& message, const ApiMessageOptions& options);

// The members that a piece has behind the head of its message.
void append_answer_piece(std::string& out, const AnswerPiece& piece);

// A text, or null for an empty one.
void append_text_or_null(std::string& out, std::string_view text);

}  // namespace reverie
