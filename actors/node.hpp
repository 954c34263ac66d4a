// All actors of one process: starts them in the order in which they need each other, and ends
// them in the opposite one.

#pragma once

#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "config/error.hpp"
#include "storage/log.hpp"

#include <chrono>
#include <memory>

#include <caf/fwd.hpp>

namespace reverie {

class Node {
 public:
  // `services` (without its router and model actors, which are set here) and `log` outlive the
  // node. Goes on with the runs that an earlier process has left open. Errors: those of the store.
  static Result<std::unique_ptr<Node>> start(Services& services, Log& log);
  ~Node();

  caf::actor_system& system();
  const RouterActor& router() const;

 private:
  struct Impl;
  explicit Node(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie
