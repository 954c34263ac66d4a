#include "runtime/web/web_url.hpp"

#include "runtime/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>

#include <curl/curl.h>

namespace reverie {

namespace {

// As most servers: a longer request line is refused by them.
constexpr std::size_t web_url_bytes_max = 8U << 10;

struct CurlUrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};
using CurlUrl = std::unique_ptr<CURLU, CurlUrlDeleter>;

std::string url_part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, CurlUrlDeleter> owned(text);
  return text;
}

Error no_url(std::string_view text, std::string_view why) {
  constexpr std::int64_t shown_max = 200;
  return {Errc::bad_request,
          "'" + std::string(first_characters(text, shown_max)) + "' " + std::string(why), "url"};
}

bool has_blank_or_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
  });
}

// Sets `text`, relative to what `url` holds, and reads what has come of it.
Result<WebUrl> set_url(CURLU* url, std::string_view text) {
  const std::string_view trimmed = stripped(text);
  if (trimmed.size() > web_url_bytes_max) return no_url(text, "is longer than 8 KiB");
  if (trimmed.empty()) return Error{Errc::bad_request, "the URL is empty", "url"};
  if (has_blank_or_control(trimmed)) return no_url(text, "holds a blank or a control character");
  const CURLUcode code = curl_url_set(url, CURLUPART_URL, std::string(trimmed).c_str(),
                                      CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE);
  if (code != CURLUE_OK) return no_url(text, "is no URL such as https://example.org/page");
  WebUrl out;
  out.scheme = lower_ascii(url_part(url, CURLUPART_SCHEME));
  if (out.scheme != "http" && out.scheme != "https")
    return no_url(text, "is no address of the web: only http and https can be fetched");
  if (!url_part(url, CURLUPART_USER).empty() || !url_part(url, CURLUPART_PASSWORD).empty())
    return Error{Errc::bad_request,
                 "the URL holds a user name or a password: pages are fetched without any", "url"};
  out.host = lower_ascii(url_part(url, CURLUPART_HOST));
  const std::string port = url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (out.host.empty() || out.port == 0) return no_url(text, "names no host and port");
  curl_url_set(url, CURLUPART_SCHEME, out.scheme.c_str(), 0);
  curl_url_set(url, CURLUPART_HOST, out.host.c_str(), 0);
  curl_url_set(url, CURLUPART_FRAGMENT, nullptr, 0);
  out.text = url_part(url, CURLUPART_URL);
  if (out.text.empty() || out.text.size() > web_url_bytes_max)
    return no_url(text, "is longer than 8 KiB");
  return out;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (code != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// "mailto:" and the like, which no base makes a web address of.
bool has_other_scheme(std::string_view reference) {
  const auto colon = reference.find(':');
  if (colon == std::string_view::npos || reference.find_first_of("/?#") < colon) return false;
  const std::string scheme = lower_ascii(reference.substr(0, colon));
  return scheme != "http" && scheme != "https";
}

}  // namespace

Result<PortSet> PortSet::parse(const std::vector<std::string>& texts) {
  PortSet set;
  for (const std::string& text : texts) {
    const std::string_view whole = stripped(text);
    const auto dash = whole.find('-');
    const auto first = parse_port(whole.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(whole.substr(dash + 1));
    if (!first || !last || *first > *last)
      return Error{Errc::invalid_argument,
                   "'" + text + "' is no port such as 443, nor a range such as 8000-8999",
                   "web.ports"};
    set.ranges_.emplace_back(*first, *last);
  }
  return set;
}

bool PortSet::contains(std::uint16_t port) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [port](const auto& range) {
    return range.first <= port && port <= range.second;
  });
}

Result<WebUrl> parse_web_url(std::string_view text) {
  const CurlUrl url(curl_url());
  return set_url(url.get(), text);
}

Status check_port(const PortSet& ports, const WebUrl& url) {
  if (ports.contains(url.port)) return {};
  return Error{Errc::bad_request,
               "port " + std::to_string(url.port)
                 + " may not be connected to; web.ports says which may",
               "url"};
}

Result<WebUrl> resolve_web_url(const WebUrl& base, std::string_view reference) {
  const CurlUrl url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, base.text.c_str(), 0) != CURLUE_OK)
    return no_url(base.text, "is no URL");
  // Browsers take blanks in the middle, so pages have them.
  std::string encoded;
  for (const char c : stripped(reference))
    if (c == ' ')
      encoded += "%20";
    else
      encoded += c;
  return set_url(url.get(), encoded);
}

std::string link_target(const WebUrl& base, std::string_view reference) {
  const std::string_view trimmed = stripped(reference);
  if (trimmed.empty() || trimmed.front() == '#') return {};
  if (has_other_scheme(trimmed)) {
    const bool is_for_people = trimmed.starts_with("mailto:") || trimmed.starts_with("tel:");
    return is_for_people ? std::string(trimmed) : std::string();
  }
  auto url = resolve_web_url(base, trimmed);
  return url ? std::move(url->text) : std::string();
}

}  // namespace reverie
