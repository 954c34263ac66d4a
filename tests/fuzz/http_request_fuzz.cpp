// HTTP requests from any bytes: the same whatever the slices, and nothing beyond the limits. A
// wrong header is refused when it is seen or when it has ended: only that depends on the slices.

#include "net/request_parser.hpp"
#include "tests/fuzz/input.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using reverie::HttpRequest;
using reverie::testing::claim;

struct Limits {
  std::size_t header_bytes_max;
  std::size_t body_bytes_max;
};

struct Parsed {
  int refusal = 0;
  std::optional<HttpRequest> request;
  std::size_t used = 0;
};

// As a connection feeds it: what the parser left comes again, in front of the next slice.
Parsed parse(const reverie::testing::SlicedText& input, Limits limits) {
  reverie::RequestParser parser(limits.header_bytes_max, limits.body_bytes_max, "/letta");
  Parsed out;
  std::size_t arrived = 0;
  for (const std::string_view slice : input.slices) {
    arrived += slice.size();
    out.used += parser.feed(input.whole.substr(out.used, arrived - out.used));
    claim(out.used <= arrived, "no byte is taken that did not come");
    if (parser.is_complete() || parser.refusal() != 0) break;
  }
  out.refusal = parser.refusal();
  if (parser.is_complete()) out.request = parser.take();
  return out;
}

void claim_request(const Parsed& parsed, Limits limits) {
  const int refusal = parsed.refusal;
  claim(refusal == 0 || refusal == 400 || refusal == 413 || refusal == 431 || refusal == 505,
        "a refusal is one of the documented");
  if (!parsed.request) return;
  claim(refusal == 0, "a request is refused or complete");
  claim(parsed.request->body.size() <= limits.body_bytes_max, "a body is within its limit");
  claim(parsed.request->path.starts_with('/'), "a path starts at the root");
  claim(parsed.request->path.find('\0') == std::string::npos, "a path holds no zero byte");
}

bool is_same(const Parsed& a, const Parsed& b) {
  if (a.refusal != 0 && b.refusal != 0) return a.refusal == b.refusal;
  if (a.request.has_value() != b.request.has_value()) return false;
  if (!a.request) return true;
  const HttpRequest& x = *a.request;
  const HttpRequest& y = *b.request;
  return a.used == b.used && x.method == y.method && x.path == y.path && x.segments == y.segments
         && x.query == y.query && x.body == y.body
         && std::equal(x.headers.begin(), x.headers.end(), y.headers.begin(), y.headers.end(),
                       [](const reverie::Header& h, const reverie::Header& k) {
                         return h.name == k.name && h.value == k.value;
                       });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto cut = reverie::testing::sliced(reverie::testing::view(data, size));
  reverie::testing::SlicedText whole{cut.whole, {cut.whole}};
  // Where the header comes near its limit, the cuts decide how much of it is seen at once.
  constexpr Limits small{256, 64};
  constexpr Limits large{64 * 1024, 64 * 1024};
  claim_request(parse(cut, small), small);
  const Parsed parsed = parse(cut, large);
  claim_request(parsed, large);
  claim(is_same(parsed, parse(whole, large)), "the cuts do not matter");
  return 0;
}
