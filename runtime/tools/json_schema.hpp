// The part of JSON Schema that tools use, checked one level deep.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"

namespace reverie {

// `type` (one or several), `enum`, `const`, `anyOf`, `oneOf`, and `type` of the items of an array.
// A boolean is no integer; 2.0 is one. Errors: invalid_argument, "expected integer, got string".
Status check_value(const Json& value, const Json& schema);

// The schema of a member of an object's schema; null when it has none of that name.
const Json& property_of(const Json& object_schema, std::string_view name);

}  // namespace reverie
