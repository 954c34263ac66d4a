#include "runtime/mcp/mcp_variables.hpp"

#include "runtime/text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace reverie {

namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

bool is_variable_name(std::string_view name) {
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front()))
         && std::all_of(name.begin(), name.end(),
                        [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

}  // namespace

Result<std::string> with_variables(std::string_view text,
                                   const std::map<std::string, std::string>& values) {
  std::string out;
  for (;;) {
    const auto begin = text.find(opening);
    const auto end = begin == text.npos ? text.npos : text.find(closing, begin + opening.size());
    if (end == text.npos) return out += text;
    const std::string_view inside =
      text.substr(begin + opening.size(), end - begin - opening.size());
    const auto bar = inside.find('|');
    const std::string_view name = stripped(inside.substr(0, bar));
    if (!is_variable_name(name)) {
      out += text.substr(0, begin + opening.size());
      text.remove_prefix(begin + opening.size());
      continue;
    }
    out += text.substr(0, begin);
    if (const auto found = values.find(std::string(name)); found != values.end())
      out += found->second;
    else if (bar != inside.npos)
      out += stripped(inside.substr(bar + 1));
    else
      return Error{Errc::invalid_argument,
                   "the MCP server wants the variable " + std::string(name)
                     + ", which is no secret of the agent",
                   std::string(name)};
    text.remove_prefix(end + closing.size());
  }
}

}  // namespace reverie
