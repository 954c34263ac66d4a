// What a fetched page says, as text for a model.

#pragma once

#include "config/error.hpp"
#include "runtime/web/page_fetcher.hpp"

#include <cstddef>
#include <string>

namespace reverie {

// HTML as Markdown, behind its title and its address; other texts as they are, in UTF-8. Cut after
// `bytes_max` at a whole character, with a line that says so. A page of 1 MiB takes some 0.1 s of
// CPU, the worst of 4 MiB a second; in memory, at most some 20 times its size.
// Errors: bad_request: the bytes are no text.
Result<std::string> page_text(const FetchedPage& page, std::size_t bytes_max);

}  // namespace reverie
