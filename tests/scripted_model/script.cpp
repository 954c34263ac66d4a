#include "tests/scripted_model/script.hpp"

#include "tests/scripted_model/json_cursor.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace reverie::scripted {
namespace {

constexpr std::string_view white_space = " \t\r\n\f\v";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_tool_character(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '-';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::chrono::microseconds duration(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || value < 0) return {};
  const auto unit = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  if (!unit.empty() && unit != "ms" && unit != "s") return {};
  return std::chrono::microseconds(static_cast<std::int64_t>(value * (unit == "s" ? 1e6 : 1e3)));
}

// What stands behind the name of a directive: `text` is all of it; `word` its first word that is
// no `name=value`.
struct Argument {
  std::string_view text;
  std::string_view word;
  std::map<std::string_view, std::int64_t> numbers;  // the `name=value` words

  explicit Argument(std::string_view whole) : text(trimmed(whole)) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(white_space, at), text.size());
      add(text.substr(at, end - at));
      at = std::min(text.find_first_not_of(white_space, end), text.size());
    }
  }

  std::optional<std::int64_t> number(std::string_view name) const {
    const auto found = numbers.find(name);
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
  }

  std::optional<std::size_t> count(std::string_view name) const {
    const auto value = number(name);
    return value && *value >= 0 ? std::optional(static_cast<std::size_t>(*value)) : std::nullopt;
  }

 private:
  void add(std::string_view part) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      if (word.empty()) word = part;
    } else if (const auto value = integer(part.substr(equals + 1))) {
      numbers[part.substr(0, equals)] = *value;
    }
  }
};

void set_chunks(Step& step, const Argument& argument) {
  step.chunks =
    static_cast<std::size_t>(std::max<std::int64_t>(1, integer(argument.word).value_or(1)));
}

void set_error(Step& step, const Argument& argument) {
  step.error = argument.word.empty() ? "500" : argument.word;
  step.error_requests = argument.number("n");
}

void set_hang(Step& step, const Argument& argument) {
  step.hang_after = argument.count("after");
  step.hangs = !step.hang_after;
}

void set_malformed(Step& step, const Argument& argument) {
  if (argument.word == "args")
    step.malformed = Malformed::args;
  else
    step.malformed = argument.word == "empty" ? Malformed::empty : Malformed::body;
}

void set_usage(Step& step, const Argument& argument) {
  step.prompt_tokens = argument.number("prompt");
  step.completion_tokens = argument.number("completion");
  step.cached_tokens = argument.number("cached");
  step.reasoning_tokens = argument.number("reasoning");
}

struct Modifier {
  std::string_view name;
  void (*apply)(Step&, const Argument&);
};

constexpr std::array modifiers{
  Modifier{"text", [](Step& step, const Argument& argument) { step.say = argument.text; }},
  Modifier{"reason", [](Step& step, const Argument& argument) { step.reason = argument.text; }},
  Modifier{"delay", [](Step& step, const Argument& a) { step.delay = duration(a.text); }},
  Modifier{"drop",
           [](Step& step, const Argument& a) { step.drop_after = a.count("after").value_or(0); }},
  Modifier{"finish",
           [](Step& step, const Argument& a) { step.finish = a.word.empty() ? "stop" : a.word; }},
  Modifier{"chunks", set_chunks},
  Modifier{"error", set_error},
  Modifier{"hang", set_hang},
  Modifier{"malformed", set_malformed},
  Modifier{"usage", set_usage},
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Script> parse() {
    while (find_directive()) {
      if (name_ == "call")
        call();
      else
        directive(Argument(rest()));
    }
    if (is_modified_) script_.steps.push_back(std::move(next_));
    if (!has_directive_) return std::nullopt;
    return std::move(script_);
  }

 private:
  // Reads the name of the next directive; what follows it is next.
  bool find_directive() {
    while ((at_ = text_.find("[[", at_)) != std::string_view::npos) {
      std::size_t begin = std::min(text_.find_first_not_of(white_space, at_ + 2), text_.size());
      std::size_t end = begin;
      while (end < text_.size() && is_letter(text_[end])) ++end;
      if (end > begin && (end == text_.size() || !is_digit(text_[end]))) {
        name_.assign(text_.substr(begin, end - begin));
        std::transform(name_.begin(), name_.end(), name_.begin(), lower);
        at_ = end;
        return true;
      }
      ++at_;
    }
    return false;
  }

  // All up to the closing brackets, which it steps over.
  std::string_view rest() {
    const std::size_t end = text_.find("]]", at_);
    const std::string_view found =
      text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
    return found;
  }

  void directive(const Argument& argument) {
    const auto modifier = std::find_if(modifiers.begin(), modifiers.end(),
                                       [this](const Modifier& m) { return m.name == name_; });
    if (modifier != modifiers.end()) {
      modifier->apply(next_, argument);
      is_modified_ = true;
    } else if (name_ == "say") {
      next_.say = argument.text;
      finish_step();
      has_group_ = false;
    } else if (name_ == "loop") {
      script_.is_loop = true;
    } else if (name_ == "parallel" || name_ == "serial" || name_ == "step") {
      if (name_ != "step") is_parallel_ = name_ == "parallel";
      has_group_ = false;
    } else {
      return;
    }
    has_directive_ = true;
  }

  void call() {
    std::size_t begin = std::min(text_.find_first_not_of(white_space, at_), text_.size());
    std::size_t end = begin;
    while (end < text_.size() && is_tool_character(text_[end])) ++end;
    if (end == begin) {
      rest();
      return;
    }
    Call call{std::string(text_.substr(begin, end - begin)), "{}"};
    at_ = std::min(text_.find_first_not_of(white_space, end), text_.size());
    if (at_ < text_.size() && text_[at_] == '{') call.arguments = arguments();
    rest();
    has_directive_ = true;
    if (has_group_ && !is_modified_) {
      script_.steps.back().calls.push_back(std::move(call));
      return;
    }
    next_.calls.push_back(std::move(call));
    finish_step();
    has_group_ = is_parallel_;
  }

  // The arguments may hold the closing brackets themselves, so JSON decides where they end.
  std::string arguments() {
    JsonCursor cursor(text_.substr(at_));
    const std::string_view json = cursor.value();
    if (!cursor.ok()) {
      const std::size_t end = std::min(text_.find("]]", at_), text_.size());
      const std::string_view broken = text_.substr(at_, end - at_);
      at_ = end;
      return std::string(trimmed(broken));
    }
    at_ += cursor.position();
    return std::string(json);
  }

  void finish_step() {
    script_.steps.push_back(std::move(next_));
    next_ = Step{};
    is_modified_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string name_;
  Script script_;
  Step next_;                 // collects modifiers for the step that comes next
  bool is_modified_ = false;  // next_ holds something
  bool is_parallel_ = false;
  bool has_group_ = false;  // the last step takes more calls
  bool has_directive_ = false;
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

std::optional<Script> parse_script(std::string_view text) {
  return Parser(text).parse();
}

std::string without_directives(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find("[[", at);
    const std::size_t close = open == std::string_view::npos ? open : text.find("]]", open);
    if (close == std::string_view::npos) {
      out += text.substr(at);
      break;
    }
    out += text.substr(at, open - at);
    at = close + 2;
  }
  return std::string(trimmed(out));
}

}  // namespace reverie::scripted
