#include "runtime/agents/agent_secrets.hpp"

#include "config/ids.hpp"
#include "storage/tables/agent_secret_table.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace reverie {

Status check_secret_names(const SecretValues& secrets, const char* where) {
  for (const auto& [name, value] : secrets) {
    const bool is_fine =
      !name.empty() && name.find('=') == std::string::npos && name.find('\0') == std::string::npos;
    if (!is_fine)
      return Error{Errc::invalid_argument, "expected the name of an environment variable", where};
    if (value.find('\0') != std::string::npos)
      return Error{Errc::invalid_argument, "a zero byte in the value of '" + name + "'", where};
  }
  return {};
}

Result<std::vector<OpenSecret>> read_secrets(const Store& store, const SecretBox* box,
                                             const std::string& agent_id) {
  std::vector<OpenSecret> secrets;
  if (!box) return secrets;
  REVERIE_TRY(const Home home, home_of(agent_id));
  const Page<AgentSecretTable::Key> all{std::nullopt, Order::ascending,
                                        std::numeric_limits<std::size_t>::max()};
  Status opened;
  const auto take = [&](const AgentSecretTable::Key& key, AgentSecret&& secret) {
    auto value = box->open(AgentSecretTable::place(key), secret.sealed);
    if (value)
      secrets.push_back({std::move(secret), *std::move(value)});
    else
      opened = std::move(value).error();
    return static_cast<bool>(opened);
  };
  REVERIE_CHECK(Table<AgentSecretTable>{store}.scan_page(home, key_bytes(agent_id), all, take));
  REVERIE_CHECK(opened);
  return secrets;
}

std::vector<AgentSecret> sealed_secrets(const SecretValues& secrets,
                                        const std::vector<OpenSecret>& before,
                                        const std::string& agent_id, const std::string& org_id,
                                        const std::string& user_id, const SecretBox& box,
                                        Random& random, Timestamp now) {
  std::vector<AgentSecret> records;
  for (const auto& [name, value] : secrets) {
    const auto same = std::find_if(before.begin(), before.end(), [&, &wanted = name](auto& each) {
      return each.record.name == wanted;
    });
    if (same != before.end() && same->value == value) {
      records.push_back(same->record);
      continue;
    }
    AgentSecret record;
    if (same != before.end()) {
      record = same->record;
    } else {
      auto id = new_child_id(Prefix::agent_env, agent_id, random);
      assert(id);  // the agent's own id was checked when it was routed here
      record.id = *std::move(id);
      record.created_at = now;
      record.created_by_id = user_id;
    }
    record.org_id = org_id;
    record.name = name;
    record.sealed = box.seal(AgentSecretTable::place({agent_id, name}), value);
    record.last_updated_by_id = user_id;
    record.updated_at = now;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace reverie
