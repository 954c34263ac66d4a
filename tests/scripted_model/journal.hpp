// What the server was sent, for tests to look at.

#pragma once

#include "tests/scripted_model/http_request.hpp"
#include "tests/scripted_model/reply.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace reverie::scripted {

// All members can be called from any thread.
class Journal {
 public:
  struct Filter {
    std::uint64_t since = 0;  // entries with a larger number
    std::string path;         // that the path ends with
    std::string contains;     // in the body, as the client wrote it
    std::size_t limit = 0;    // the latest so many; 0: all
  };

  // Every request has a number, kept or not, from 1 on.
  void skip();
  // `capacity`: the oldest entries beyond it go.
  void add(HttpRequest request, std::optional<Reply> reply, std::size_t capacity);

  std::string entries_json(const Filter& filter) const;
  std::string last_json() const;  // empty if there is none
  std::size_t size() const;
  std::size_t clear();  // how many there were

 private:
  struct Entry {
    std::uint64_t seq = 0;
    double time_s = 0;
    HttpRequest request;
    std::optional<Reply> reply;
  };

  static void append_entry(std::string& out, const Entry& entry);

  mutable std::mutex mutex_;
  std::uint64_t last_seq_ = 0;
  std::deque<std::shared_ptr<const Entry>> entries_;
};

}  // namespace reverie::scripted
