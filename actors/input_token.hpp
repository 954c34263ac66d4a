// How a repeated request is known: by what the client says (Idempotency-Key, the otids of its
// messages), else by what it sent.

#pragma once

#include "runtime/requests/messages.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// For so long after the end of a run the same body counts as its repetition, if the client says
// that it repeats a request. Clients try again after 0.5 to 8 s.
inline constexpr std::chrono::seconds retry_window{15};

// The tokens of a request, the surest first.
std::vector<std::string> input_tokens(const SendMessage& request);

// Whether it repeats one that was sent before, as far as the two say so themselves.
bool is_same_input(const SendMessage& request, const SendMessage& earlier);

// Of an input that was one message with this otid.
std::string otid_token(const std::string& otid);

// Whether the token is made from the body alone, and so no proof that it is the same message.
bool is_body_token(std::string_view token);

}  // namespace reverie
