#include "actors/input_token.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace reverie {

namespace {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < 16; ++i) {
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 15];
  }
  return hex;
}

// The otids that the client gave, in order, or nothing when a message has none.
std::string otids_of(const RawJson& messages) {
  const Json list = Json::parse(messages.text, nullptr, false);
  std::string otids;
  if (!list.is_array()) return otids;
  for (const Json& message : list) {
    const auto otid = message.is_object() ? message.find("otid") : message.end();
    if (!message.is_object() || otid == message.end() || !otid->is_string()) return {};
    otids += (otids.empty() ? "" : "|") + otid->get<std::string>();
  }
  return otids;
}

}  // namespace

std::vector<std::string> input_tokens(const SendMessage& request) {
  std::vector<std::string> tokens;
  if (!request.idempotency_key.empty())
    tokens.push_back("key:" + sha256_hex(request.idempotency_key));
  if (const std::string otids = otids_of(request.messages); !otids.empty())
    tokens.push_back(otid_token(otids));
  tokens.push_back("body:" + sha256_hex(request.messages.text + "\n" + request.input.text));
  return tokens;
}

bool is_same_input(const SendMessage& request, const SendMessage& earlier) {
  const auto known = input_tokens(earlier);
  const auto tokens = input_tokens(request);
  return std::any_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
    return (request.is_retry || !is_body_token(token))
           && std::find(known.begin(), known.end(), token) != known.end();
  });
}

std::string otid_token(const std::string& otid) {
  return "otid:" + sha256_hex(otid);
}

bool is_body_token(std::string_view token) {
  return token.starts_with("body:");
}

}  // namespace reverie
