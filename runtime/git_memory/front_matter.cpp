#include "runtime/git_memory/front_matter.hpp"

#include "config/json.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <yaml-cpp/yaml.h>

namespace reverie {

namespace {

constexpr std::array<std::string_view, 3> known_members{"description", "read_only", "metadata"};

// Aliases let a few lines stand for billions of nodes, and nodes may hold themselves.
constexpr int nodes_max = 100'000;
constexpr int depth_max = 64;

struct Budget {
  int nodes = nodes_max;
};

bool takes_line(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const std::size_t end = text.find('\n');
  line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

// A scalar without quotes is what JSON says that it is; what JSON does not know is text.
Json plain_scalar(const std::string& text) {
  if (text == "~" || text == "Null" || text == "NULL" || text.empty()) return nullptr;
  if (text == "True" || text == "TRUE") return true;
  if (text == "False" || text == "FALSE") return false;
  Json json = Json::parse(text, nullptr, false);
  if (json.is_number() || json.is_boolean() || json.is_null()) return json;
  return text;
}

// Nothing when the budget is used up or the depth is passed.
std::optional<Json> json_of(const YAML::Node& node, Budget& budget, int depth) {
  if (--budget.nodes < 0 || depth > depth_max) return std::nullopt;
  if (node.IsScalar())  // "!" is the tag of what stands in quotes
    return node.Tag() == "!" ? Json(node.Scalar()) : plain_scalar(node.Scalar());
  if (node.IsSequence()) {
    Json array = Json::array();
    for (const auto& item : node) {
      auto json = json_of(item, budget, depth + 1);
      if (!json) return std::nullopt;
      array.push_back(*std::move(json));
    }
    return array;
  }
  if (!node.IsMap()) return Json(nullptr);
  Json object = Json::object();
  for (const auto& member : node) {
    auto json = json_of(member.second, budget, depth + 1);
    if (!json || !member.first.IsScalar()) return std::nullopt;
    object[member.first.Scalar()] = *std::move(json);
  }
  return object;
}

RawJson raw(const Json& json) {
  return RawJson{json.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

// Metadata that YAML's flow style could not say is JSON in quotes (front_matter_text).
void read_metadata(const Json& member, BlockContent& content) {
  if (member.is_object()) content.metadata = raw(member);
  if (!member.is_string()) return;
  const Json json = Json::parse(member.get_ref<const std::string&>(), nullptr, false);
  if (json.is_object()) content.metadata = raw(json);
}

// Where YAML's readers differ: characters that some take for the end of a line, and those that they
// refuse. All stand inside of quotes when this is called, so that each becomes its escape.
std::string escaped(std::string_view json) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  out.reserve(json.size());
  const auto byte = [&](std::size_t i) {
    return i < json.size() ? static_cast<unsigned char>(json[i]) : 0U;
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const unsigned first = byte(i), second = byte(i + 1), third = byte(i + 2);
    const bool is_c1 = first == 0xc2 && second >= 0x80 && second < 0xa0;  // U+0080 .. U+009F
    const bool is_separator = first == 0xe2 && second == 0x80 && (third | 1U) == 0xa9;  // U+2028/9
    const bool is_mark = first == 0xef && second == 0xbb && third == 0xbf;              // U+FEFF
    const bool is_none = first == 0xef && second == 0xbf && third >= 0xbe;  // U+FFFE, U+FFFF
    unsigned character = 0;
    if (first == 0x7f) character = first;
    if (is_c1) character = second;
    if (is_separator || is_mark || is_none)
      character = (first & 0xfU) << 12U | (second & 0x3fU) << 6U | (third & 0x3fU);
    if (character == 0) {
      out += json[i];
      continue;
    }
    out += "\\u";
    for (unsigned shift = 16; shift > 0; shift -= 4) out += hex[character >> (shift - 4) & 0xfU];
    i += first == 0x7f ? 0 : is_c1 ? 1 : 2;
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  return escaped(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool is_word(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 9> words{"true", "false", "null", "yes", "no",
                                                  "on",   "off",   "y",    "n"};
  return std::find(words.begin(), words.end(), lower) != words.end();
}

// Whether every reader of YAML takes the text, without quotes, for this text.
bool is_plain(std::string_view text) {
  if (text.empty() || !std::isalpha(static_cast<unsigned char>(text.front()))) return false;
  if (text.ends_with(' ') || text.ends_with(':') || is_word(text)) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos)
    return false;
  return in_quotes(text).size() == text.size() + 2;  // nothing in it had to be escaped
}

std::string metadata_text(const RawJson& metadata) {
  const std::string json = escaped(metadata.text);
  BlockContent read;
  const bool is_flow = read_front_matter("metadata: " + json + "\n", read);
  return is_flow && read.metadata == metadata ? json : in_quotes(metadata.text);
}

// The key of a line that begins a member of the mapping; empty: the line goes on with the last.
std::string_view key_of(std::string_view line) {
  if (line.empty() || line.front() == ' ' || line.front() == '\t' || line.front() == '#'
      || line.front() == '-')
    return {};
  return line.substr(0, line.find(':'));
}

}  // namespace

std::optional<FileParts> split_front_matter(std::string_view text) {
  std::string_view rest = text, line;
  if (!takes_line(rest, line) || line != "---") return std::nullopt;
  const char* begin = rest.data();
  for (const char* at = begin; takes_line(rest, line); at = rest.data())
    if (line == "---") return FileParts{{begin, static_cast<std::size_t>(at - begin)}, rest};
  return std::nullopt;
}

bool read_front_matter(std::string_view yaml, BlockContent& content) {
  try {
    const YAML::Node node = YAML::Load(std::string(yaml));
    Budget budget;
    const auto json = json_of(node, budget, 0);
    if (!json || !json->is_object()) return false;
    const Json& members = *json;
    if (const auto found = members.find("description"); found != members.end())
      if (!found->is_structured() && !found->is_null())
        content.description =
          found->is_string() ? found->get<std::string>() : node["description"].Scalar();
    if (const auto found = members.find("read_only"); found != members.end())
      content.read_only = *found == Json(true);
    if (const auto found = members.find("metadata"); found != members.end())
      read_metadata(*found, content);
    return true;
  } catch (const YAML::Exception&) {
    return false;
  }
}

std::string front_matter_text(const BlockContent& content) {
  std::string out = "description: ";
  if (!content.description)
    out += "null";
  else
    out += is_plain(*content.description) ? *content.description : in_quotes(*content.description);
  out += '\n';
  if (content.read_only) out += "read_only: true\n";
  if (!content.metadata.is_null() && content.metadata.text != "{}")
    out += "metadata: " + metadata_text(content.metadata) + "\n";
  return out;
}

std::string unknown_members(std::string_view yaml) {
  std::string out;
  std::string_view line;
  bool is_known = false;
  for (const char* at = yaml.data(); takes_line(yaml, line); at = yaml.data()) {
    if (const auto key = key_of(line); !key.empty())
      is_known = std::find(known_members.begin(), known_members.end(), key) != known_members.end();
    if (!is_known) out.append(at, yaml.data());
  }
  return out;
}

}  // namespace reverie
