// The files of worker/, which are part of the binary (cmake/EmbedAssets.cmake).

#pragma once

#include <span>
#include <string_view>

namespace reverie {

struct WorkerScript {
  std::string_view name;  // "zygote.py"
  std::string_view text;
};

// In the order in which they need each other.
std::span<const WorkerScript> worker_scripts();

}  // namespace reverie
