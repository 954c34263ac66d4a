// What this program is: `reverie version`.

#pragma once

#include <string>

namespace reverie {

// One line each: the release with its git revision if the build knows it, the build, and the
// libraries. Ends with a line end.
std::string version_text();

}  // namespace reverie
