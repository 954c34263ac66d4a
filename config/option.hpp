// One thing that can be set: its names, its bounds, and how a text becomes its value and
// back. The list of all of them is options() in config/settings.hpp.

#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reverie {

struct Settings;

// All texts live as long as the program.
struct Option {
  using Member =
    std::variant<bool& (*)(Settings&), std::int64_t& (*)(Settings&), std::string& (*)(Settings&),
                 std::vector<std::string>& (*)(Settings&)>;

  std::string_view name;  // "server.port": the key in the file
  Member member;
  std::string_view unit = {};  // "s", "bytes", ... empty: a plain count or a text
  std::int64_t min = 0;        // of integers
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string_view> choices = {};  // of texts; empty: any text
  std::string_view doc;                        // one line
  std::string_view source = {};                // where the default's number comes from
  std::vector<std::string_view> aliases = {};  // other environment variables, the first set wins
  std::string_view short_flag = {};            // of `serve`: "--port"
  bool is_secret = false;                      // never printed
  bool is_power_of_two = false;

  std::string flag() const;      // "--server.body-bytes-max"
  std::string variable() const;  // "REVERIE_SERVER_BODY_BYTES_MAX"
  std::string_view type_name() const;
  std::string allowed() const;  // "an integer from 0 to 65535"
  bool is_boolean() const { return member.index() == 0; }

  // The value as it could be written again; a list with commas. Secrets: as they are.
  std::string value(const Settings& settings) const;
  // The same for people's eyes: secrets as "set (hidden)" or "not set".
  std::string shown(const Settings& settings) const;

  // Parses and checks. Bytes may carry KiB, MiB or GiB, seconds s, m or h.
  // Errors: invalid_argument; the message names the option, the value and what is allowed.
  Status set(Settings& settings, std::string_view text) const;
};

const Option* find_option(std::string_view name);  // null: there is none

// The option whose name is nearest to a misspelt one, empty when none is near.
std::string_view nearest_option(std::string_view name);

}  // namespace reverie
