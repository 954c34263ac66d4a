// The API's `model_settings`: a union over `provider_type` that says in newer words what the
// legacy llm_config says. It is written into that, and read back from it.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "config/raw_json.hpp"
#include "runtime/llm/llm_config.hpp"

#include <string>
#include <string_view>

namespace reverie {

// Which member of the union speaks about a provider of this type; "openai" for those that have
// none of their own.
std::string_view settings_type_of(std::string_view provider_type);

// What the settings do not say: the defaults of the API's schema, or what `config` says already.
enum class Absent : std::uint8_t { schema_default, keep };

// {"type": "text" | "json_object"} or {"type": "json_schema", "json_schema": {...}}; null is text.
// Errors: invalid_argument, `where` begins with "response_format".
Status check_response_format(const Json& format);

// Writes `settings`, as a client sent them, into `config`. Errors: invalid_argument, with the path
// of the wrong member in `where`.
Status apply_model_settings(const RawJson& settings, std::string_view provider_type, Absent absent,
                            LlmConfig& config);

// `is_parallel` apart from `config`: settings that nobody sent show their default, true, while
// the legacy config that the calls go by has its own, false.
std::string model_settings_text(const LlmConfig& config, std::string_view provider_type,
                                bool is_parallel);

}  // namespace reverie
