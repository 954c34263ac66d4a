// Times as models and clients read them, in a time zone of the IANA database. The system's
// zone files are read once per name and kept.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"

#include <string>
#include <string_view>

namespace reverie {

bool is_timezone(std::string_view name);

// All functions below take UTC for a name that is no time zone: stored data may hold anything.

// "2026-11-21 09:38:27 AM UTC+0000": the form in prompts and packaged messages.
std::string local_time_text(Timestamp time, std::string_view timezone);

// "2026-11-21T09:38:27+00:00": the `date` of an API message, always UTC.
std::string to_iso_seconds(Timestamp time);

// "2026-11-21T10:38:27.120000+01:00".
std::string to_iso_local(Timestamp time, std::string_view timezone);

// "3s ago", "2m ago", "5h ago", "4d ago". A time that is still to come was 0s ago.
std::string time_ago(Timestamp time, Timestamp now);

// The two ends of a search by date: ISO 8601, with a time or without. A text without an offset is
// in `timezone`; a date alone means its first or its last microsecond there.
// Errors: invalid_argument, naming the form YYYY-MM-DD.
Result<Timestamp> range_start(std::string_view text, std::string_view timezone);
Result<Timestamp> range_end(std::string_view text, std::string_view timezone);

}  // namespace reverie
