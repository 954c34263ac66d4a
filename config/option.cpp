#include "config/option.hpp"

#include "config/settings.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

namespace reverie {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>  // what C++20 deduces by itself, and clang from 17 on
Overloaded(Handlers...)->Overloaded<Handlers...>;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::optional<bool> parse_boolean(std::string_view text) {
  const std::string lower = lower_case(text);
  for (const std::string_view yes : {"true", "yes", "on", "1"})
    if (lower == yes) return true;
  for (const std::string_view no : {"false", "no", "off", "0"})
    if (lower == no) return false;
  return std::nullopt;
}

// What a number is multiplied with when `suffix` follows it, 0 when that is no suffix of `unit`.
std::int64_t factor_of(std::string_view suffix, std::string_view unit) {
  if (suffix.empty()) return 1;
  if (unit == "bytes") {
    if (suffix == "KiB") return 1LL << 10;
    if (suffix == "MiB") return 1LL << 20;
    if (suffix == "GiB") return 1LL << 30;
  }
  if (unit == "s") {
    if (suffix == "s") return 1;
    if (suffix == "m") return 60;
    if (suffix == "h") return 3'600;
  }
  return 0;
}

bool is_power_of_two(std::int64_t value) {
  return value > 0 && (value & (value - 1)) == 0;
}

std::optional<std::int64_t> parse_integer(std::string_view text, const Option& option) {
  text = trimmed(text);
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, code] = std::from_chars(text.data(), last, number);
  if (code != std::errc{}) return std::nullopt;
  const std::string_view suffix = trimmed({end, static_cast<std::size_t>(last - end)});
  const std::int64_t factor = factor_of(suffix, option.unit);
  std::int64_t value = 0;
  if (factor == 0 || __builtin_mul_overflow(number, factor, &value)) return std::nullopt;
  if (value < option.min || value > option.max) return std::nullopt;
  if (option.is_power_of_two && !is_power_of_two(value)) return std::nullopt;
  return value;
}

std::optional<std::string> parse_text(std::string_view text, const Option& option) {
  if (option.choices.empty()) return std::string(text);  // spaces around it may be meant
  const auto choice = std::ranges::find(option.choices, lower_case(trimmed(text)));
  if (choice == option.choices.end()) return std::nullopt;
  return std::string(*choice);
}

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = trimmed(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

std::string joined(const auto& items, std::string_view separator) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += separator;
    out += item;
  }
  return out;
}

// The number of single-character edits that make one text of the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t column = 0; column < row.size(); ++column) row[column] = column;
  for (std::size_t line = 1; line <= from.size(); ++line) {
    std::size_t diagonal = std::exchange(row[0], line);
    for (std::size_t column = 1; column < row.size(); ++column) {
      const std::size_t replaced = diagonal + (from[line - 1] == to[column - 1] ? 0 : 1);
      diagonal = row[column];
      row[column] = std::min({replaced, diagonal + 1, row[column - 1] + 1});
    }
  }
  return row.back();
}

Error refused(const Option& option, std::string_view text) {
  const std::string value = option.is_secret ? "the value (hidden)" : "'" + std::string(text) + "'";
  return {Errc::invalid_argument, value + " is not " + option.allowed(), std::string(option.name)};
}

}  // namespace

std::string Option::flag() const {
  std::string out = "--" + std::string(name);
  std::ranges::replace(out, '_', '-');
  return out;
}

std::string Option::variable() const {
  std::string out = "REVERIE_";
  for (const char c : name)
    out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

std::string_view Option::type_name() const {
  constexpr std::string_view names[] = {"boolean", "integer", "text", "list"};
  return names[member.index()];
}

std::string Option::allowed() const {
  switch (member.index()) {
    case 0: return "true or false";
    case 1: {
      std::string out = is_power_of_two ? "a power of two" : "an integer";
      out += " from " + std::to_string(min) + " to " + std::to_string(max);
      if (!unit.empty()) out += " (" + std::string(unit) + ")";
      return out;
    }
    case 2: return choices.empty() ? "a text" : "one of " + joined(choices, ", ");
    default: return "a list of texts";
  }
}

std::string Option::value(const Settings& settings) const {
  auto& readable = const_cast<Settings&>(settings);  // the accessors are shared with set()
  return std::visit(
    Overloaded{
      [&](bool& (*at)(Settings&)) -> std::string { return at(readable) ? "true" : "false"; },
      [&](std::int64_t& (*at)(Settings&)) { return std::to_string(at(readable)); },
      [&](std::string& (*at)(Settings&)) { return at(readable); },
      [&](std::vector<std::string>& (*at)(Settings&)) { return joined(at(readable), ","); },
    },
    member);
}

std::string Option::shown(const Settings& settings) const {
  std::string text = value(settings);
  if (is_secret) return text.empty() ? "not set" : "set (hidden)";
  return text;
}

Status Option::set(Settings& settings, std::string_view text) const {
  const auto keep = [&](auto& target, const auto& parsed) -> Status {
    if (!parsed) return refused(*this, text);
    target = *parsed;
    return {};
  };
  return std::visit(
    Overloaded{
      [&](bool& (*at)(Settings&)) { return keep(at(settings), parse_boolean(trimmed(text))); },
      [&](std::int64_t& (*at)(Settings&)) {
        return keep(at(settings), parse_integer(text, *this));
      },
      [&](std::string& (*at)(Settings&)) { return keep(at(settings), parse_text(text, *this)); },
      [&](std::vector<std::string>& (*at)(Settings&)) {
        return keep(at(settings), std::optional(parse_list(text)));
      },
    },
    member);
}

const Option* find_option(std::string_view name) {
  for (const Option& option : options())
    if (option.name == name) return &option;
  return nullptr;
}

std::string_view nearest_option(std::string_view name) {
  std::string_view best;
  std::size_t best_distance = name.size() / 3 + 2;  // farther ones are another word
  for (const Option& option : options()) {
    const std::size_t distance = edit_distance(name, option.name);
    if (distance >= best_distance) continue;
    best = option.name;
    best_distance = distance;
  }
  return best;
}

}  // namespace reverie
