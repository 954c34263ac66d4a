// Takes the values of secrets out of what a call gives back.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reverie {

class SecretMask {
 public:
  // Values of fewer than four characters are let through: masking "1" or "on" would make every text
  // unreadable and hide nothing.
  explicit SecretMask(const std::vector<std::string>& secrets);

  // Each value, as it is or as JSON writes it in a string, becomes "[secret]". `is_cut`: the text
  // was longer, so that the start of a value at its end is masked as well.
  std::string apply(std::string text, bool is_cut = false) const;

 private:
  std::vector<std::string>
    values_;  // the longest first, so that none hides a part of another alone
};

}  // namespace reverie
