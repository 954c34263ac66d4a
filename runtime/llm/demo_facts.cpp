#include "runtime/llm/demo_facts.hpp"

#include "runtime/llm/demo_text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace reverie::demo {

namespace {

// Keys of which a person has several, and how each is told back; the others are "your <key> is".
struct KeyWords {
  std::string_view key;
  std::string_view told;  // "you like"
  bool is_single;
};

constexpr std::array key_words{
  KeyWords{"Name", "your name is", true},
  KeyWords{"Lives in", "you live in", true},
  KeyWords{"From", "you are from", true},
  KeyWords{"Works as", "you work as", true},
  KeyWords{"Works at", "you work at", true},
  KeyWords{"Works for", "you work for", true},
  KeyWords{"Age", "you are", true},
  KeyWords{"Born", "you were born", true},
  KeyWords{"Is", "you are", false},
  KeyWords{"Has", "you have", false},
  KeyWords{"Likes", "you like", false},
  KeyWords{"Dislikes", "you don't like", false},
  KeyWords{"Prefers", "you prefer", false},
  KeyWords{"Speaks", "you speak", false},
  KeyWords{"Plays", "you play", false},
  KeyWords{"Studies", "you study", false},
  KeyWords{"Allergic to", "you are allergic to", false},
  KeyWords{"Note", "you want me to remember that", false},
};

const KeyWords* find_key_words(std::string_view key) {
  for (const KeyWords& each : key_words)
    if (each.key == key) return &each;
  return nullptr;
}

// my dog -> your dog, when a value is told back.
std::string seen_from_here(std::string_view value) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> turned{{{"my", "your"},
                                                                                 {"mine", "yours"},
                                                                                 {"me", "you"},
                                                                                 {"I", "you"},
                                                                                 {"I'm", "you are"},
                                                                                 {"am", "are"}}};
  std::string out;
  std::size_t at = 0;
  for (const std::string_view word : words_of(value)) {
    const auto begin = static_cast<std::size_t>(word.data() - value.data());
    out += value.substr(at, begin - at);
    const auto found = std::find_if(turned.begin(), turned.end(),
                                    [&](const auto& each) { return each.first == word; });
    out += found == turned.end() ? word : found->second;
    at = begin + word.size();
  }
  out += value.substr(at);
  return out;
}

std::string comparable(std::string_view text) {
  std::string out = lowered(trimmed(text, ".!,"));
  for (const auto& [from, to] : {std::pair("favorite", "favourite"), std::pair("color", "colour")})
    for (std::size_t at = out.find(from); at != out.npos; at = out.find(from, at + 1))
      out.replace(at, std::string_view(from).size(), to);
  return out;
}

}  // namespace

std::string to_line(const Fact& fact) {
  return fact.key + ": " + fact.value;
}

Fact fact_in_line(std::string_view line) {
  line = trimmed(line);
  std::string_view body = line;
  while (body.starts_with("- ") || body.starts_with("* ")) body.remove_prefix(2);
  const auto colon = body.find(": ");
  // 40: keys are a few words; a colon further on belongs to a sentence.
  if (colon == body.npos || colon == 0 || colon > 40) return {"", std::string(line)};
  return {std::string(body.substr(0, colon)), std::string(trimmed(body.substr(colon + 2), "."))};
}

bool is_single(std::string_view key) {
  const KeyWords* words = find_key_words(key);
  return words == nullptr || words->is_single;
}

bool is_same_key(std::string_view a, std::string_view b) {
  return comparable(a) == comparable(b);
}

bool contradicts(const Fact& a, const Fact& b) {
  if (is_same_key(a.key, b.key)) return is_single(a.key) && a.value != b.value;
  const auto is_pair = [&](std::string_view x, std::string_view y) {
    return (a.key == x && b.key == y) || (a.key == y && b.key == x);
  };
  return comparable(a.value) == comparable(b.value) && is_pair("Likes", "Dislikes");
}

std::string told_back(const std::vector<Fact>& facts) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const auto is_same = [&](const Fact& each) { return each.key == facts[i].key; };
    if (std::any_of(facts.begin(), facts.begin() + static_cast<std::ptrdiff_t>(i), is_same))
      continue;  // told with the first of its key
    std::vector<std::string> values;
    for (const Fact& each : facts)
      if (is_same(each)) values.push_back(seen_from_here(each.value));
    const KeyWords* words = find_key_words(facts[i].key);
    const std::string start =
      words != nullptr ? std::string(words->told) : "your " + lowered(facts[i].key) + " is";
    parts.push_back(start + " " + joined(values));
  }
  return joined(parts);
}

}  // namespace reverie::demo
