// Git-backed memory: what an agent does around the work of git on its repository.

#include "actors/agent_state.hpp"

namespace reverie {

namespace {

Error not_git_backed() {
  return {Errc::not_built, "git-backed memory is not built yet in this release of reverie", "git"};
}

}  // namespace

void AgentState::handle(OpenGitMemory, const Routed&, Reply<Answer> reply) {
  reply(not_git_backed());
}

void AgentState::handle(SyncGitMemory, const Routed&, Reply<Answer> reply) {
  reply(not_git_backed());
}

}  // namespace reverie
