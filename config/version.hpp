// The release, and the release of the API that clients are told.

#pragma once

#include <string_view>

namespace reverie {

inline constexpr std::string_view release = "0.1.0";

// Clients warn when the server says less than 0.16.6.
inline constexpr std::string_view api_release = "0.16.8";

}  // namespace reverie
