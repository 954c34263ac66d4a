// What an agent's actor knows and decides: its configuration, its threads, its runs. Plain C++
// behind a port; only the actor's thread touches it.

#pragma once

#include "actors/agent_conversations.hpp"
#include "actors/agent_generations.hpp"
#include "actors/agent_git_memory.hpp"
#include "actors/agent_runs.hpp"
#include "actors/agent_tool_trials.hpp"
#include "runtime/agents/agent_config.hpp"
#include "runtime/agents/agent_secrets.hpp"

#include <memory>
#include <string>
#include <variant>

namespace reverie {

class AgentState {
 public:
  static inline const char* name = "reverie.agent";

  // `port` outlives the state.
  void init(const Services& services, const std::string& agent_id, AgentPort& port);

  // Any request of Owner::agent. Errors: those of the operation; not_found.
  void handle(Routed request, Reply<Answer> reply);

  AgentRuns& runs() { return *runs_; }
  void on_done(const ModelDone& message);
  void on_tool_done(const ToolDone& message);

  // Nothing runs and nothing waits: the actor may leave.
  bool is_idle() const {
    return runs_->empty() && runs_->callbacks().empty() && generations_->empty()
           && tool_trials_->empty() && commits_.empty() && git_memory_->empty();
  }

 private:
  // What the agent keeps of its messages follows each commit.
  void send_commit(Commit commit, CommitQueue::OnAnswer answer);

  // Replaces the configuration: `edit` changes what is stored now. Answers with the agent, or
  // with null when `answers_null`.
  using Edit = std::function<Status(Agent&)>;
  using More = std::function<Status(const Agent&, Batch&)>;  // of the same commit
  void change(Edit edit, std::string user_id, bool answers_null, Reply<Answer> reply,
              More more = {});
  // As `answer_agent`, when the files of its repository are as its blocks are.
  void answer_kept(bool answers_null, Reply<Answer> reply);
  void answer_agent(bool answers_null, const Reply<Answer>& reply) const;

  void handle(CreateAgent request, const Routed& routed, Reply<Answer> reply);
  // Writes the set that a request gives.
  More replace_secrets(std::optional<SecretValues> secrets, std::string user_id) const;
  void create(std::shared_ptr<NewAgent> made, More more, Reply<Answer> reply);
  void handle(ModifyAgent request, const Routed& routed, Reply<Answer> reply);
  void handle(DeleteAgent request, const Routed& routed, Reply<Answer> reply);
  void handle(ModifyAgentBlock request, const Routed& routed, Reply<Answer> reply);
  void handle(AttachBlock request, const Routed& routed, Reply<Answer> reply);
  void handle(DetachBlock request, const Routed& routed, Reply<Answer> reply);
  void handle(AttachTool request, const Routed& routed, Reply<Answer> reply);
  void handle(DetachTool request, const Routed& routed, Reply<Answer> reply);
  void handle(ModifyToolApproval request, const Routed& routed, Reply<Answer> reply);
  void handle(RunAgentTool request, const Routed& routed, Reply<Answer> reply);
  void handle(RecompileAgent request, const Routed& routed, Reply<Answer> reply);
  void handle(ResetMessages request, const Routed& routed, Reply<Answer> reply);
  void handle(SendMessage request, const Routed& routed, Reply<Answer> reply);
  void handle(ResumeStream request, const Routed& routed, Reply<Answer> reply);
  void handle(CancelRuns request, const Routed& routed, Reply<Answer> reply);
  void handle(CompactMessages request, const Routed& routed, Reply<Answer> reply);
  void handle(ModifyMessage request, const Routed& routed, Reply<Answer> reply);
  void handle(OpenGitMemory request, const Routed& routed, Reply<Answer> reply);
  void handle(SyncGitMemory request, const Routed& routed, Reply<Answer> reply);
  void handle(DeleteRun request, const Routed& routed, Reply<Answer> reply);
  void handle(ModifyStepFeedback request, const Routed& routed, Reply<Answer> reply);
  void handle(ModifyStepTransaction request, const Routed& routed, Reply<Answer> reply);
  void handle(PauseAgent request, const Routed& routed, Reply<Answer> reply);
  void handle(ResumeAgent request, const Routed& routed, Reply<Answer> reply);
  void handle(ExpireApproval request, const Routed& routed, Reply<Answer> reply);
  void handle(PreviewMessage request, const Routed& routed, Reply<Answer> reply);
  void handle(GenerateCompletion request, const Routed& routed, Reply<Answer> reply);

  void set_paused(bool is_paused, std::string user_id, Reply<Answer> reply);

  void modify_step(const std::string& step_id, std::function<void(Step&)> edit,
                   Reply<Answer> reply);

  const Services* services_ = nullptr;
  AgentPort* port_ = nullptr;
  std::unique_ptr<AgentRecord> record_;
  CommitQueue commits_;
  std::unique_ptr<AgentRuns> runs_;
  std::unique_ptr<AgentGenerations> generations_;
  std::unique_ptr<AgentToolTrials> tool_trials_;
  std::unique_ptr<AgentConversations> conversations_;
  std::unique_ptr<AgentGitMemory> git_memory_;
};

}  // namespace reverie
