// The demo model's words.

#pragma once

#include "runtime/llm/demo_situation.hpp"

#include <string>

namespace reverie::demo {

// What is said when there is nothing more to be done: what the calls of this turn did, as their
// results say, and the answer to what was asked.
std::string reply_to(const Situation& now);

// What is said about the calls that a person ordered with /call.
std::string reply_about_calls(const std::vector<CallMade>& calls);

}  // namespace reverie::demo
