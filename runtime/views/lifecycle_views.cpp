// What an agent is doing, and its way there.

#include "config/json_writer.hpp"
#include "runtime/views/view_parts.hpp"
#include "storage/records/agent_lifecycle.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

// Runs that the log goes back to: their starts and ends are most of it.
constexpr std::size_t runs_shown = 32;

// Something that happened to the agent, and what follows for its state.
struct Happening {
  Timestamp at;
  std::string_view state;  // a state that is passed through; empty: none
  int open_runs = 0;       // more or fewer
  std::optional<bool> pauses = {};
  std::string run_id = {};
  std::string user_id = {};
};

Result<std::vector<Happening>> runs_of(const ViewContext& context, const Agent& agent) {
  std::vector<Happening> out;
  REVERIE_TRY(const Home home, home_of(agent.id));
  const Page<RunTable::Key> newest{std::nullopt, Order::descending, runs_shown};
  REVERIE_CHECK(Table<RunTable>{context.store}.scan_page(
    home, key_bytes(agent.id), newest, [&](const RunTable::Key&, const Run& run) {
      out.push_back({run.created_at, "", 1, {}, run.id, {}});
      if (run.completed_at) out.push_back({*run.completed_at, "", -1, {}, run.id, {}});
      return true;
    }));
  return out;
}

Result<std::vector<Happening>> happenings(const ViewContext& context, const Agent& agent) {
  REVERIE_TRY(auto out, runs_of(context, agent));
  const auto log = Table<LifecycleTable>{context.store}.get({agent.id});
  if (!log && log.error().code != Errc::not_found) return log.error();
  if (log)
    for (const LifecycleEvent& event : log->value.events) {
      Happening happening{event.at, "", 0, {}, {}, event.user_id};
      if (event.state == "updating")
        happening.state = "updating";
      else
        happening.pauses = event.state == "paused";
      out.push_back(std::move(happening));
    }
  std::stable_sort(out.begin(), out.end(),
                   [](const Happening& a, const Happening& b) { return a.at < b.at; });
  return out;
}

// The states of the agent one after the other, oldest first.
class Transitions {
 public:
  explicit Transitions(const Agent& agent) : by_(agent.created_by_id.value_or("")) {
    add("creating", agent.created_at, {}, by_);
    add("initializing", agent.created_at, {}, by_);
    add("sleeping", agent.created_at, {}, {});
  }

  void take(const Happening& happening) {
    open_runs_ += happening.open_runs;
    is_paused_ = happening.pauses.value_or(is_paused_);
    if (!happening.state.empty())
      add(happening.state, happening.at, happening.run_id, happening.user_id);
    const std::string_view state = is_paused_ ? "paused" : open_runs_ > 0 ? "running" : "sleeping";
    if (state != last_) add(state, happening.at, happening.run_id, happening.user_id);
  }

  std::string json() && { return std::move(json_) + "]"; }
  Timestamp since() const { return since_; }

 private:
  void add(std::string_view state, Timestamp at, const std::string& run_id,
           const std::string& user_id) {
    if (json_.size() > 1) json_ += ',';
    const auto known = [](const std::string& id) {
      return id.empty() ? std::optional<std::string>{} : std::optional{id};
    };
    JsonObjectWriter{json_}
      .add("lifecycle", state)
      .add("at", at)
      .add("run_id", known(run_id))
      .add("user_id", known(user_id));
    last_ = state;
    since_ = at;
  }

  std::string by_;
  std::string json_ = "[";
  std::string_view last_;
  Timestamp since_;
  int open_runs_ = 0;
  bool is_paused_ = false;
};

}  // namespace

std::string_view lifecycle_of(const AgentActivity& activity) {
  if (activity.paused_at) return "paused";
  return activity.open_runs > 0 ? "running" : "sleeping";
}

Result<std::string> view(const ViewContext& context, const RetrieveLifecycle& request) {
  REVERIE_TRY(const Agent agent, find_agent(context, request.agent_id));
  const auto activity = Table<AgentActivityTable>{context.store}.get({agent.id});
  if (!activity) return activity.error();
  REVERIE_TRY(const auto happened, happenings(context, agent));
  Transitions transitions{agent};
  for (const Happening& happening : happened) transitions.take(happening);
  std::string out;
  {
    JsonObjectWriter json{out};
    json.add("agent_id", agent.id)
      .add("lifecycle", lifecycle_of(activity->value))
      .add("since", transitions.since())
      .add_json("events", std::move(transitions).json());
  }
  return out;
}

}  // namespace reverie
