// What the model answers, before any dialect has put it on the wire.

#pragma once

#include "tests/scripted_model/request.hpp"
#include "tests/scripted_model/script.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::scripted {

struct Reply {
  std::optional<std::string> content;
  std::string reasoning;
  std::vector<Call> calls;
  Step step;  // how it is delivered: delays, faults
  std::size_t turn = 0;
  bool is_scripted = false;
  std::string key;  // the same for the same user text and turn: retries of one request
  std::string id;   // 64 hexadecimal digits; the dialects make their ids from it
};

// The same request always has the same reply.
Reply reply_to(const ModelRequest& request);

// The id of call `index` of the reply, without a dialect's prefix: 24 hexadecimal digits.
std::string call_id(const Reply& reply, std::size_t index);

struct TokenUsage {
  std::int64_t prompt = 0;
  std::int64_t completion = 0;
  std::int64_t cached = 0;
  std::int64_t reasoning = 0;
};

// (characters + 3) / 4, unless the script says otherwise.
TokenUsage usage_of(const ModelRequest& request, const Reply& reply);
std::int64_t tokens(std::size_t characters);

// The parts in which a text is streamed: `chunks` of about the same length, or groups of
// `chunk_words` words. No code point is cut.
std::vector<std::string_view> pieces(std::string_view text, std::optional<std::size_t> chunks,
                                     std::size_t chunk_words);

// 64 hexadecimal digits.
std::string sha256_hex(std::string_view text);

}  // namespace reverie::scripted
