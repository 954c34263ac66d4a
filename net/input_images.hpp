// Images that a request names instead of bringing them: by a URL, or by the id under which this
// server has stored one. They are put into the request before it goes to its agent, so that what is
// stored is whole, and nothing that an agent does waits for the network.

#pragma once

#include "net/route.hpp"
#include "runtime/requests/messages.hpp"

#include <functional>

namespace reverie {

// Calls `next` with the request, at once when nothing is to be brought in. When an image cannot be
// had, the client gets 400 with the path of its source, and `next` is not called. On the io thread,
// both ways.
void with_images(const CallBase& call, SendMessage request, std::function<void(SendMessage)> next);

}  // namespace reverie
