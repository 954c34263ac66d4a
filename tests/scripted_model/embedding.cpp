#include "tests/scripted_model/embedding.hpp"

#include "config/json_text.hpp"
#include "tests/scripted_model/catalog.hpp"
#include "tests/scripted_model/reply.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <utf8proc.h>
#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

bool is_word_character(utf8proc_int32_t code_point) {
  const utf8proc_category_t category = utf8proc_category(code_point);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
         || (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

void append_utf8(std::string& out, utf8proc_int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(code_point, bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

// Calls `visit(word)` for each word in lower case; once with an empty one if there is none.
template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  std::string word;
  bool has_word = false;
  for (utf8proc_ssize_t at = 0; at < size;) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(bytes + at, size - at, &code_point);
    at += length > 0 ? length : 1;
    if (length > 0 && is_word_character(code_point)) {
      append_utf8(word, utf8proc_tolower(code_point));
      has_word = true;
    } else if (!word.empty()) {
      visit(word);
      word.clear();
    }
  }
  if (!word.empty() || !has_word) visit(word);
}

void add_word(std::vector<float>& sum, std::string_view word) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(word.data()), word.size(), digest.data());
  for (std::size_t i = 0; i < digest.size(); i += 4) {
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < 4; ++k) value = value << 8U | digest[i + k];
    sum[(value >> 1U) % sum.size()] += (value & 1U) != 0 ? 1.0F : -1.0F;
  }
}

void append_base64(std::string& out, const std::vector<float>& vector) {
  const std::size_t bytes = vector.size() * sizeof(float);
  std::vector<unsigned char> text(4 * ((bytes + 2) / 3) + 1);
  const int size = EVP_EncodeBlock(
    text.data(), reinterpret_cast<const unsigned char*>(vector.data()), static_cast<int>(bytes));
  out += '"';
  out.append(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size));
  out += '"';
}

void append_numbers(std::string& out, const std::vector<float>& vector) {
  std::array<char, 32> digits{};
  out += '[';
  for (const float value : vector) {
    if (out.back() != '[') out += ',';
    if (value == 0) {  // most of them
      out += '0';
      continue;
    }
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
  }
  out += ']';
}

// A text, a list of texts, or tokens: what they stand for is unknown, so their numbers are words.
std::vector<std::string> texts_of(const nlohmann::json& input) {
  if (input.is_string()) return {input.get<std::string>()};
  if (!input.is_array()) return {};
  if (!input.empty() && input.front().is_number()) return {input.dump()};
  std::vector<std::string> out;
  for (const auto& text : input)
    out.push_back(text.is_string() ? text.get<std::string>() : text.dump());
  return out;
}

}  // namespace

std::vector<float> embed(std::string_view text, std::size_t dim) {
  std::vector<float> vector(dim, 0.0F);
  for_each_word(text, [&](std::string_view word) { add_word(vector, word); });
  double square = 0;
  for (const float value : vector)
    square += static_cast<double>(value) * static_cast<double>(value);
  if (square == 0) {
    vector.front() = 1.0F;
    return vector;
  }
  for (float& value : vector)
    value = static_cast<float>(static_cast<double>(value) / std::sqrt(square));
  return vector;
}

std::optional<EmbeddingRequest> read_embedding_request(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  EmbeddingRequest request;
  request.body_bytes = body.size();
  request.model = json.value("model", request.model);
  request.is_base64 = json.value("encoding_format", "float") == "base64";
  if (const auto found = json.find("input"); found != json.end()) request.texts = texts_of(*found);
  if (const auto found = json.find("dimensions");
      found != json.end() && found->is_number_unsigned() && *found > 0)
    request.dimensions = found->get<std::size_t>();
  return request;
}

std::string embeddings_body(const EmbeddingRequest& request, std::size_t fallback_dim) {
  const std::size_t dim = std::max<std::size_t>(
    1, request.dimensions.value_or(embedding_dim(request.model, fallback_dim)));
  std::string out = R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    if (i > 0) out += ',';
    out += R"({"object":"embedding","index":)" + std::to_string(i) + R"(,"embedding":)";
    const std::vector<float> vector = embed(request.texts[i], dim);
    if (request.is_base64)
      append_base64(out, vector);
    else
      append_numbers(out, vector);
    out += '}';
  }
  out += R"(],"model":)";
  append_json_string(out, request.model);
  const std::string count = std::to_string(tokens(request.body_bytes));
  return out + R"(,"usage":{"prompt_tokens":)" + count + R"(,"total_tokens":)" + count + "}}";
}

}  // namespace reverie::scripted
