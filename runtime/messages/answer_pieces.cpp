#include "runtime/messages/answer_pieces.hpp"

#include "config/json_text.hpp"
#include "runtime/messages/approvals.hpp"
#include "runtime/messages/speech.hpp"

#include <utility>

namespace reverie {

namespace {

constexpr std::string_view thought = "reasoner_model";
constexpr std::string_view plain_text = "non_reasoner_model";

AnswerPiece piece_of(const ContentPart& part, const ApiMessageOptions& options) {
  if (part.type == "reasoning")
    return {MessageType::reasoning_message, thought, part.text, part.signature, {}};
  if (part.type == "redacted_reasoning")
    return {MessageType::hidden_reasoning_message, "redacted", part.text, "", {}};
  if (part.type == "omitted_reasoning")
    return {MessageType::hidden_reasoning_message, "omitted", "", "", {}};
  if (options.text_is_assistant) return {MessageType::assistant_message, "", part.text, "", {}};
  return {MessageType::reasoning_message, plain_text, part.text, part.signature, {}};
}

bool can_merge(const AnswerPiece& before, const AnswerPiece& next) {
  return before.type == next.type && before.source == next.source
         && next.type != MessageType::hidden_reasoning_message;
}

void append_call(std::string& out, const StoredToolCall& call) {
  out += "{\"name\":";
  append_json_string(out, call.name);
  out += ",\"arguments\":";
  append_json_string(out, call.arguments);
  out += ",\"tool_call_id\":";
  append_json_string(out, call.id);
  out += '}';
}

}  // namespace

std::vector<AnswerPiece> answer_pieces(const Message& message, const ApiMessageOptions& options) {
  std::vector<AnswerPiece> pieces;
  for (const ContentPart& part : message.content) {
    if (part.type == "image" || (part.type == "text" && part.text.empty())) continue;
    AnswerPiece next = piece_of(part, options);
    if (!pieces.empty() && can_merge(pieces.back(), next)) {
      pieces.back().text += next.text;
      if (!next.signature.empty()) pieces.back().signature = next.signature;
    } else {
      pieces.push_back(std::move(next));
    }
  }
  const bool asks = asks_for_approval(message);
  AnswerPiece calls{
    asks ? MessageType::approval_request_message : MessageType::tool_call_message, "", "", "", {}};
  std::vector<AnswerPiece> speeches;
  for (const StoredToolCall& call : message.tool_calls) {
    if (auto speech = asks ? std::nullopt : speech_of(call.name, call.arguments, options))
      speeches.push_back({MessageType::assistant_message, "", *std::move(speech), "", {}});
    else
      calls.calls.push_back(&call);
  }
  if (!calls.calls.empty()) pieces.push_back(std::move(calls));
  for (AnswerPiece& speech : speeches) pieces.push_back(std::move(speech));
  return pieces;
}

void append_answer_piece(std::string& out, const AnswerPiece& piece) {
  switch (piece.type) {
    case MessageType::reasoning_message:
      out += ",\"source\":";
      append_json_string(out, piece.source);
      out += ",\"reasoning\":";
      append_json_string(out, piece.text);
      out += ",\"signature\":";
      append_text_or_null(out, piece.signature);
      break;
    case MessageType::hidden_reasoning_message:
      out += ",\"state\":";
      append_json_string(out, piece.source);
      out += ",\"hidden_reasoning\":";
      append_text_or_null(out, piece.text);
      break;
    case MessageType::tool_call_message:
    case MessageType::approval_request_message:
      out += ",\"tool_call\":";
      append_call(out, *piece.calls.front());
      out += ",\"tool_calls\":[";
      for (const StoredToolCall* call : piece.calls) {
        if (call != piece.calls.front()) out += ',';
        append_call(out, *call);
      }
      out += ']';
      break;
    default: out += ",\"content\":"; append_json_string(out, piece.text);
  }
}

void append_text_or_null(std::string& out, std::string_view text) {
  if (text.empty())
    out += "null";
  else
    append_json_string(out, text);
}

}  // namespace reverie
