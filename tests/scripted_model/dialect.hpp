// The seam between a reply and the wire: what each vendor's format must say.

#pragma once

#include "tests/scripted_model/fault.hpp"
#include "tests/scripted_model/reply.hpp"
#include "tests/scripted_model/response.hpp"

#include <optional>
#include <string>

namespace reverie::scripted {

struct Exchange {
  const ModelRequest& request;
  const Reply& reply;
  TokenUsage usage;
  std::size_t chunk_words = 1;
};

struct Dialect {
  std::string (*whole)(const Exchange&);   // the body of an answer that is not streamed
  EventStream (*events)(const Exchange&);  // of one that is
  std::string (*error_body)(const Fault&);
  std::optional<std::string> (*history_problem)(const ModelRequest&);
};

namespace openai {
extern const Dialect dialect;  // chat completions
}

namespace anthropic {
extern const Dialect dialect;  // messages
}

}  // namespace reverie::scripted
