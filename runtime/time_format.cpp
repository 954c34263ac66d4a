#include "runtime/time_format.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

namespace reverie {

namespace {

// cctz keeps every zone that was ever asked for, so this is a look-up after the first time. Only
// names of the database are passed on: cctz would take ":/etc/passwd" for the path of a zone file.
std::optional<cctz::time_zone> find_zone(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.front() == ':' || name.size() > 64) return {};
  if (name.find("..") != std::string_view::npos) return {};
  cctz::time_zone zone;
  if (!cctz::load_time_zone(std::string(name), &zone)) return {};
  return zone;
}

cctz::time_zone zone_or_utc(std::string_view name) {
  return find_zone(name).value_or(cctz::utc_time_zone());
}

cctz::time_point<cctz::seconds> whole_seconds(Timestamp time) {
  return std::chrono::floor<cctz::seconds>(time);
}

std::string microseconds_text(Timestamp time) {
  const auto fraction = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  std::string digits = std::to_string(fraction);
  return std::string(6 - digits.size(), '0') + digits;
}

Error bad_date(std::string_view text) {
  return {Errc::invalid_argument,
          "invalid date '" + std::string(text)
            + "', expected ISO 8601: YYYY-MM-DD or YYYY-MM-DDTHH:MM[:SS]",
          ""};
}

// Reads exactly `width` digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return {};
  for (std::size_t i = at; i < at + width; ++i)
    if (text[i] < '0' || text[i] > '9') return {};
  int value = 0;
  std::from_chars(text.data() + at, text.data() + at + width, value);
  return value;
}

std::optional<cctz::civil_day> read_day(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return {};
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day) return {};
  const cctz::civil_day date(*year, *month, *day);
  // A civil day carries over: the 30th of February is the 2nd of March, and no date.
  if (date.month() != *month || date.day() != *day) return {};
  return date;
}

// "hh:mm[:ss[.fraction]]" behind the date, without an offset.
std::optional<std::chrono::seconds> read_time_of_day(std::string_view text) {
  const auto hour = digits(text, 0, 2);
  const auto minute = digits(text, 3, 2);
  if (!hour || !minute || text[2] != ':' || *hour > 23 || *minute > 59) return {};
  int second = 0;
  if (text.size() > 5) {
    const auto read = digits(text, 6, 2);
    if (!read || text[5] != ':' || *read > 59) return {};
    second = *read;
  }
  if (text.size() > 8 && (text[8] != '.' || !digits(text, 9, text.size() - 9))) return {};
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(second);
}

bool has_offset(std::string_view time) {
  return time.find_first_of("Z+-") != std::string_view::npos;
}

Timestamp start_of(const cctz::civil_second& local, const cctz::time_zone& zone) {
  return std::chrono::time_point_cast<std::chrono::microseconds>(cctz::convert(local, zone));
}

struct Moment {
  Timestamp time;
  std::optional<cctz::civil_day> day;  // set: the text was a date alone
};

Result<Moment> read_moment(std::string_view text, std::string_view timezone) {
  const auto day = read_day(text);
  if (!day) return bad_date(text);
  const cctz::time_zone zone = zone_or_utc(timezone);
  if (text.size() == 10) return Moment{start_of(cctz::civil_second(*day), zone), day};
  if (text[10] != 'T' && text[10] != ' ') return bad_date(text);
  const std::string_view rest = text.substr(11);
  if (has_offset(rest)) {
    std::string rfc3339(text);
    rfc3339[10] = 'T';
    const auto time = from_rfc3339(rfc3339);
    if (!time) return bad_date(text);
    return Moment{*time, {}};
  }
  const auto time_of_day = read_time_of_day(rest);
  if (!time_of_day) return bad_date(text);
  return Moment{start_of(cctz::civil_second(*day) + time_of_day->count(), zone), {}};
}

}  // namespace

bool is_timezone(std::string_view name) {
  return find_zone(name).has_value();
}

std::string local_time_text(Timestamp time, std::string_view timezone) {
  return cctz::format("%Y-%m-%d %I:%M:%S %p %Z%z", whole_seconds(time), zone_or_utc(timezone));
}

std::string to_iso_seconds(Timestamp time) {
  std::string text = to_rfc3339(time);
  text.resize(19);
  return text + "+00:00";
}

std::string to_iso_local(Timestamp time, std::string_view timezone) {
  const cctz::time_zone zone = zone_or_utc(timezone);
  const auto seconds = whole_seconds(time);
  return cctz::format("%Y-%m-%dT%H:%M:%S", seconds, zone) + "." + microseconds_text(time)
         + cctz::format("%Ez", seconds, zone);
}

std::string time_ago(Timestamp time, Timestamp now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - time).count();
  constexpr std::pair<std::int64_t, std::string_view> units[] = {
    {86'400, "d ago"}, {3'600, "h ago"}, {60, "m ago"}};
  for (const auto& [length, suffix] : units)
    if (seconds >= length) return std::to_string(seconds / length) + std::string(suffix);
  return std::to_string(seconds < 0 ? 0 : seconds) + "s ago";
}

Result<Timestamp> range_start(std::string_view text, std::string_view timezone) {
  REVERIE_TRY(const Moment moment, read_moment(text, timezone));
  return moment.time;
}

Result<Timestamp> range_end(std::string_view text, std::string_view timezone) {
  REVERIE_TRY(const Moment moment, read_moment(text, timezone));
  if (!moment.day) return moment.time;
  // The day after, in civil time: a day with a change of the clock has 23 or 25 hours.
  const Timestamp next = start_of(cctz::civil_second(*moment.day + 1), zone_or_utc(timezone));
  return next - std::chrono::microseconds(1);
}

}  // namespace reverie
