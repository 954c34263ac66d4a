#include "net/cli/agents.hpp"

#include "net/cli/table.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <vector>

#include <unistd.h>

namespace reverie {
namespace {

constexpr std::int64_t page_limit = 100;

Json list_member(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : Json::array();
}

// "2026-01-01 12:30" of an RFC 3339 time.
std::string minute_of(std::string time) {
  time = time.substr(0, 16);
  std::ranges::replace(time, 'T', ' ');
  return time;
}

std::string joined_names(const Json& things) {
  std::string out;
  for (const Json& thing : things) out += (out.empty() ? "" : ", ") + text_of(thing, "name");
  return out;
}

std::string indented(const std::string& text, const std::string& indent) {
  std::string out = indent;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += indent;
  }
  return out;
}

Result<Json> list_agents(ApiClient& api, std::int64_t limit) {
  Json agents = Json::array();
  std::string after;
  while (static_cast<std::int64_t>(agents.size()) < limit) {
    const std::int64_t count =
      std::min(page_limit, limit - static_cast<std::int64_t>(agents.size()));
    REVERIE_TRY(const Json page, api.get("/v1/agents/?limit=" + std::to_string(count)
                                         + (after.empty() ? "" : "&after=" + url_encoded(after))));
    if (!page.is_array() || page.empty()) break;
    agents.insert(agents.end(), page.begin(), page.end());
    after = text_of(page.back(), "id");
  }
  return agents;
}

Result<std::string> list_text(ApiClient& api, const AgentsCommand& command, const Style& style) {
  REVERIE_TRY(const Json agents, list_agents(api, command.limit));
  if (command.is_json) return agents.dump(2) + "\n";
  if (agents.empty()) return std::string("no agents yet; reverie chat makes the first\n");
  std::string out = agents_table(agents, style);
  if (static_cast<std::int64_t>(agents.size()) == command.limit)
    out +=
      style.dim("the newest " + std::to_string(command.limit) + "; --limit N shows more") + "\n";
  return out;
}

Result<std::string> show_text(ApiClient& api, const AgentsCommand& command, const Style& style) {
  REVERIE_TRY(const Json found, find_agent(api, command.agent));
  REVERIE_TRY(const Json agent,
              api.get("/v1/agents/" + url_encoded(text_of(found, "id"))
                      + "?include=agent.blocks&include=agent.tools&include=agent.tags"));
  return command.is_json ? agent.dump(2) + "\n" : agent_text(agent, style);
}

Status confirm(const Json& agent) {
  if (::isatty(STDIN_FILENO) != 1)
    return Error{Errc::bad_request, "deleting an agent asks first; --yes answers it", ""};
  std::cout << "delete " << one_line(text_of(agent, "name")) << " ("
            << one_line(text_of(agent, "id")) << ") and everything that it remembers? [y/N] "
            << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "yes") return {};
  return Error{Errc::bad_request, "nothing was deleted", ""};
}

Result<std::string> remove_text(ApiClient& api, const AgentsCommand& command) {
  REVERIE_TRY(const Json agent, find_agent(api, command.agent));
  if (!command.is_confirmed) REVERIE_CHECK(confirm(agent));
  REVERIE_TRY(const Json answer, api.remove("/v1/agents/" + url_encoded(text_of(agent, "id"))));
  if (command.is_json) return answer.dump(2) + "\n";
  return "deleted " + one_line(text_of(agent, "name")) + " (" + one_line(text_of(agent, "id"))
         + ")\n";
}

Result<std::string> obey(const AgentsCommand& command, ApiClient& api, const Style& style) {
  switch (command.action) {
    case AgentsCommand::Action::show: return show_text(api, command, style);
    case AgentsCommand::Action::remove: return remove_text(api, command);
    default: return list_text(api, command, style);
  }
}

}  // namespace

int run_agents(const AgentsCommand& command, const ServerAddress& address, const Style& style) {
  ApiClient api(address);
  const Result<std::string> text = obey(command, api, style);
  if (!text) {
    std::cerr << "reverie: " << printable(explained(text.error(), address)) << '\n';
    return 1;
  }
  std::cout << *text << std::flush;
  return 0;
}

Result<Json> find_agent(ApiClient& api, const std::string& name_or_id) {
  if (name_or_id.starts_with("agent-")) {
    auto agent = api.get("/v1/agents/" + url_encoded(name_or_id));
    if (agent || agent.error().code != Errc::invalid_argument) return agent;
    // No id, then; some people name their agents like that.
  }
  REVERIE_TRY(const Json agents, api.get("/v1/agents/?limit=5&name=" + url_encoded(name_or_id)));
  if (!agents.is_array() || agents.empty())
    return Error{Errc::not_found, "there is no agent called " + name_or_id, ""};
  if (agents.size() == 1) return agents[0];
  std::string ids;
  for (const Json& agent : agents) ids += "\n  " + text_of(agent, "id");
  return Error{Errc::conflict, "several agents are called " + name_or_id + "; say which:" + ids,
               ""};
}

std::string agents_table(const Json& agents, const Style& style) {
  std::vector<Row> rows;
  for (const Json& agent : agents)
    rows.push_back({text_of(agent, "name"), text_of(agent, "id"), text_of(agent, "model"),
                    minute_of(text_of(agent, "created_at")),
                    minute_of(text_of(agent, "last_run_completion"))});
  return table({"NAME", "ID", "MODEL", "CREATED", "LAST RUN"}, rows, style);
}

std::string agent_text(const Json& agent, const Style& style) {
  std::string out = style.bold(one_line(text_of(agent, "name"))) + "\n";
  const auto line = [&](std::string_view title, const std::string& text) {
    if (!text.empty())
      out +=
        "  " + std::string(title) + std::string(10 - title.size(), ' ') + one_line(text) + "\n";
  };
  line("id", text_of(agent, "id"));
  line("type", text_of(agent, "agent_type"));
  line("model", text_of(agent, "model"));
  line("embedding", text_of(agent, "embedding"));
  line("created", minute_of(text_of(agent, "created_at")));
  line("last run", minute_of(text_of(agent, "last_run_completion")));
  line("tools", joined_names(list_member(agent, "tools")));
  std::string tags;
  for (const Json& tag : list_member(agent, "tags"))
    if (tag.is_string()) tags += (tags.empty() ? "" : ", ") + tag.get<std::string>();
  line("tags", tags);
  for (const Json& block : list_member(agent, "blocks")) out += "\n" + block_text(block, style);
  return out;
}

std::string block_text(const Json& block, const Style& style) {
  const std::string value = printable(text_of(block, "value"));
  std::string out = style.cyan(one_line(text_of(block, "label")));
  const auto limit = block.find("limit");
  if (limit != block.end() && limit->is_number_integer()) {
    const auto characters = std::ranges::count_if(
      value, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    out += style.dim(" " + std::to_string(characters) + "/" + limit->dump() + " characters");
  }
  return out + "\n" + (value.empty() ? style.dim("  (empty)") : indented(value, "  ")) + "\n";
}

}  // namespace reverie
