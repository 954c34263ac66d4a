// The scripted model server, as a program has it or a test in its own process.

#pragma once

#include "tests/scripted_model/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace reverie::scripted {

class Server {
 public:
  // Listens on 127.0.0.1; port 0 stands for any that is free. Throws boost::system::system_error
  // if the port is taken.
  Server(std::uint16_t port, std::size_t threads, const Settings& settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

  void run();              // returns after stop()
  void stop();             // from any thread, also before run(); open connections are closed
  void stop_on_signals();  // SIGINT and SIGTERM stop it

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reverie::scripted
