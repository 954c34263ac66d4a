#include "config/ids.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>

namespace reverie {

namespace {

constexpr std::string_view prefixes[] = {
  // in the order of Prefix
  "agent",   "agent-env",   "archive", "batch_item", "batch_req", "block",          "conv",
  "file",    "file_agent",  "group",   "identity",   "job",       "mcp-oauth",      "mcp_server",
  "message", "model",       "org",     "passage",    "provider",  "provider_trace", "run",
  "sandbox", "sandbox-env", "source",  "step",       "tool",      "tool_rule",      "user",
};
static_assert(std::size(prefixes) == static_cast<std::size_t>(Prefix::user) + 1);

constexpr std::size_t uuid_size = 36;
constexpr unsigned home_bits = 14;

bool is_global(Prefix prefix) {
  switch (prefix) {
    case Prefix::identity:
    case Prefix::mcp_server:
    case Prefix::model:
    case Prefix::org:
    case Prefix::provider:
    case Prefix::tool:
    case Prefix::user: return true;
    default: return false;
  }
}

bool is_lower_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_uuid4(std::string_view text) {
  if (text.size() != uuid_size) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_lower_hex(text[i])) return false;
  }
  return text[14] == '4' && std::string_view("89ab").find(text[19]) != std::string_view::npos;
}

struct ParsedId {
  Prefix prefix;
  std::uint16_t top14;
};

// The prefix may itself hold hyphens: it is what stands before the last 37 characters.
std::optional<ParsedId> parse(std::string_view id) {
  if (id.size() < uuid_size + 2) return std::nullopt;
  const auto uuid = id.substr(id.size() - uuid_size);
  const auto name = id.substr(0, id.size() - uuid_size - 1);
  const auto found = std::find(std::begin(prefixes), std::end(prefixes), name);
  if (found == std::end(prefixes) || id[name.size()] != '-' || !is_uuid4(uuid)) return std::nullopt;
  unsigned top16 = 0;
  for (const char c : uuid.substr(0, 4))
    top16 = top16 << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  return ParsedId{static_cast<Prefix>(found - std::begin(prefixes)),
                  static_cast<std::uint16_t>(top16 >> (16 - home_bits))};
}

Error malformed(std::string_view id) {
  return {Errc::invalid_argument, "expected <prefix>-<uuid4>, got '" + std::string(id) + "'", "id"};
}

std::string format(Prefix prefix, std::uint64_t high, std::uint64_t low) {
  high = (high & ~0xf000ULL) | 0x4000ULL;      // version 4
  low = (low & ~(3ULL << 62)) | (2ULL << 62);  // variant 1
  char uuid[uuid_size + 1];
  std::snprintf(uuid, sizeof uuid, "%08x-%04x-%04x-%04x-%012llx", unsigned(high >> 32),
                unsigned(high >> 16 & 0xffff), unsigned(high & 0xffff), unsigned(low >> 48),
                static_cast<unsigned long long>(low & 0xffff'ffff'ffffULL));
  return std::string(to_string(prefix)) + "-" + uuid;
}

}  // namespace

std::string_view to_string(Prefix prefix) {
  return prefixes[static_cast<std::size_t>(prefix)];
}

std::string new_uuid(Random& random) {
  const std::string id = new_id(Prefix::run, random);
  return id.substr(id.size() - uuid_size);
}

std::string new_id(Prefix prefix, Random& random) {
  const std::uint64_t high = random.next();
  return format(prefix, high, random.next());
}

Result<std::string> new_child_id(Prefix prefix, std::string_view parent_id, Random& random) {
  const auto parent = parse(parent_id);
  if (!parent) return malformed(parent_id);
  constexpr unsigned random_bits = 64 - home_bits;
  const std::uint64_t high =
    std::uint64_t{parent->top14} << random_bits | random.next() >> home_bits;
  return format(prefix, high, random.next());
}

std::string uuid_bytes(std::string_view id) {
  std::string bytes;
  int high = -1;
  for (const char c : id.substr(id.size() < uuid_size ? 0 : id.size() - uuid_size)) {
    if (c == '-') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high << 4 | digit);
      high = -1;
    }
  }
  bytes.resize(uuid_bytes_size);
  return bytes;
}

std::string id_of_uuid(Prefix prefix, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id{to_string(prefix)};
  id += '-';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    id += digits[byte >> 4];
    id += digits[byte & 15];
  }
  return id;
}

Result<Home> home_of(std::string_view id) {
  const auto parsed = parse(id);
  if (!parsed) return malformed(id);
  return is_global(parsed->prefix) ? Home::global : Home{parsed->top14};
}

}  // namespace reverie
