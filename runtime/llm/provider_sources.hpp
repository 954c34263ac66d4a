// Which model providers this server is to ask: those of the settings file, those whose
// environment variables self-hosters know, and local servers where their kind listens by default.
// A row of `provider_kinds` is all that tells the kinds apart here.

#pragma once

#include "config/environment.hpp"
#include "config/settings.hpp"
#include "runtime/http_client.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// How a kind of provider tells which models it has: a parser each, in discovery.cpp.
enum class Listing : std::uint8_t {
  openai,
  anthropic,
  ollama,
  lmstudio,
  vllm,
  groq,
  together,
  openrouter,
  mistral,
  plain,  // OpenAI's form, all that chats
};

struct ProviderKind {
  std::string_view type;           // on the wire of our API
  std::string_view endpoint_type;  // "model_endpoint_type" of the legacy llm_config
  std::string_view key_variable;
  std::array<std::string_view, 2> url_variables = {};
  std::string_view default_url = {};  // empty: there only when a URL is given
  Listing listing = Listing::plain;
  bool adds_v1 = false;                   // the given URL is the server's root, chat is below /v1
  std::uint16_t local_port = 0;           // where a local server of this kind listens by default
  std::string_view handle_variable = {};  // renames the provider in handles
};

// In the order in which models are listed.
std::span<const ProviderKind> provider_kinds();
// Null for an unknown type.
const ProviderKind* find_provider_kind(std::string_view type);

// A provider with everything that is needed to reach it.
struct ProviderSource {
  std::string name = {};      // the part of a handle before the first slash
  std::string type = {};      // a row of provider_kinds
  std::string base_url = {};  // what /chat/completions or /messages is below; no slash at the end
  std::string api_key = {};   // empty: none is sent
  std::vector<HttpHeader> headers = {};
  std::int64_t concurrency_max = 0;  // 0: the general limit
  // Nobody configured it: it is asked whether it is there, and its absence is no fault.
  bool is_guess = false;

  bool operator==(const ProviderSource&) const = default;
};

// A provider is configured when the file names it, or its key or its URL is in the environment,
// which also overrides the file. With models.discover_local, the local kinds that are not
// configured are looked for at their default ports of the loopback.
// Errors: invalid_argument: the file names a type that is none, or a provider without a URL.
Result<std::vector<ProviderSource>> provider_sources(const ModelSettings& settings,
                                                     const Environment& environment);

// True at the vendor's own address, whose list of models is known and filtered.
bool is_at_vendor(const ProviderSource& source);

// The provider's name as the API shows it: the handles of an OpenAI proxy start with
// "openai-proxy", its provider_name is "openai".
std::string_view shown_provider_name(std::string_view name);

}  // namespace reverie
