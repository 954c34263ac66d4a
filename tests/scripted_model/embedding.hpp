// POST /v1/embeddings: vectors that depend on the words alone, so that texts which share words
// are near each other.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::scripted {

// The text in lower case is cut into words of letters and digits. The SHA-256 of a word is read
// as eight big-endian 32-bit numbers v: slot (v >> 1) mod dim gets +1 if v is odd, else -1. The
// sum is scaled to length 1.
std::vector<float> embed(std::string_view text, std::size_t dim);

struct EmbeddingRequest {
  std::string model = "scripted-embedding";
  std::vector<std::string> texts;
  std::optional<std::size_t> dimensions;
  bool is_base64 = false;
  std::size_t body_bytes = 0;
};

// None if the body is no JSON object.
std::optional<EmbeddingRequest> read_embedding_request(std::string_view body);

// The body of the answer. Without `dimensions` the model decides, and for an unknown one
// `fallback_dim`.
std::string embeddings_body(const EmbeddingRequest& request, std::size_t fallback_dim);

}  // namespace reverie::scripted
