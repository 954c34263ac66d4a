// What waits for people, and what they decide of an agent as a whole: the calls of all agents that
// wait for a decision; pausing, resuming and looking at what an agent does.

#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

RouteTable approval_routes() {
  return {
    route(Method::get, "/v1/approvals/", "list_approvals", "approvals",
          returns<std::vector<ApiObject<"Approval">>>, pass_on<ListApprovals>),
    route(Method::post, "/v1/agents/{agent_id}/pause", "pause_agent", "agents",
          returns<ApiObject<"AgentLifecycle">>, pass_on<PauseAgent>),
    route(Method::post, "/v1/agents/{agent_id}/resume", "resume_agent", "agents",
          returns<ApiObject<"AgentLifecycle">>, pass_on<ResumeAgent>),
    route(Method::get, "/v1/agents/{agent_id}/lifecycle", "retrieve_agent_lifecycle", "agents",
          returns<ApiObject<"AgentLifecycle">>, pass_on<RetrieveLifecycle>),
  };
}

}  // namespace reverie
