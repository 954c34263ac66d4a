// URLs that a model or a page names: taken apart by the library that will connect to them, so that
// what is looked at is what is called.

#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {

// Ports and ranges of ports. Immutable, so thread-safe.
class PortSet {
 public:
  PortSet() = default;  // none

  // Each is a number or a range: "443", "8000-8999". Errors: invalid_argument.
  static Result<PortSet> parse(const std::vector<std::string>& texts);

  bool contains(std::uint16_t port) const;

 private:
  std::vector<std::pair<std::uint16_t, std::uint16_t>> ranges_;  // both ends are in it
};

struct WebUrl {
  std::string text;    // normalised, without its fragment
  std::string scheme;  // "http" or "https"
  std::string host;    // in lower case; an IPv6 address in brackets
  std::uint16_t port = 0;
};

// Errors: bad_request: no URL of http or https, one with a user name or a password, or one that is
// longer than 8 KiB; the message is for the model.
Result<WebUrl> parse_web_url(std::string_view text);
// Errors: bad_request: its port is none of these; the message is for the model.
Status check_port(const PortSet& ports, const WebUrl& url);
// `reference` as it stands in what `base` has answered: relative or not.
Result<WebUrl> resolve_web_url(const WebUrl& base, std::string_view reference);

// What links of a page point to: absolute addresses. Links within the page, scripts and data are
// nothing, and so is what is no URL at all.
std::string link_target(const WebUrl& base, std::string_view reference);

}  // namespace reverie
