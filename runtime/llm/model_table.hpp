// What is known about models that their vendors' lists do not tell: context windows, output
// limits, whether they reason, and which to offer first.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reverie {

struct KnownModel {
  std::string_view type;    // of the provider
  std::string_view prefix;  // of the model's name; the longest one that fits is taken
  std::int64_t context_window = 0;
  std::int64_t output_tokens_max = 0;
  int rank = 0;  // lower is offered earlier
  bool reasons = false;
};

// Null when nothing is known.
const KnownModel* find_known_model(std::string_view provider_type, std::string_view model);

// Tokens. 30'000 for a model that nobody knows: what the API's clients have been told so far.
std::int64_t known_context_window(std::string_view provider_type, std::string_view model);
std::int64_t known_output_tokens(std::string_view provider_type, std::string_view model);

// yes: it takes an effort or a budget; no: it must not be sent one; unknown: only if asked to.
enum class Reasons : std::uint8_t { no, yes, unknown };
Reasons reasons(std::string_view provider_type, std::string_view model);

// 0 when it is no embedding model that we know.
std::int64_t known_embedding_dim(std::string_view model);

// The name in handles where it differs from the vendor's: "claude-haiku-4-5" for
// "claude-haiku-4-5-20251001".
std::string handle_name(std::string_view provider_type, std::string_view model);

}  // namespace reverie
