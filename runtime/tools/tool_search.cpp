#include "runtime/tools/tool_search.hpp"

#include "config/json.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace reverie {

namespace {

// A word of a name says more about a tool than one of its description.
constexpr double name_weight = 3;
constexpr double tag_weight = 2;
constexpr double description_weight = 1;
constexpr double argument_weight = 0.5;
constexpr double saturation = 1.2;        // k1 of BM25
constexpr std::size_t stem_size_min = 4;  // "search" is found by "searching", "in" not by "index"
constexpr double stem_weight = 0.7;

using Words = std::map<std::string, double, std::less<>>;  // weighted counts

// Letters and digits that follow each other, in lower case; a capital behind a small letter begins
// a new word.
template <class Visit>
void for_each_word(std::string_view text, Visit&& visit) {
  std::string word;
  char before = 0;
  const auto end_word = [&] {
    if (!word.empty()) visit(word);
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && !std::isalnum(byte)) {
      end_word();
    } else {
      if (std::isupper(byte) && std::islower(static_cast<unsigned char>(before))) end_word();
      word += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
    }
    before = c;
  }
  end_word();
}

void add_words(Words& words, std::string_view text, double weight) {
  for_each_word(text, [&](const std::string& word) { words[word] += weight; });
}

Words words_of(const Tool& tool) {
  Words words;
  add_words(words, tool.name, name_weight);
  add_words(words, tool.description, description_weight);
  if (tool.custom)
    for (const std::string& tag : tool.custom->tags) add_words(words, tag, tag_weight);
  const Json parameters = Json::parse(tool.parameters.text, nullptr, false);
  const auto properties = parameters.find("properties");
  if (!parameters.is_object() || properties == parameters.end() || !properties->is_object())
    return words;
  for (const auto& [name, property] : properties->items()) {
    add_words(words, name, argument_weight);
    if (property.is_object() && property.contains("description")
        && property["description"].is_string())
      add_words(words, property["description"].get_ref<const std::string&>(), argument_weight);
  }
  return words;
}

// How often the word is there, or one of the same beginning.
double count_of(const Words& words, const std::string& wanted) {
  if (const auto found = words.find(wanted); found != words.end()) return found->second;
  double count = 0;
  if (wanted.size() < stem_size_min) return count;
  for (const auto& [word, weight] : words)
    if (word.size() >= stem_size_min && (word.starts_with(wanted) || wanted.starts_with(word)))
      count += stem_weight * weight;
  return count;
}

}  // namespace

std::vector<ToolMatch> search_tools(const std::vector<ToolPointer>& tools, std::string_view query,
                                    std::size_t limit) {
  std::vector<std::string> wanted;
  for_each_word(query, [&](const std::string& word) {
    if (std::find(wanted.begin(), wanted.end(), word) == wanted.end()) wanted.push_back(word);
  });
  std::vector<ToolMatch> matches;
  if (wanted.empty()) {
    for (const ToolPointer& tool : tools)
      if (matches.size() < limit) matches.push_back({tool, 0});
    return matches;
  }
  std::vector<std::vector<double>> counts;  // of each tool, of each wanted word
  std::vector<double> tools_with(wanted.size());
  for (const ToolPointer& tool : tools) {
    const Words words = words_of(*tool);
    auto& row = counts.emplace_back();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      row.push_back(count_of(words, wanted[i]));
      if (row.back() > 0) ++tools_with[i];
    }
  }
  double best_possible = 0;
  std::vector<double> rarity;
  for (const double with : tools_with) {
    rarity.push_back(std::log(1 + (static_cast<double>(tools.size()) + 1) / (with + 1)));
    best_possible += rarity.back();
  }
  for (std::size_t i = 0; i < tools.size(); ++i) {
    double score = 0;
    for (std::size_t j = 0; j < wanted.size(); ++j)
      score += rarity[j] * counts[i][j] / (counts[i][j] + saturation);
    if (score > 0) matches.push_back({tools[i], score / best_possible});
  }
  std::stable_sort(matches.begin(), matches.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (matches.size() > limit) matches.resize(limit);
  return matches;
}

}  // namespace reverie
