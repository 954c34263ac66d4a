// What a fetched page says, as text for a model.

#pragma once

#include "config/error.hpp"
#include "runtime/web/page_fetcher.hpp"

#include <cstddef>
#include <string>

namespace reverie {

// HTML as Markdown, behind its title and its address; other texts as they are, in UTF-8. Cut after
// `bytes_max` at a whole character, with a line that says so. Takes some 50 ms for a page of 4 MiB,
// and 15 times its size in memory at most.
// Errors: bad_request: the bytes are no text.
Result<std::string> page_text(const FetchedPage& page, std::size_t bytes_max);

}  // namespace reverie
