// Files that were embedded at build time (cmake/EmbedAssets.cmake), gzip-compressed.

#pragma once

#include <span>
#include <string_view>

namespace reverie {

struct Asset {
  std::string_view name;  // "swagger-ui.css"
  std::string_view gzip;
};

std::span<const Asset> embedded_assets();

// Null when the build had no such file.
const Asset* find_asset(std::string_view name);

}  // namespace reverie
