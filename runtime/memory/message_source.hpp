// Where a search over an agent's messages gets them from.

#pragma once

#include "config/error.hpp"
#include "storage/records/message.hpp"

#include <functional>

namespace reverie {

class MessageSource {
 public:
  virtual ~MessageSource() = default;

  // Calls `visit` for the messages of the agent, in its context or not, newest first, until it
  // returns false or there are none left. Errors: what reading them gives.
  virtual Status visit_newest_first(const std::function<bool(const Message&)>& visit) const = 0;
};

}  // namespace reverie
