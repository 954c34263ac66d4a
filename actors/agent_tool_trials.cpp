#include "actors/agent_tool_trials.hpp"

#include "actors/block_edit.hpp"
#include "actors/external_call.hpp"
#include "actors/message_scan.hpp"
#include "actors/step_commit.hpp"
#include "config/ids.hpp"
#include "runtime/tools/execution_result.hpp"
#include "runtime/tools/native_tool.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace reverie {

void AgentToolTrials::start(const RunAgentTool& request, const std::string& user_id,
                            Reply<Answer> reply) {
  const auto tools = record_.tools();
  if (!tools) return reply(tools.error());
  const auto found = std::find_if(tools->begin(), tools->end(), [&](const ToolPointer& tool) {
    return tool->name == request.tool_name;
  });
  if (found == tools->end())
    return reply(Error{Errc::not_found,
                       "Tool with name '" + request.tool_name + "' is not attached to the agent",
                       ""});
  Json arguments = request.args.is_null() ? Json::object() : Json::parse(request.args.text);
  const ExternalTools* external = record_.services().external;
  if (!external || !external->runs(**found))
    return run_native(**found, std::move(arguments), user_id, std::move(reply));
  auto call = external_call(record_, *found, std::move(arguments), user_id);
  if (!call && call.error().code == Errc::invalid_argument)
    return reply(Answer{
      execution_result_json(tool_error((*found)->name, "TypeError", call.error().message)), ""});
  if (!call) return reply(std::move(call).error());
  call->id = "call-" + new_uuid(*record_.services().random);
  waiting_.emplace(call->id, std::move(reply));
  port_.run_tool(*std::move(call));
}

// Its edits are one commit.
void AgentToolTrials::run_native(const Tool& tool, Json arguments, const std::string& user_id,
                                 Reply<Answer> reply) {
  const auto answer = [after_edit = after_edit_, reply](const ToolOutcome& outcome) {
    after_edit([json = execution_result_json(outcome), reply] { reply(Answer{json, ""}); });
  };
  const auto memory = record_.memory();
  if (!memory) return reply(memory.error());
  const auto label = edited_label(tool.name, arguments);
  if (label && memory->find(*label) && !memory->is_own(*label)) {
    Routed edit =
      block_edit(memory->find(*label)->id, "call-" + new_uuid(*record_.services().random),
                 tool.name, arguments, record_.agent().org_id, user_id);
    return port_.edit_block(std::move(edit),
                            [name = tool.name, answer](const Result<Answer>& done) {
                              answer(outcome_of_edit(name, done));
                            });
  }
  const auto outcome = std::make_shared<ToolOutcome>();
  const auto changed = std::make_shared<std::optional<Agent>>();
  const auto build = [this, name = tool.name, arguments = std::move(arguments), outcome,
                      changed]() -> Result<Batch> {
    REVERIE_CHECK(record_.load());
    REVERIE_TRY(CoreMemory edited, record_.memory());
    const StoredMessages messages{record_.tables().messages, record_.id()};
    NativeToolContext context{edited,
                              &messages,
                              *record_.services().random,
                              record_.services().clock->now(),
                              record_.id(),
                              record_.agent().org_id,
                              record_.agent().timezone};
    *outcome = run_native_tool(name, arguments, context);
    Batch batch;
    *changed = write_blocks(record_, edited, nullptr, batch);
    return batch;
  };
  commits_.add({build,
                [this, outcome, changed, answer, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  if (*changed) record_.stored(*std::move(*changed));
                  answer(*outcome);
                },
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

bool AgentToolTrials::on_done(const ToolDone& message) {
  const auto found = waiting_.extract(message.call_id);
  if (!found) return false;
  found.mapped()(Answer{execution_result_json(*message.outcome), ""});
  return true;
}

void AgentToolTrials::abandon(const Error& why) {
  for (auto& [call_id, reply] : std::exchange(waiting_, {})) {
    port_.cancel_tool(call_id);
    reply(why);
  }
}

}  // namespace reverie
