// Variables in the headers of MCP servers: "Bearer {{ API_KEY }}", "{{ REGION | eu }}". Their
// values are the secrets of the agent that calls, so that each agent, or each end user, has a key
// of its own.

#pragma once

#include "config/error.hpp"

#include <map>
#include <string>
#include <string_view>

namespace reverie {

// What is no variable (another name than of letters, digits and _, or no end) stays as it is.
// Errors: invalid_argument: a variable has neither a value nor a default; `where` is its name.
Result<std::string> with_variables(std::string_view text,
                                   const std::map<std::string, std::string>& values);

}  // namespace reverie
