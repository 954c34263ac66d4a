// The language in which a test tells the model what to answer: directives in double square
// brackets anywhere in the text of a user message.
//
//   [[call TOOL {json}]]   one step: this tool call; JSON that is broken is sent as it stands
//   [[say TEXT]]           one step: this text
//   [[parallel]]           the calls that follow share one step, until [[step]] (which begins the
//                          next group), [[serial]] or [[say]]
//   [[loop]]               begins again after the last step, for ever
//
// The others shape the next call or say; with none behind them, a default answer:
//
//   [[text T]] [[reason T]]            text and reasoning beside the call
//   [[delay 200ms]]                    before the first byte
//   [[chunks 50]]                      stream events for each piece; without it one per word
//   [[finish length]]                  another finish reason
//   [[usage prompt=9 completion=5 cached=1 reasoning=0]]
//   [[error 429 n=2]]                  an HTTP error, with n= for the first n requests only;
//                                      a status or context_length or content_filter
//   [[hang]] [[hang after=3]]          never answers; stalls after so many stream events
//   [[drop after=3]]                   closes the connection after so many stream events
//   [[malformed]] [[malformed args]] [[malformed empty]]
//                                      broken JSON; broken tool arguments; nothing in it

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::scripted {

struct Call {
  std::string name;
  std::string arguments = "{}";  // JSON text as the script has it

  bool operator==(const Call&) const = default;
};

enum class Malformed : std::uint8_t { none, body, args, empty };

struct Step {
  std::optional<std::string> say;
  std::string reason;
  std::vector<Call> calls;

  std::string error;                           // empty: none
  std::optional<std::int64_t> error_requests;  // how many requests fail; unset: all

  std::chrono::microseconds delay{0};
  std::optional<std::size_t> chunks;
  bool hangs = false;                     // before the first byte
  std::optional<std::size_t> hang_after;  // stream events
  std::optional<std::size_t> drop_after;  // stream events
  Malformed malformed = Malformed::none;
  std::string finish;

  std::optional<std::int64_t> prompt_tokens;
  std::optional<std::int64_t> completion_tokens;
  std::optional<std::int64_t> cached_tokens;
  std::optional<std::int64_t> reasoning_tokens;
};

struct Script {
  std::vector<Step> steps;
  bool is_loop = false;
};

// None if the text has no directive of the language.
std::optional<Script> parse_script(std::string_view text);

// The text without anything in double square brackets, trimmed.
std::string without_directives(std::string_view text);

std::string_view trimmed(std::string_view text);

}  // namespace reverie::scripted
