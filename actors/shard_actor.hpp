// The commit pipeline of one shard (check, group, append, answer) and the life of the actors of
// its objects.

#pragma once

#include "actors/errors.hpp"
#include "actors/messages.hpp"
#include "actors/residents.hpp"
#include "actors/services.hpp"
#include "config/ids.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <optional>
#include <vector>

namespace reverie {

// Which shard of `shards` (a power of two, 16 to 16,384) a home is in. The global home has the
// number behind the last one.
std::int64_t shard_of(Home home, std::int64_t shards);

class ShardState {
 public:
  static inline const char* name = "reverie.shard";

  // 256 or 400 kB: under etcd's limit of a transaction, with room for its encoding.
  static constexpr std::size_t group_commits_max = 256;
  static constexpr std::size_t group_bytes_max = 400'000;

  // Goes on behind the last group of the shard. Errors: corruption, unavailable.
  Status init(const Store& store, std::int64_t shard, std::size_t waiting_max);

  // Queues a commit. Replies at once: unavailable when the queue is full or the
  // shard has stopped, and what Store::check says of a commit that no log could
  // apply, so that it fails alone and not with the group.
  void add(Commit commit, Reply<CommitAnswer> reply);

  // Whether a Flush is due: the first commit of the next group has come, and no
  // group is under way that would come back for it.
  bool is_first() const { return in_flight_.empty() && waiting_.size() == 1; }

  // The next group to append: what waits, in order, up to the limits. Commits
  // whose preconditions do not hold are answered on the way. Nothing while a group
  // is under way, and when nothing is left.
  std::optional<Group> next_group();

  // What became of that group. Answers its commits. After `full` the shard goes on: nothing was
  // written, and there may be room again. Any other failure ends the shard, for all that wait
  // and all that come later: what it would write next depends on what nobody knows here.
  void on_append(AppendOutcome outcome);

  Residents residents;
  Residents::Time sweep_at = Residents::Time::max();  // when the next Tick that counts comes

 private:
  struct Waiting {
    Commit commit;
    Reply<CommitAnswer> reply;
  };

  // The first precondition that does not hold, at its current version.
  Result<std::optional<RecordVersion>> find_conflict(const Commit& commit) const;

  const Store* store_ = nullptr;
  std::int64_t shard_ = 0;
  std::size_t waiting_max_ = 0;
  std::int64_t sequence_ = 0;     // of the last group
  std::optional<Error> stopped_;  // what everybody is told since then
  std::deque<Waiting> waiting_;
  std::vector<Reply<CommitAnswer>> in_flight_;
};

// `log` is on this node.
ShardActor::behavior_type shard_actor(ShardActor::stateful_pointer<ShardState> self,
                                      const Services* services, const LogActor& log,
                                      std::int64_t shard);

}  // namespace reverie
