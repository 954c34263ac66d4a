// Arguments of a tool call: what a model wrote, made into a JSON object and checked.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"

#include <string>
#include <string_view>

namespace reverie {

struct CallArguments {
  Json values = Json::object();
  std::string text = "{}";  // the same as JSON text: the model's own where it was right
};

// Cuts what follows a first object ("}{"), reads a JSON string that holds an object, and takes the
// empty object for what is no object at all: the tool then says what is missing. The argument
// `request_heartbeat` of older agents is dropped.
CallArguments repair_arguments(std::string_view text);

// `prefilled` wins over what the model wrote.
CallArguments merge_prefilled(CallArguments arguments, const Json& prefilled);

// Required ones are there, all are known and have their types and enumerated values; null stands
// for absent where an argument is optional. Errors: invalid_argument, in words for the model.
Status check_arguments(std::string_view tool_name, const Json& arguments, const Json& parameters);

}  // namespace reverie
