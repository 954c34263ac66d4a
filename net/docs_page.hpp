// /docs (Swagger UI) and /redoc (ReDoc), from assets that are part of the binary: the pages
// load nothing from elsewhere.

#pragma once

#include "net/http.hpp"

#include <optional>
#include <string_view>

namespace reverie {

// The answer to GET /docs, /redoc and their parts; nothing for other paths. `prefix` is "" or
// "/letta".
std::optional<HttpResponse> docs_response(std::string_view path, std::string_view prefix);

}  // namespace reverie
