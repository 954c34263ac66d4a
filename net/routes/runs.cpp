// /v1/runs and /v1/steps: what agents did.

#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

void list_active_runs(Call<ListRuns> call) {
  ListRuns request = call.take_request();
  request.active = true;
  forward(call, "", std::move(request));
}

void stream_run(Call<StreamRun> call) {
  const StreamRun request = call.take_request();
  ResumeStream resume;
  resume.run_id = request.run_id;
  resume.starting_after = request.starting_after;
  forward_stream(call, request.run_id, std::move(resume), request.include_pings.value_or(true),
                 request.starting_after);
}

}  // namespace

RouteTable run_routes() {
  return {
    route(Method::get, "/v1/runs/", "list_runs", "runs", returns<std::vector<ApiObject<"Run">>>,
          pass_on<ListRuns>),
    route(Method::get, "/v1/runs/active", "list_active_runs", "runs",
          returns<std::vector<ApiObject<"Run">>>, list_active_runs),
    route(Method::get, "/v1/runs/{run_id}", "retrieve_run", "runs", returns<ApiObject<"Run">>,
          pass_on<RetrieveRun>),
    route(Method::del, "/v1/runs/{run_id}", "delete_run", "runs", returns_null, pass_on<DeleteRun>),
    route(Method::get, "/v1/runs/{run_id}/messages", "list_messages_for_run", "runs",
          returns<std::vector<ApiObject<"LettaMessageUnion">>>, pass_on<ListRunMessages>),
    route(Method::get, "/v1/runs/{run_id}/steps", "list_steps_for_run", "runs",
          returns<std::vector<ApiObject<"Step">>>, pass_on<ListRunSteps>),
    route(Method::get, "/v1/runs/{run_id}/usage", "retrieve_usage_for_run", "runs",
          returns<ApiObject<"UsageStatistics">>, pass_on<RetrieveRunUsage>),
    route(Method::get, "/v1/runs/{run_id}/metrics", "retrieve_metrics_for_run", "runs",
          returns<ApiObject<"RunMetrics">>, pass_on<RetrieveRunMetrics>),
    route(Method::post, "/v1/runs/{run_id}/stream", "retrieve_stream_for_run", "runs",
          returns_stream, stream_run),
    route(Method::get, "/v1/runs/{run_id}/trace", "retrieve_trace_for_run", "runs",
          returns<std::vector<std::map<std::string, RawJson>>>, pass_on<RetrieveRunTrace>),
    route(Method::get, "/v1/steps/", "list_steps", "steps", returns<std::vector<ApiObject<"Step">>>,
          pass_on<ListSteps>),
    route(Method::get, "/v1/steps/{step_id}", "retrieve_step", "steps", returns<ApiObject<"Step">>,
          pass_on<RetrieveStep>),
    route(Method::get, "/v1/steps/{step_id}/messages", "list_messages_for_step", "steps",
          returns<std::vector<ApiObject<"LettaMessageUnion">>>, pass_on<ListStepMessages>),
    route(Method::get, "/v1/steps/{step_id}/metrics", "retrieve_metrics_for_step", "steps",
          returns<ApiObject<"StepMetrics">>, pass_on<RetrieveStepMetrics>),
    route(Method::get, "/v1/steps/{step_id}/trace", "retrieve_trace_for_step", "steps",
          returns<std::optional<ApiObject<"ProviderTrace">>>, pass_on<RetrieveStepTrace>),
    route(Method::get, "/v1/telemetry/{step_id}", "retrieve_provider_trace", "telemetry",
          returns<std::optional<ApiObject<"ProviderTrace">>>, pass_on<RetrieveStepTrace>),
    route(Method::patch, "/v1/steps/{step_id}/feedback", "modify_feedback_for_step", "steps",
          returns<ApiObject<"Step">>, pass_on<ModifyStepFeedback>),
    route(Method::patch, "/v1/steps/{step_id}/transaction/{transaction_id}",
          "update_step_transaction_id", "steps", returns<ApiObject<"Step">>,
          pass_on<ModifyStepTransaction>),
  };
}

}  // namespace reverie
