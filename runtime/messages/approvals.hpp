// Calls of a model that wait: for a person who has to allow them, or for the client that runs them.
//
// An answer with such a call is stored as a message of the role approval, which asks. Harmless
// calls of the same answer are in an assistant message before it, and wait too. The message that
// answers has the role approval, too; the returns of all calls are in one tool message behind it.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "storage/records/message.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

bool asks_for_approval(const MessageContent& message);
bool answers_approval(const Message& message);

// The id of the message that asks, for an answer of the model with this message id: the number
// before it, so that a client that sees pieces of both knows the one from the other.
std::string approval_request_id(std::string_view message_id);

// What was sent -> the decisions of a message that answers. `json` is {"approvals": [...]}, the
// older {"approve", "approval_request_id", "reason"}, or {"tool_returns": [...]}.
// Images that a tool of the client returned are kept as the API's base64 images. Errors:
// invalid_argument, with the path in `json`; bad_request for an image that cannot be taken.
Status read_approvals(const Json& json, std::int64_t image_bytes_max, Message& answer);

// Whether `answer` decides exactly what `request` asks for. An older answer, which names the
// request and not its call, names the call afterwards. Errors: bad_request.
Status match_approvals(const Message& request, Message& answer);

// Whether the calls that `answer` decides were decided before: their returns are in one of
// `messages`.
bool was_answered(const Message& answer, std::span<const Message> messages);

// The refusal of input while calls wait. Clients look for its text.
Error pending_approval(std::string_view request_id);
// The refusal of an answer that nobody waits for.
Error nothing_pending();

// What a model reads in place of the result of a denied call.
std::string denial_text(const std::optional<std::string>& reason);

// The text of the user message that a repeated answer becomes: the turn goes on with it.
std::string keep_alive_text();

// Denies all that `request` asks for.
std::vector<StoredApproval> denied_approvals(const Message& request, std::string_view reason);

// Why, when it is no person's decision: the run was cancelled, or nobody has decided in time.
inline constexpr std::string_view cancel_reason = "The user cancelled the request.";
inline constexpr std::string_view expiry_reason =
  "Nobody decided about the request in time: it has expired.";

}  // namespace reverie
