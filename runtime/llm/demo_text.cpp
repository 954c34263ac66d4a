#include "runtime/llm/demo_text.hpp"

#include <algorithm>

namespace reverie::demo {

namespace {

constexpr std::string_view white_space = " \t\r\n";

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9') || c == '_' || c == '\''
         || static_cast<unsigned char>(c) >= 0x80;
}

bool is_word_end(std::string_view text, std::size_t at) {
  return at >= text.size() || !is_word_char(text[at]);
}

// The place of `phrase` (in lower case) in `text` as whole words, npos when it is not there.
std::size_t find_phrase(std::string_view text, std::string_view phrase) {
  for (std::size_t i = 0; i + phrase.size() <= text.size(); ++i) {
    if (i > 0 && is_word_char(text[i - 1])) continue;
    const auto same = [](char a, char b) { return a == to_lower(b); };
    if (std::equal(phrase.begin(), phrase.end(), text.begin() + static_cast<std::ptrdiff_t>(i),
                   same)
        && is_word_end(text, i + phrase.size()))
      return i;
  }
  return text.npos;
}

// "St", "Dr", "Mrs", one initial: a point behind these is no end.
bool is_abbreviation(std::string_view text, std::size_t point) {
  std::size_t begin = point;
  while (begin > 0 && is_word_char(text[begin - 1])) --begin;
  const std::string_view word = text.substr(begin, point - begin);
  if (word.empty() || !is_upper(word[0])) return false;
  return word == "St" || word == "Dr" || word == "Mr" || word == "Mrs" || word == "Ms"
         || (word.size() == 1 && word != "I");
}

bool ends_sentence(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '\n' || c == ';') return true;
  if (c != '.' && c != '!' && c != '?') return false;
  if (at + 1 < text.size() && white_space.find(text[at + 1]) == white_space.npos) return false;
  return c != '.' || !is_abbreviation(text, at);
}

}  // namespace

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

std::string_view trimmed(std::string_view text, std::string_view also) {
  const auto is_cut = [&](char c) {
    return white_space.find(c) != white_space.npos || also.find(c) != also.npos;
  };
  while (!text.empty() && is_cut(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_cut(text.back())) text.remove_suffix(1);
  return text;
}

std::string capitalised(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z')
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  while (begin < text.size()) {
    if (!is_word_char(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < text.size() && is_word_char(text[end])) ++end;
    words.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

bool take_phrase(std::string_view& text, std::initializer_list<std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    if (text.size() < phrase.size() || lowered(text.substr(0, phrase.size())) != phrase) continue;
    if (!is_word_end(text, phrase.size())) continue;
    text = trimmed(text.substr(phrase.size()));
    return true;
  }
  return false;
}

void skip_phrases(std::string_view& text, std::initializer_list<std::string_view> phrases) {
  do text = trimmed(text, ",:-");
  while (take_phrase(text, phrases));
}

bool has_phrase(std::string_view text, std::initializer_list<std::string_view> phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return find_phrase(text, phrase) != text.npos;
  });
}

std::string_view up_to(std::string_view text, std::initializer_list<std::string_view> ends) {
  std::size_t end = text.size();
  for (const std::string_view phrase : ends) end = std::min(end, find_phrase(text, phrase));
  return trimmed(text.substr(0, end), ",");
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i];
  }
  return out;
}

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!ends_sentence(text, i)) continue;
    sentences.push_back(trimmed(text.substr(begin, i + 1 - begin)));
    begin = i + 1;
  }
  sentences.push_back(trimmed(text.substr(begin)));
  std::erase_if(sentences, [](std::string_view each) { return trimmed(each, ".!?;").empty(); });
  return sentences;
}

}  // namespace reverie::demo
