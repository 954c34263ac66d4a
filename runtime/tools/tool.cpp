#include "runtime/tools/tool.hpp"

#include "config/json_text.hpp"

#include <openssl/sha.h>

namespace reverie {

// "tool-" and the first 16 bytes of SHA-256("reverie tool " + name), with the version and variant
// bits of a uuid4.
std::string builtin_tool_id(std::string_view name) {
  const std::string seed = "reverie tool " + std::string(name);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(seed.data()), seed.size(), digest);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x40);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  constexpr char hex[] = "0123456789abcdef";
  std::string id = "tool-";
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += hex[digest[i] >> 4];
    id += hex[digest[i] & 15];
  }
  return id;
}

ToolSpec tool_spec(const Tool& tool) {
  return {tool.name, tool.description, tool.parameters};
}

void append_tool_json(std::string& out, const Tool& tool, std::string_view user_id) {
  out += "{\"id\":";
  append_json_string(out, tool.id);
  out += ",\"tool_type\":";
  append_json_string(out, tool.tool_type);
  out += ",\"description\":";
  append_json_string(out, tool.description);
  out += ",\"source_type\":\"python\",\"name\":";
  append_json_string(out, tool.name);
  out += ",\"tags\":[";
  append_json_string(out, tool.tool_type);
  out += "],\"source_code\":null,\"json_schema\":{\"name\":";
  append_json_string(out, tool.name);
  out += ",\"description\":";
  append_json_string(out, tool.description);
  out += ",\"parameters\":";
  append_json(out, tool.parameters);
  out += "},\"args_json_schema\":null,\"return_char_limit\":";
  append_json(out, tool.return_char_limit);
  out += ",\"pip_requirements\":null,\"npm_requirements\":null,\"default_requires_approval\":null";
  out += ",\"enable_parallel_execution\":";
  append_json(out, tool.enable_parallel_execution);
  out += ",\"created_by_id\":";
  append_json_string(out, user_id);
  out += ",\"last_updated_by_id\":";
  append_json_string(out, user_id);
  out += ",\"metadata_\":{},\"project_id\":null}";
}

}  // namespace reverie
