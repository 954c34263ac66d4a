// What is known about a person, as lines of a memory block: "Name: Ada", "Likes: green tea".

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reverie::demo {

struct Fact {
  std::string key;    // "Name", "Likes", "Favourite colour"
  std::string value;  // "Ada"

  bool operator==(const Fact&) const = default;
};

// "Name: Ada".
std::string to_line(const Fact& fact);
// Nothing in `key` when the line has not that form; the whole line is then the value.
Fact fact_in_line(std::string_view line);

// True for keys of which there is one: a second name replaces the first, a second liking does not.
bool is_single(std::string_view key);

// Whether two keys mean the same, whatever the case and the spelling: "favorite color".
bool is_same_key(std::string_view a, std::string_view b);
// Whether the two can both be true of one person: nobody both likes and dislikes green tea.
bool contradicts(const Fact& a, const Fact& b);

// To the person whom the facts are about, without a capital and a point: "your name is Ada", "you
// like green tea and jazz".
std::string told_back(const std::vector<Fact>& facts);

}  // namespace reverie::demo
