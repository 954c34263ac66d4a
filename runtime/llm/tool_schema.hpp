// The JSON Schema of a tool's parameters in the forms that vendors ask for.

#pragma once

#include "config/raw_json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// As it is; the schema of a tool without parameters when it is null.
std::string object_schema_text(const RawJson& schema);

// For models that keep to a schema to the letter: no other properties, all of them required, those
// that were optional may be null. Nothing when the schema is too free for that (an object whose
// properties are not named), or no schema.
std::optional<std::string> strict_schema(const RawJson& schema);

// For Anthropic's models that keep to a schema: plain, no other properties, and without the bounds
// that the vendor refuses there; optional ones stay optional. Nothing when it is too free for that.
std::optional<std::string> closed_schema(const RawJson& schema);

// The parameters of the tool by which an older agent speaks, for an agent whose answers have a
// format: the argument `name` is no text then, but any object (json_object) or the object of the
// format's schema (json_schema). As they were for other formats.
RawJson with_answer_format(const RawJson& parameters, std::string_view name,
                           const RawJson& response_format);

// Without defaults and without "or null", an object with properties at the top.
std::string plain_schema(const RawJson& schema);

}  // namespace reverie
