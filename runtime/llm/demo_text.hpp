// Small tools for plain words, of the demo model alone. Letters are ASCII here: what is not is
// kept as it is.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::demo {

std::string lowered(std::string_view text);
// Without white space and without the given characters at both ends.
std::string_view trimmed(std::string_view text, std::string_view also = "");
std::string capitalised(std::string_view text);
std::vector<std::string_view> words_of(std::string_view text);

// True when `text` starts with one of `phrases` as whole words, whatever the case; the phrase and
// the space behind it are then cut off `text`.
bool take_phrase(std::string_view& text, std::initializer_list<std::string_view> phrases);
// Takes as many of `phrases` as there are, in any order, with commas between.
void skip_phrases(std::string_view& text, std::initializer_list<std::string_view> phrases);

// Whether one of `phrases` is in `text` as whole words, whatever the case.
bool has_phrase(std::string_view text, std::initializer_list<std::string_view> phrases);

// `text` up to the first of `ends` as whole words, whatever the case.
std::string_view up_to(std::string_view text, std::initializer_list<std::string_view> ends);

// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& parts);

// Sentences with the mark that ends them, if any. A point ends one only before a space or at the
// end, and not behind a short capitalised word: "St. Gallen".
std::vector<std::string_view> sentences_of(std::string_view text);

}  // namespace reverie::demo
