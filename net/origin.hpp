// Whose pages may open a WebSocket. A browser asks nobody before it opens one to another site, and
// sends along what it knows of passwords: the page's own word, Origin, is all that there is to
// check.

#pragma once

#include <string_view>

namespace reverie {

// Whether a page of `origin` ("http://127.0.0.1:8283") came from this server, which was asked for
// as `host` (the Host header).
//
// Without a password the two being the same is not enough: any name can be made to lead to this
// machine (DNS rebinding), and a page from there would pass. So the host has to be an address or
// "localhost" then, which cannot.
bool is_own_origin(std::string_view origin, std::string_view host, bool has_password);

}  // namespace reverie
