// Lists of an organisation's agents, and the tags that it uses.

#include "config/json_text.hpp"
#include "runtime/text.hpp"
#include "runtime/views/view_parts.hpp"
#include "storage/records/agent_summary.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace reverie {

namespace {

std::uint64_t microseconds(Timestamp time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

bool has_tags(const std::vector<std::string>& tags, const std::vector<std::string>& wanted,
              bool all) {
  const auto has = [&](const std::string& tag) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  };
  if (wanted.empty()) return true;
  return all ? std::all_of(wanted.begin(), wanted.end(), has)
             : std::any_of(wanted.begin(), wanted.end(), has);
}

bool is_wanted(const ListAgents& request, const AgentSummary& agent) {
  const auto matches = [](const std::optional<std::string>& wanted, const auto& value) {
    return !wanted || value == *wanted;
  };
  if (agent.hidden && !request.show_hidden_agents.value_or(false)) return false;
  return matches(request.name, agent.name) && matches(request.project_id, agent.project_id)
         && matches(request.template_id, agent.template_id)
         && matches(request.base_template_id, agent.base_template_id)
         && matches(request.created_by_id, agent.created_by_id)
         && has_tags(agent.tags, request.tags, request.match_all_tags.value_or(false))
         && (!request.query_text || contains_ignoring_case(agent.name, *request.query_text))
         && (!request.identity_id
             || std::count(agent.identity_ids.begin(), agent.identity_ids.end(),
                           *request.identity_id));
}

// The index that has the agents in the wanted order, and an agent's key in it.
struct AgentOrder {
  std::string_view family;
  std::function<Result<std::optional<std::string>>(const Agent&)> key;
};

Result<AgentOrder> agent_order(const ViewContext& context, const ListAgents& request) {
  const std::string by = request.order_by.value_or("created_at");
  if (by == "created_at")
    return AgentOrder{
      agents_by_created, [](const Agent& agent) {
        return std::optional{key_bytes(agent.org_id, microseconds(agent.created_at), agent.id)};
      }};
  if (by == "updated_at")
    return AgentOrder{
      agents_by_updated, [](const Agent& agent) {
        return std::optional{key_bytes(agent.org_id, microseconds(agent.updated_at), agent.id)};
      }};
  if (by == "last_run_completion")
    return AgentOrder{
      agents_by_last_run, [&context](const Agent& agent) -> Result<std::optional<std::string>> {
        REVERIE_TRY(const auto activity, find_activity(context, agent.id));
        if (!activity || !activity->last_run_completion) return std::optional<std::string>{};
        return std::optional{
          key_bytes(agent.org_id, microseconds(*activity->last_run_completion), agent.id)};
      }};
  return Error{Errc::invalid_argument,
               "expected created_at, updated_at or last_run_completion, got '" + by + "'",
               "query.order_by"};
}

// An unknown cursor is no cursor: the first page.
Result<std::optional<std::string>> cursor_key(const ViewContext& context, const AgentOrder& order,
                                              const std::optional<std::string>& id) {
  if (!id) return std::optional<std::string>{};
  const auto agent = find_agent(context, *id);
  if (!agent) {
    if (agent.error().code == Errc::not_found || agent.error().code == Errc::invalid_argument)
      return std::optional<std::string>{};
    return agent.error();
  }
  return order.key(*agent);
}

// The filters that the index's own value cannot answer.
Result<bool> is_wanted_by_record(const ViewContext& context, const ListAgents& request,
                                 const std::string& agent_id) {
  if (!request.last_stop_reason) return true;
  REVERIE_TRY(const auto activity, find_activity(context, agent_id));
  return activity && activity->last_stop_reason == request.last_stop_reason;
}

AgentSummary summary_of(const Agent& agent) {
  return {agent.name,         agent.tags,         agent.hidden.value_or(false),
          agent.project_id,   agent.template_id,  agent.base_template_id,
          agent.identity_ids, agent.created_by_id};
}

}  // namespace

Result<std::string> agents_json(const ViewContext& context, const std::vector<IndexRow>& rows,
                                const AgentIncludes& includes) {
  std::string out = "[";
  for (const IndexRow& row : rows) {
    const std::size_t before = out.size();
    if (before > 1) out += ',';
    const auto shown = append_agent(out, context, last_id(row.key, Prefix::agent), includes);
    if (!shown && shown.error().code != Errc::not_found) return shown.error();
    if (!shown) out.resize(before);
  }
  return out += ']';
}

Result<std::string> view(const ViewContext& context, const CountAgents&) {
  rocksdb::PinnableSlice count;
  const auto status = context.store.db().Get(
    {}, context.store.family(counts), key_bytes(context.org_id, std::string("agents")), &count);
  if (status.IsNotFound()) return std::string("0");
  if (!status.ok()) return from_rocksdb(status, counts);
  REVERIE_TRY(const std::int64_t number, index_count(count.ToStringView(), counts));
  return std::to_string(number);
}

// Filters look at the index alone where it knows; the records of the agents that are shown are
// read afterwards, and no others.
Result<std::string> view(const ViewContext& context, const ListAgents& request) {
  REVERIE_TRY(const PageRequest page, page_request(request, 50, false));
  REVERIE_TRY(const AgentOrder order, agent_order(context, request));
  IndexPage rows{order.family, key_bytes(context.org_id)};
  REVERIE_TRY(rows.after, cursor_key(context, order, page.after));
  REVERIE_TRY(rows.before, cursor_key(context, order, page.before));
  rows.limit = page.limit;
  rows.is_ascending = page.is_ascending;

  std::optional<Error> failure;
  const auto keep = [&](std::string_view key, std::string_view value) {
    const std::string id = last_id(key, Prefix::agent);
    auto summary = decode<AgentSummary>(value);
    if (order.family != agents_by_created) {
      auto agent = find_agent(context, id);
      if (!agent) return false;
      summary = summary_of(*agent);
    }
    if (!summary || !is_wanted(request, *summary)) return false;
    const auto wanted = is_wanted_by_record(context, request, id);
    if (!wanted) failure = wanted.error();
    return wanted && *wanted;
  };
  REVERIE_TRY(const auto found, read_page(context.store, rows, keep));
  if (failure) return *std::move(failure);

  return agents_json(context, found, includes_of(request));
}

Result<std::string> view(const ViewContext& context, const ListTags& request) {
  REVERIE_TRY(const PageRequest page, page_request(request, 50, true));
  IndexPage rows{tags_in_use, key_bytes(context.org_id)};
  if (page.after) rows.after = key_bytes(context.org_id, *page.after);
  if (page.before) rows.before = key_bytes(context.org_id, *page.before);
  rows.limit = page.limit;
  rows.is_ascending = page.is_ascending;
  const auto tag_of = [&](std::string_view key) {
    std::string org;
    std::string tag;
    (void)(take_key_part(key, org) && take_key_part(key, tag));
    return tag;
  };
  const auto& part = request.query_text ? request.query_text : request.name;
  REVERIE_TRY(const auto found,
              read_page(context.store, rows, [&](std::string_view key, std::string_view) {
                return !part || contains_ignoring_case(tag_of(key), *part);
              }));
  std::vector<std::string> tags;
  for (const IndexRow& row : found) tags.push_back(tag_of(row.key));
  return json_text(tags);
}

}  // namespace reverie
