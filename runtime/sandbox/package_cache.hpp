// Sets of Python packages on the disk, each built once and kept until others need the room.

#pragma once

#include "runtime/child_process.hpp"
#include "runtime/sandbox/descriptor.hpp"
#include "runtime/sandbox/package_build.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reverie {

// <directory>/pip: what installs, made once. <directory>/sets/<hash>/site: the packages of a set,
// with its size and requirements beside; the time of <hash>/used is when it was asked for last.
// Builds run one after the other, in processes of their own. For one thread.
class PackageCache {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // The folder of the packages. Errors: invalid_argument (a requirement is none), unavailable (with
  // the last lines of what pip said).
  using OnReady = std::function<void(Result<std::string>)>;

  PackageCache(const SandboxSettings& settings, std::string directory)
    : settings_(settings), directory_(std::move(directory)) {}

  // Called at once where the set is there, else from on_event(); many may wait for one build.
  void require(const std::vector<SandboxPackage>& packages, SandboxLevel level, OnReady on_ready);

  // Of the build under way: readable when on_event() has something to do, and when it must be
  // called at the latest. -1, nothing: there is none. Each process has another descriptor.
  int end_descriptor() const { return process_ ? process_->end_descriptor() : -1; }
  std::int64_t processes_started() const { return processes_started_; }
  std::optional<Time> deadline() const;
  // `in_use`: folders that stay, whatever room others need.
  void on_event(Time now, std::set<std::string> in_use);

  // Ends the build under way; nobody is told.
  void stop() { process_.reset(); }

 private:
  struct Waiting {
    SandboxLevel level;
    std::vector<std::string> requirements;
    std::vector<OnReady> on_ready;
  };

  std::string folder_of(const std::string& name) const { return directory_ + "/sets/" + name; }
  std::string site_of(const std::string& name) const { return folder_of(name) + "/site"; }
  void begin_next();
  Status begin(const Waiting& waiting);
  Status start(const std::vector<std::string>& command);
  void on_end(int status);
  void answer(const Result<std::string>& result);
  std::string last_lines() const;
  void tidy();
  void remove(const std::string& folder);

  const SandboxSettings& settings_;
  const std::string directory_;
  std::map<std::string, Waiting> waiting_;  // by name of the set
  std::deque<std::string> order_;           // the first is under way
  bool is_making_pip_ = false;
  std::optional<ChildProcess> process_;
  std::int64_t processes_started_ = 0;
  Descriptor said_;
  Time deadline_{};
  std::set<std::string> in_use_;
};

}  // namespace reverie
