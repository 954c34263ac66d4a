#include "config/failpoint.hpp"

#include "config/log_line.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <string>

#include <unistd.h>

namespace reverie {

namespace {

constexpr std::string_view failpoint_variable = "REVERIE_FAILPOINT";
constexpr std::string_view trace_all = "trace";

struct Armed {
  std::size_t index = failpoint_names.size();  // no place: all are logged
  std::int64_t count = 1;
};

Armed armed;
std::array<std::atomic<std::int64_t>, failpoint_names.size()> passings{};

Error unknown_failpoint(std::string_view name) {
  std::string message = "there is no failpoint '" + std::string(name) + "'; there are:";
  for (const std::string_view each : failpoint_names) message.append(" ").append(each);
  return {Errc::invalid_argument, std::move(message), std::string(failpoint_variable)};
}

Result<Armed> read_failpoint(std::string_view text) {
  if (text == trace_all) return Armed{};
  const std::size_t at = std::min(text.find('@'), text.size());
  const std::string_view name = text.substr(0, at);
  const auto found = std::find(failpoint_names.begin(), failpoint_names.end(), name);
  if (found == failpoint_names.end()) return unknown_failpoint(name);
  Armed result{static_cast<std::size_t>(found - failpoint_names.begin()), 1};
  if (at == text.size()) return result;
  const std::string_view number = text.substr(at + 1);
  const auto [end, code] =
    std::from_chars(number.data(), number.data() + number.size(), result.count);
  if (code != std::errc{} || end != number.data() + number.size() || result.count < 1)
    return Error{Errc::invalid_argument,
                 "'" + std::string(number) + "' does not say how often the failpoint is passed",
                 std::string(failpoint_variable)};
  return result;
}

}  // namespace

Status arm_failpoints(const Environment& environment) {
  const auto text = environment.get(failpoint_variable);
  failpoints_are_armed = false;
  if (!text) return {};
  REVERIE_TRY(armed, read_failpoint(*text));
  for (auto& count : passings) count = 0;
  failpoints_are_armed = true;
  log_warn("failpoint: this server is made to fail at={}", *text);
  return {};
}

void pass_failpoint(Failpoint point) {
  const std::int64_t count = ++passings[point.index()];
  if (armed.index == failpoint_names.size()) {
    log_info("failpoint: passed name={} count={}", failpoint_names[point.index()], count);
    return;
  }
  if (point.index() != armed.index || count != armed.count) return;
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();  // the signal may take this thread a moment later than others
}

}  // namespace reverie
