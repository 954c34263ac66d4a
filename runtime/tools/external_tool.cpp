#include "runtime/tools/external_tool.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

ExternalTools* ExternalToolSet::find(const Tool& tool) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const auto* each) { return each->runs(tool); });
  return found == members_.end() ? nullptr : *found;
}

bool ExternalToolSet::runs(const Tool& tool) const {
  return find(tool) != nullptr;
}

bool ExternalToolSet::is_repeatable(const Tool& tool) const {
  const ExternalTools* runner = find(tool);
  return runner != nullptr && runner->is_repeatable(tool);
}

void ExternalToolSet::run(ExternalCall call, OnOutcome on_outcome) {
  if (ExternalTools* runner = find(*call.tool)) return runner->run(std::move(call), on_outcome);
  on_outcome(tool_error(call.tool->name, "NotImplementedError",
                        call.tool->name + " is not available on this server."));
}

void ExternalToolSet::cancel(const std::string& id) {
  for (ExternalTools* each : members_) each->cancel(id);
}

}  // namespace reverie
