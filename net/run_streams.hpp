// The clients of one io thread that listen to runs: each is a subscription at the run's actor,
// which sends no more events than the client has taken.

#pragma once

#include "actors/services.hpp"
#include "net/route.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
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

  // A client whose run is not accepted yet, because its agent is busy: pings keep it. Returns the
  // name for the two below, one of which follows.
  std::string wait(const CallBase& call, bool has_pings);
  // Answers it with the stream of the run, from behind the event `after` on.
  void open(const std::string& name, const std::string& run_id, std::int64_t after = 0);
  // There will be no run. An answer that has begun ends as a stream does.
  void fail(const std::string& name, const Error& error);

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Listener {
    std::optional<CallBase> call;         // holds the whole request: gone with the answer
    std::shared_ptr<EventStream> stream;  // null: nothing was answered yet
    std::string run_id;                   // empty: not accepted yet
    std::int64_t written = 0;             // since credit was given last
    bool has_pings = true;
    Time last_sent;
  };

  EventStream& stream_of(const std::string& name, Listener& listener);
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
