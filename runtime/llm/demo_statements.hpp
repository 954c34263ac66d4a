// What people say about themselves in plain English: "I'm Ada and I like green tea" is a name and
// a liking.

#pragma once

#include "runtime/llm/demo_facts.hpp"

#include <string_view>
#include <vector>

namespace reverie::demo {

// In the order of the text, each once. Questions say nothing. What is not understood is left out,
// but after "remember that" it becomes a note.
std::vector<Fact> facts_in(std::string_view text);

}  // namespace reverie::demo
