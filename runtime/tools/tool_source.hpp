// What can be seen in a tool's source code without running it, and without a parser: the names of
// its functions.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// The name of the last function at the top level of Python source. Nothing when there is none.
std::optional<std::string> last_python_function(std::string_view source);

// Whether the source defines a function of this name at its top level: `def name(` in Python,
// the name as a word elsewhere.
bool defines_function(std::string_view source, std::string_view source_type, std::string_view name);

// The name as a word of its own anywhere in the source.
bool mentions(std::string_view source, std::string_view name);

// The first paragraph of the documentation of a Python function, on one line; empty when it has
// none.
std::string python_summary(std::string_view source, std::string_view function);

}  // namespace reverie
