// Many clients in one thread: each sends a request, reads the whole answer, sends the next.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace reverie::bench {

struct LoadOptions {
  std::string host = "127.0.0.1";  // a numeric IPv4 address
  std::uint16_t port = 8283;
  std::size_t connections = 8;
  std::size_t requests = 1000;  // of all connections together
  std::string method = "GET";
  std::string path = "/v1/health";
  std::string body;   // empty: none
  std::string token;  // sent as a bearer token; empty: none
  // In `path` and `body`, {id} is the next of `ids` and {n} the number of the request, which
  // starts at `number_first`. A connection visits every `connections`-th id, so no two
  // connections use one at the same time where the number of ids is a multiple of them.
  std::vector<std::string> ids;
  std::size_t number_first = 0;
  bool collects_ids = false;
  bool holds = false;  // ends when every request under way had its first event
};

struct LoadResult {
  double seconds = 0;
  double cpu_s = 0;                    // of this program
  std::vector<double> latencies_ms;    // to the end of the answer, sorted
  std::vector<double> first_event_ms;  // to the first server-sent event, sorted
  std::size_t events = 0;              // of streams, with those that end them
  std::vector<double> late_ms;         // of events with a time in them (bench/stamp.hpp), sorted
  std::size_t errors = 0;              // other than 2xx, or cut short; among no latencies
  std::string first_error;
  std::vector<std::string> ids;  // the first agent's id in each answer
  std::vector<int> open;         // sockets, where the run holds them
};

// Throws std::system_error when a connection cannot be made.
LoadResult run_load(const LoadOptions& options);

}  // namespace reverie::bench
