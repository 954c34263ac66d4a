// Tools whose work is outside of the agent's own commit: code in the sandbox, requests over HTTP.
//
// Such a call takes its time, can be ended, and is made at most once: that it starts is durable
// before it starts, so a process that finds one under way when it goes on does not make it again,
// but says that it may have been done. A tool that changes nothing anywhere is the exception.
//
// Who runs a kind of them implements ExternalTools; ExternalToolSet makes one of several.

#pragma once

#include "config/json.hpp"
#include "runtime/tools/outcome.hpp"
#include "runtime/tools/tool.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace reverie {

struct ExternalCall {
  // "run-<uuid>/step-<uuid>/<id of the model's call>" or, without a run, "call-<uuid>": of this
  // call and no other, for ever. A service that tells repetitions apart by a key is given this one.
  std::string id;
  std::shared_ptr<const Tool> tool;
  Json arguments = Json::object();  // checked against the tool's parameters

  std::string org_id;
  std::string user_id;
  std::string agent_id;  // empty: no agent calls it
  std::string project_id;
  std::string agent_state;  // the agent as JSON, where the tool asks for it
  // By name. What the server adds of its own accord is not in here.
  std::map<std::string, std::string> variables;  // that may be seen
  std::map<std::string, std::string> secrets;    // of the agent: no value of them comes back

  // Then it is ended, and the outcome says that it took too long. Who runs it may have less.
  std::chrono::milliseconds time_max{3'600'000};
};

// Thread-safe.
class ExternalTools {
 public:
  using OnOutcome = std::function<void(ToolOutcome)>;

  virtual ~ExternalTools() = default;

  // Whether calls of this tool are made here. Not for tools that are functions of the server.
  virtual bool runs(const Tool& tool) const = 0;
  // Whether a call may be made a second time when nobody knows about the first: it only reads.
  virtual bool is_repeatable(const Tool& tool) const = 0;

  // Of a tool that runs here. `on_outcome` is called once, on any thread, perhaps within this call,
  // and must not block. A failure is an outcome. Its text is not cut to the tool's
  // return_char_limit; who calls does that.
  virtual void run(ExternalCall call, OnOutcome on_outcome) = 0;
  // The call ends within a second; its outcome is an error, unless it was there already. Nothing
  // happens when there is no such call.
  virtual void cancel(const std::string& id) = 0;
};

// The first that runs a tool gets its calls.
class ExternalToolSet final : public ExternalTools {
 public:
  // `members` outlive the set.
  explicit ExternalToolSet(std::vector<ExternalTools*> members) : members_(std::move(members)) {}

  bool runs(const Tool& tool) const override;
  bool is_repeatable(const Tool& tool) const override;
  void run(ExternalCall call, OnOutcome on_outcome) override;
  void cancel(const std::string& id) override;

 private:
  ExternalTools* find(const Tool& tool) const;

  std::vector<ExternalTools*> members_;
};

}  // namespace reverie
