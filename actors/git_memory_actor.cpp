#include "actors/git_memory_actor.hpp"

#include "actors/errors.hpp"
#include "config/log_line.hpp"
#include "runtime/git_memory/git_handles.hpp"
#include "storage/tables.hpp"

#include <filesystem>
#include <functional>
#include <string_view>

namespace reverie {

namespace {

namespace fs = std::filesystem;

fs::path data_dir(const Services& services) {
  return services.settings->storage.data_dir;
}

// A repository that can be opened can be served, and a client can repair what it has broken. So
// what goes wrong after that is no error to those who wait: the next call tries it again.
Result<FilesKept> keep_files(const Services& services, const KeepFiles& message) {
  const Timestamp now = services.clock->now();
  REVERIE_TRY(
    MemoryRepository repository,
    MemoryRepository::open(data_dir(services), message.agent_id, services.settings->git, now));
  std::vector<const Block*> blocks;
  for (const Block& block : *message.blocks) blocks.push_back(&block);
  FilesKept kept;
  if (auto update = sync_memory(repository, blocks, now))
    kept.update = *std::move(update);
  else
    log_warn("git: blocks and files are not alike agent={} error=\"{}\"", message.agent_id,
             update.error().message);
  kept.bytes_left = repository.bytes_left();
  return kept;
}

// Of "<agent id>.git" or what is left of making or removing one; empty: something else.
std::string agent_of(const fs::path& entry) {
  const std::string name = entry.filename().string();
  return name.starts_with("agent-") ? name.substr(0, name.find('.')) : std::string();
}

void sweep(const Services& services, std::size_t number, std::size_t count) {
  std::error_code code;
  const Table<AgentTable> agents{*services.store};
  for (fs::directory_iterator entry(MemoryRepository::root(data_dir(services)), code), end;
       !code && entry != end; entry.increment(code)) {
    const std::string agent_id = agent_of(entry->path());
    if (agent_id.empty() || git_memory_share(agent_id, count) != number) continue;
    const auto agent = agents.get({agent_id});
    if (agent || agent.error().code != Errc::not_found) continue;
    if (auto removed = MemoryRepository::remove(data_dir(services), agent_id); !removed)
      git::warn("cannot remove the repository of a deleted agent", removed.error());
  }
}

}  // namespace

std::size_t git_memory_share(const std::string& agent_id, std::size_t count) {
  return std::hash<std::string_view>{}(agent_id) % count;
}

GitMemoryActor::behavior_type git_memory_actor(GitMemoryActor::stateful_pointer<GitMemoryState>,
                                               const Services* services, std::size_t number,
                                               std::size_t count) {
  return {
    [services](const KeepFiles& message) -> caf::result<FilesKept> {
      return answer(keep_files(*services, message));
    },
    [services](const RemoveFiles& message) -> caf::result<Flush> {
      if (auto removed = MemoryRepository::remove(data_dir(*services), message.agent_id); !removed)
        return to_caf(removed.error());
      return Flush{};
    },
    [services, number, count](Flush) { sweep(*services, number, count); },
  };
}

}  // namespace reverie
