// What the vendors demand of a history before they answer at all: above all that a tool call and
// its result are never apart. A server under test that sends anything else has a bug that would
// make its agent unusable.

#pragma once

#include "tests/scripted_model/request.hpp"

#include <optional>
#include <string>

namespace reverie::scripted {

namespace openai {
// The first thing that is wrong, in the vendor's words; none if the history is valid.
std::optional<std::string> history_problem(const ModelRequest& request);
}  // namespace openai

namespace anthropic {
std::optional<std::string> history_problem(const ModelRequest& request);
}  // namespace anthropic

}  // namespace reverie::scripted
