// The JSON Schema of a tool's parameters in the forms that vendors ask for.

#pragma once

#include "config/raw_json.hpp"

#include <optional>
#include <string>

namespace reverie {

// As it is; the schema of a tool without parameters when it is null.
std::string object_schema_text(const RawJson& schema);

// For models that keep to a schema to the letter: no other properties, all of them required, those
// that were optional may be null. Nothing when the schema is too free for that (an object whose
// properties are not named), or no schema.
std::optional<std::string> strict_schema(const RawJson& schema);

// Without defaults and without "or null", an object with properties at the top.
std::string plain_schema(const RawJson& schema);

}  // namespace reverie
