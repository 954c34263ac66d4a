// Everything of the server but what it asks its models with: the store, the actors, the routes and
// the sockets, made in the order in which they need each other and ended in the opposite one.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/settings.hpp"
#include "net/server.hpp"
#include "runtime/http_client.hpp"
#include "runtime/llm/providers.hpp"

#include <memory>

namespace reverie {

class Application {
 public:
  // Listens when it returns. All that it is given outlives it. Errors: those of the store and of
  // Server::start; invalid_argument (a network of the settings).
  static Result<std::unique_ptr<Application>> start(const Settings& settings, const Clock& clock,
                                                    HttpClient& http, Providers& providers);
  ~Application();  // Server::abort(), then ends the actors

  Server& server();

 private:
  struct Impl;
  explicit Application(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie
