// Puts a response on a connection, with all that a script wants to go wrong on the way.

#pragma once

#include "tests/scripted_model/connection.hpp"
#include "tests/scripted_model/response.hpp"

#include <cstdint>

namespace reverie::scripted {

enum class Delivery : std::uint8_t {
  done,
  aborted,  // the client left before it had all
  dropped,  // the script wanted the connection closed
};

// The references must stay good until the coroutine has ended.
boost::asio::awaitable<Delivery> deliver(Connection& connection, const Response& response,
                                         bool keeps_alive);

}  // namespace reverie::scripted
