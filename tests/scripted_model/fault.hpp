// The errors that a script can ask for, as the vendors word them.

#pragma once

#include <string>
#include <string_view>

namespace reverie::scripted {

struct Fault {
  int status = 500;
  std::string type;  // OpenAI's error.type
  std::string code;  // OpenAI's error.code; empty: null
  std::string message;
  std::string anthropic_message;  // where Anthropic words it differently; empty: the same
};

// `name` is a status, `context_length` or `content_filter`; anything else is a 500.
Fault fault_named(std::string_view name);

// The request is not one that the vendor would take.
Fault bad_request(std::string message);

}  // namespace reverie::scripted
