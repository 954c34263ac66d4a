// A sandbox that runs nothing: calls are written down, and end when and as the test says.

#pragma once

#include "runtime/sandbox/sandbox.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace reverie::testing {

// For one thread.
class ScriptedSandbox final : public Sandbox {
 public:
  SandboxLevel level() const override { return SandboxLevel::isolated; }

  void run(SandboxCall call, OnResult on_result) override {
    waiting_.emplace(call.id, std::move(on_result));
    calls.push_back(std::move(call));
  }

  void cancel(const std::string& id) override {
    cancelled.push_back(id);
    if (waiting_.contains(id)) end(id, {SandboxEnd::cancelled, "", "", "", "", 0});
  }

  void derive_schema(std::string source, std::string, OnSchema on_schema) override {
    sources.push_back(std::move(source));
    on_schema(schema);
  }

  bool is_waiting(const std::string& id) const { return waiting_.contains(id); }
  std::size_t waiting() const { return waiting_.size(); }

  void end(const std::string& id, SandboxResult result) {
    auto waiting = waiting_.extract(id);
    waiting.mapped()(std::move(result));
  }
  // The calls under way are nobody's any more.
  void forget() { waiting_.clear(); }
  void end_with(const std::string& id, std::string value, std::string standard_output = "") {
    end(id, {SandboxEnd::returned, std::move(value), "", std::move(standard_output), "", 1});
  }

  std::vector<SandboxCall> calls;
  std::vector<std::string> cancelled;
  std::vector<std::string> sources;  // whose schemas were asked for
  Result<std::string> schema = std::string(
    R"({"name":"add","description":"Adds.","parameters":{"type":"object","properties":{)"
    R"("a":{"type":"integer","description":"one"},"b":{"type":"integer","description":"two"}},)"
    R"("required":["a","b"]}})");

 private:
  std::map<std::string, OnResult> waiting_;
};

}  // namespace reverie::testing
