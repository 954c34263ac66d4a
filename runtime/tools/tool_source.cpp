#include "runtime/tools/tool_source.hpp"

#include "runtime/text.hpp"

#include <algorithm>
#include <array>

namespace reverie {

namespace {

bool is_name_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
         || (c >= 'A' && c <= 'Z');
}

bool take_word(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word)) return false;
  const std::string_view rest = line.substr(word.size());
  const std::size_t blanks = rest.find_first_not_of(" \t");
  if (blanks == 0 || blanks == std::string_view::npos) return false;
  line = rest.substr(blanks);
  return true;
}

// The name that a line at the top level defines; empty for other lines.
std::string_view defined_in(std::string_view line) {
  take_word(line, "async");
  if (!take_word(line, "def")) return {};
  const auto end = std::find_if_not(line.begin(), line.end(), is_name_character);
  const auto size = static_cast<std::size_t>(end - line.begin());
  const std::size_t next = line.find_first_not_of(" \t", size);
  return next != std::string_view::npos && line[next] == '(' ? line.substr(0, size)
                                                             : std::string_view();
}

// Calls `visit(name, offset of the line)` for each function at the top level.
template <class Visit>
void for_each_function(std::string_view source, Visit&& visit) {
  for (std::size_t begin = 0; begin < source.size();) {
    const std::size_t end = std::min(source.find('\n', begin), source.size());
    const std::string_view name = defined_in(source.substr(begin, end - begin));
    if (!name.empty()) visit(name, begin);
    begin = end + 1;
  }
}

}  // namespace

std::optional<std::string> last_python_function(std::string_view source) {
  std::optional<std::string> last;
  for_each_function(source, [&](std::string_view name, std::size_t) { last = std::string(name); });
  return last;
}

bool mentions(std::string_view source, std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t at = source.find(name); at != std::string_view::npos;
       at = source.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || !is_name_character(source[at - 1]);
    if (begins && (end == source.size() || !is_name_character(source[end]))) return true;
  }
  return false;
}

bool defines_function(std::string_view source, std::string_view source_type,
                      std::string_view name) {
  if (source_type != "python") return mentions(source, name);
  bool is_defined = false;
  for_each_function(source,
                    [&](std::string_view each, std::size_t) { is_defined |= each == name; });
  return is_defined;
}

std::string python_summary(std::string_view source, std::string_view function) {
  std::size_t first = source.size();
  std::size_t end = source.size();  // where the next one begins
  for_each_function(source, [&](std::string_view name, std::size_t at) {
    if (name == function) {
      first = at;
      end = source.size();
    } else if (at > first) {
      end = std::min(end, at);
    }
  });
  const std::string_view body = source.substr(first, end - first);
  // What a statement that begins with quotes is: the signature ends in a colon before it.
  constexpr std::array<std::string_view, 2> quotes{R"(""")", "'''"};
  std::size_t begin = std::string_view::npos;
  std::string_view quote;
  for (const std::string_view each : quotes)
    if (const std::size_t at = body.find(each); at < begin) {
      begin = at;
      quote = each;
    }
  if (begin == std::string_view::npos) return {};
  const std::string_view before = stripped(body.substr(0, begin));
  if (!before.ends_with(':') && !before.ends_with(":r")) return {};
  std::string_view text = body.substr(begin + quote.size());
  text = text.substr(0, text.find(quote));
  std::string summary;
  for (text = stripped(text); !text.empty();) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    const std::string_view line = stripped(text.substr(0, size));
    if (line.empty()) break;
    if (!summary.empty()) summary += ' ';
    summary += line;
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return summary;
}

}  // namespace reverie
