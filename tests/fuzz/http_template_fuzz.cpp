// The source of a tool that is a request, and behind the first zero byte the arguments of a call as
// JSON. What arguments are filled in stays in its place.

#include "config/json.hpp"
#include "config/json_text.hpp"
#include "runtime/web/content_type.hpp"
#include "runtime/web/http_template.hpp"
#include "runtime/web/web_url.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>
#include <string>

namespace {

using reverie::FilledRequest;
using reverie::HttpTemplate;
using reverie::Json;
using reverie::testing::claim;

const std::map<std::string, std::string> variables{{"KEY", "a \"key\"&\x7f/"}, {"T", "t"}};

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

// How often the character is in what is in front of the query.
std::ptrdiff_t count_in_path(const std::string& url, char c) {
  const std::string_view path = std::string_view(url).substr(0, url.find('?'));
  return std::count(path.begin(), path.end(), c);
}

void claim_request(const FilledRequest& request) {
  claim(static_cast<bool>(reverie::parse_web_url(request.url)), "what is asked for is a URL");
  std::string type = "application/json";
  for (const reverie::HttpHeader& header : request.headers) {
    claim(!has_control(header.name) && !has_control(header.value), "a header is one line");
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (name == "content-type") {
      type = reverie::media_type(header.value);
      break;
    }
  }
  if (!request.body.empty() && (type == "application/json" || type.ends_with("+json")))
    claim(Json::accept(request.body), "a JSON body is JSON");
}

// Two calls of one tool differ in what is in the gaps alone.
void claim_same_place(const FilledRequest& one, const FilledRequest& other) {
  const auto a = reverie::parse_web_url(one.url);
  const auto b = reverie::parse_web_url(other.url);
  claim(a && b && a->scheme == b->scheme && a->host == b->host && a->port == b->port,
        "no argument changes where a request goes");
  claim(one.method == other.method, "no argument changes the method");
  claim(count_in_path(one.url, '/') == count_in_path(other.url, '/'),
        "no argument adds a segment to the path");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = reverie::testing::view(data, size);
  const std::size_t end = std::min(input.find('\0'), input.size());
  const auto request = HttpTemplate::parse(input.substr(0, end));
  if (!request) {
    claim(!request.error().message.empty(), "an error says why");
    return 0;
  }
  Json plain = Json::object();
  for (const std::string& name : request->arguments()) plain[name] = "x";
  const auto simple = request->fill(plain, variables);
  if (simple) claim_request(*simple);

  const std::string_view text = input.substr(std::min(end + 1, input.size()));
  if (reverie::is_too_deep(text)) return 0;
  const Json arguments = Json::parse(text, nullptr, false);
  if (!arguments.is_object()) return 0;
  const auto filled = request->fill(arguments, variables);
  if (!filled) return 0;
  claim_request(*filled);
  if (simple) claim_same_place(*simple, *filled);
  return 0;
}
