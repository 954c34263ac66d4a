// The clients of one io thread that listen to runs: each is a subscription at the run's actor,
// which sends no more events than the client has taken.

#pragma once

#include "actors/services.hpp"
#include "net/route.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace reverie {

class RunStreams {
 public:
  // What a client may have under way: a fast model is not slowed by a slow reader, which is
  // served from the run's own log.
  static constexpr std::int64_t credit_events = 256;

  // On an io thread, once, before its first request. Makes the bridge take events.
  static void start(IoBridge& bridge, const Services& services);
  // Those of the calling io thread.
  static RunStreams& here();

  RunStreams(IoBridge& bridge, const Services& services);

  // Answers the call with the stream of the run, from its beginning.
  void open(const CallBase& call, const std::string& run_id, bool has_pings);

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Listener {
    std::string run_id;
    std::shared_ptr<EventStream> stream;
    std::int64_t written = 0;  // since credit was given last
    bool has_pings = true;
    Time last_sent;
  };

  void on_events(const RunEvents& events);
  void on_written(const std::string& name, std::size_t sends);
  void close(const std::string& name);
  void ping();
  void arm_ping();

  IoBridge& bridge_;
  const Services& services_;
  std::unordered_map<std::string, Listener> listeners_;
  bool is_ticking_ = false;
};

}  // namespace reverie
