// Server-sent events from any bytes: the same whatever the slices, and never longer than the limit.

#include "runtime/sse_reader.hpp"
#include "tests/fuzz/input.hpp"

#include <string>
#include <utility>
#include <vector>

namespace {

using reverie::Errc;
using reverie::testing::claim;

struct Read {
  std::vector<std::pair<std::string, std::string>> events;  // name, data
  bool is_refused = false;

  bool operator==(const Read&) const = default;
};

Read read(const std::vector<std::string_view>& slices, std::size_t event_bytes_max) {
  Read out;
  reverie::SseReader reader(event_bytes_max);
  const auto on_event = [&](const reverie::SseEvent& event) -> reverie::Status {
    // The line feed that joins the last line is not counted.
    claim(event.name.size() <= event_bytes_max && event.data.size() <= event_bytes_max + 1,
          "an event is not longer than the limit");
    claim(event.data.find('\r') == std::string_view::npos, "a line ends at a carriage return");
    out.events.emplace_back(event.name, event.data);
    return {};
  };
  reverie::Status status;
  for (const std::string_view slice : slices)
    if (status) status = reader.feed(slice, on_event);
  if (status) status = reader.finish(on_event);
  out.is_refused = !status;
  if (!status) claim(status.error().code == Errc::llm_server_error, "the error is the host's");
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = reverie::testing::sliced(reverie::testing::view(data, size));
  for (const std::size_t event_bytes_max : {std::size_t{48}, std::size_t{1} << 20})
    claim(read({input.whole}, event_bytes_max) == read(input.slices, event_bytes_max),
          "the cuts do not matter");
  return 0;
}
