#include "actors/agent_runs.hpp"

#include "actors/input_token.hpp"
#include "config/json_writer.hpp"
#include "config/log_line.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>
#include <vector>

namespace reverie {

namespace {

// As requests name it.
std::string thread_id(const std::optional<std::string>& conversation_id) {
  return conversation_id.value_or("default") == "default" ? "" : *conversation_id;
}

Error is_busy_with(const std::string& run_id) {
  return {Errc::conflict,
          "CONFLICT: Another request (run_id=" + run_id
            + ") is currently being processed for this conversation. Please wait for it to complete "
              "before sending another message.",
          ""};
}

bool is_meant(const CancelRuns& request, const std::string& thread, const std::string& run_id) {
  if (request.run_ids)
    return std::find(request.run_ids->begin(), request.run_ids->end(), run_id)
           != request.run_ids->end();
  return !request.conversation_id || thread == thread_id(request.conversation_id);
}

Answer cancelled(const std::vector<std::string>& run_ids) {
  std::string json;
  {
    JsonObjectWriter object{json};
    for (const std::string& id : run_ids) object.add(id, "cancelled");
  }
  return {std::move(json), run_ids.empty() ? "" : run_ids.front()};
}

}  // namespace

AgentRuns::AgentRuns(AgentRecord& record, CommitQueue& commits, AgentPort& port)
  : record_(record), commits_(commits), port_(port), callbacks_(record, commits, port) {}

ThreadRuns& AgentRuns::thread(const std::string& conversation_id) {
  auto& thread = threads_[conversation_id];
  if (!thread)
    thread =
      std::make_unique<ThreadRuns>(record_, commits_, port_, callbacks_, conversation_id,
                                   [this, conversation_id] { return new_call(conversation_id); });
  return *thread;
}

std::int64_t AgentRuns::new_call(const std::string& conversation_id) {
  const std::int64_t id = new_call_id();
  calls_.emplace(id, &thread(conversation_id));
  return id;
}

void AgentRuns::send(SendMessage request, std::string user_id, Reply<Answer> reply) {
  ThreadRuns& to = thread(thread_id(request.conversation_id));
  const bool waits = request.when_busy ? *request.when_busy != "reject"
                                       : request.is_async || !request.conversation_id;
  if (!waits)
    if (const auto run_id = to.in_the_way(request)) return reply(is_busy_with(*run_id));
  to.send(std::move(request), std::move(user_id), std::move(reply));
}

void AgentRuns::cancel(const CancelRuns& request, Reply<Answer> reply) {
  struct Withdrawal {
    std::size_t left = 1;
    Status status;
  };
  const auto withdrawal = std::make_shared<Withdrawal>();
  const auto ended = std::make_shared<std::vector<std::string>>();
  // What has ended is stored as that: a start would begin it, or go on with it, else.
  const std::function<void(Status)> done = [withdrawal, ended, reply,
                                            named = request.run_ids](Status status) {
    if (!status) withdrawal->status = std::move(status);
    if (--withdrawal->left > 0) return;
    if (!withdrawal->status) return reply(std::move(withdrawal->status).error());
    reply(cancelled(named.value_or(*ended)));
  };
  for (const std::string& run_id : request.run_ids.value_or(std::vector<std::string>{})) {
    const bool waited = std::any_of(threads_.begin(), threads_.end(), [&](const auto& entry) {
      if (!entry.second->is_queued(run_id)) return false;
      ++withdrawal->left;
      return entry.second->cancel_queued(run_id, done);
    });
    if (waited) ended->push_back(run_id);
  }
  for (const auto& [id, thread] : threads_) {
    auto run_id = thread->run_id();
    if (!run_id || !is_meant(request, id, *run_id)) continue;
    ++withdrawal->left;
    thread->cancel(done);
    ended->push_back(*std::move(run_id));
  }
  if (ended->empty()) return cancel_pending(request, std::move(reply));
  done({});
}

void AgentRuns::cancel_pending(const CancelRuns& request, Reply<Answer> reply) {
  thread_to_free(request).cancel_pending(
    request.run_ids, [reply, named = request.run_ids](Result<Answer> denied) {
      if (denied) return reply(cancelled(named.value_or(std::vector{denied->run_id})));
      // One that has ended stays as it is.
      if (named && !named->empty() && denied.error().code == Errc::conflict)
        return reply(cancelled(*named));
      reply(std::move(denied));
    });
}

void AgentRuns::expire(ExpireApproval request, Reply<Answer> reply) {
  thread(request.conversation_id).expire_pending(std::move(request.message_id), std::move(reply));
}

void AgentRuns::preview(SendMessage request, std::string user_id, Reply<Answer> reply) {
  ThreadRuns idle{record_, commits_, port_, callbacks_, thread_id(request.conversation_id), [this] {
                    return new_call_id();
                  }};
  reply(idle.preview(std::move(request), std::move(user_id)));
}

// Where calls of the first run that is named may wait for a decision; else the named thread.
ThreadRuns& AgentRuns::thread_to_free(const CancelRuns& request) {
  if (request.run_ids && !request.run_ids->empty())
    if (const auto run = find_run(request.run_ids->front()))
      return thread(run->conversation_id.value_or(""));
  return thread(thread_id(request.conversation_id));
}

Result<std::string> AgentRuns::run_to_resume(const ResumeStream& request) {
  if (request.run_id) return *request.run_id;
  const std::string thread = thread_id(request.conversation_id);
  if (request.otid) {
    const auto accepted =
      record_.tables().otids.get({record_.id(), thread, otid_token(*request.otid)});
    if (accepted) return accepted->value.run_id;
    if (accepted.error().code != Errc::not_found) return accepted.error();
    return Error{Errc::not_found, "Run with otid '" + *request.otid + "' not found", ""};
  }
  if (auto run_id = this->thread(thread).run_id()) return *std::move(run_id);
  return Error{Errc::bad_request, "INVALID_ARGUMENT: No active runs found for this conversation.",
               ""};
}

Result<Run> AgentRuns::find_run(const std::string& run_id) const {
  const Error none{Errc::not_found, "Run not found", ""};
  const auto child = record_.tables().children.get({run_id});
  if (!child) return child.error().code == Errc::not_found ? none : child.error();
  auto run =
    record_.tables().runs.get({record_.id(), static_cast<std::uint64_t>(child->value.sequence_id)});
  if (!run || run->value.id != run_id) return none;
  return std::move(run->value);
}

void AgentRuns::listen(const ResumeStream& request, Reply<Answer> reply) {
  const auto run_id = run_to_resume(request);
  if (!run_id) return reply(run_id.error());
  const auto run = find_run(*run_id);
  if (!run) return reply(run.error());
  if (!run->background)
    return reply(
      Error{Errc::bad_request, "INVALID_ARGUMENT: Run was not created in background mode.", ""});
  const Services& services = record_.services();
  const std::chrono::seconds age{services.settings->runs.events_age_s};
  if (run->completed_at && services.clock->now() - *run->completed_at >= age)
    return reply(Error{Errc::gone, "Run was created too long ago: its events are gone", ""});
  ThreadRuns& to = thread(run->conversation_id.value_or(""));
  if (auto kept = to.check_kept(*run, request.starting_after); !kept)
    return reply(std::move(kept).error());
  auto sent = to.publish_kept(*run, request.starting_after);
  if (!sent) return reply(std::move(sent).error());
  reply(Answer{"", run->id});
}

void AgentRuns::compact(CompactMessages request, Reply<Answer> reply) {
  thread(thread_id(request.conversation_id)).compact(std::move(request), std::move(reply));
}

void AgentRuns::resume() {
  std::set<std::string> open;
  const auto visited = visit_open_runs(record_, [&](const RunState& state) {
    open.insert(state.conversation_id.value_or(""));
    return true;
  });
  if (!visited)
    log_error("agent: open runs cannot be read agent={} error=\"{}\"", record_.id(),
              visited.error().message);
  for (const std::string& id : open) thread(id).resume();
  callbacks_.send_pending();
}

void AgentRuns::on_delta(const ModelDelta& message) {
  if (const auto call = calls_.find(message.call_id); call != calls_.end())
    call->second->on_delta(message);
}

void AgentRuns::on_done(const ModelDone& message) {
  if (const auto call = calls_.extract(message.call_id)) call.mapped()->on_done(message);
}

void AgentRuns::on_tool_done(const ToolDone& message) {
  for (const auto& [id, thread] : threads_) thread->on_tool_done(message);
}

void AgentRuns::abandon(const Error& why) {
  for (const auto& [id, thread] : threads_) thread->abandon(why);
}

void AgentRuns::take_up() {
  for (const auto& [id, thread] : threads_) thread->take_up();
}

bool AgentRuns::empty() const {
  return std::all_of(threads_.begin(), threads_.end(),
                     [](const auto& entry) { return entry.second->empty(); });
}

bool AgentRuns::is_running(const std::string& run_id) const {
  return std::any_of(threads_.begin(), threads_.end(), [&](const auto& entry) {
    return entry.second->is_running(run_id) || entry.second->is_queued(run_id);
  });
}

bool AgentRuns::is_busy(const std::string& conversation_id) const {
  const auto found = threads_.find(conversation_id);
  return found != threads_.end() && !found->second->empty();
}

}  // namespace reverie
