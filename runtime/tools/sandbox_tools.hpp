// The tools that are code: those that people bring, and run_code.

#pragma once

#include "runtime/sandbox/sandbox.hpp"
#include "runtime/tools/external_tool.hpp"

#include <string>

namespace reverie {

class SandboxTools final : public ExternalTools {
 public:
  // `sandbox` outlives this. `limits`: of every call.
  SandboxTools(Sandbox& sandbox, SandboxLimits limits) : sandbox_(sandbox), limits_(limits) {}

  bool runs(const Tool& tool) const override;
  // Never: what code does is not known.
  bool is_repeatable(const Tool&) const override { return false; }
  void run(ExternalCall call, OnOutcome on_outcome) override;
  void cancel(const std::string& id) override { sandbox_.cancel(id); }

 private:
  Sandbox& sandbox_;
  SandboxLimits limits_;
};

// What a model is told of what its code has done.
ToolOutcome outcome_of(const std::string& tool_name, const SandboxResult& result);

// The same of run_code: JSON with results, logs and the error.
ToolOutcome code_outcome_of(const SandboxResult& result);

}  // namespace reverie
