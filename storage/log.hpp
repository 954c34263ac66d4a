// Where commits become durable. A shard sends groups of commits and has at most
// one group under way; who writes them is an actor (actors/log_actor.hpp).

#pragma once

#include "storage/codec.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace reverie {

class Applier;

// Commits of one shard that become durable together or not at all.
struct Group {
  std::int64_t shard = 0;
  std::int64_t epoch = 0;           // of the shard's ownership; the local log has no use for it
  std::int64_t sequence = 0;        // 1.. without gaps, in the order of append
  std::vector<std::string> writes;  // Commit::writes of each

  static constexpr std::string_view type_name = "Group";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "shard", &Group::shard),
      field(2, "epoch", &Group::epoch),
      field(3, "sequence", &Group::sequence),
      field(4, "writes", &Group::writes),
    };
  }
  bool operator==(const Group&) const = default;
};

enum class AppendOutcome : std::uint8_t {
  unknown = 0,  // may or may not be durable
  ok = 1,       // durable, and visible in the store
  fenced = 2,   // not durable and never will be: another node owns the shard
  refused = 3,  // not durable: not the next sequence of the shard, or bytes that are no batch
  full = 4,     // not durable and never will be: no room on the disk; the shard goes on, and its
                // next group has this sequence again
};

class Log {
 public:
  virtual ~Log() = default;

  // One outcome for each group, in their order; one that is refused takes nothing
  // from the others. At most one group of each shard. Blocks (a disk sync, a round trip
  // to a quorum); called by one thread at a time.
  virtual std::vector<AppendOutcome> append(std::span<const Group> groups) = 0;
};

// A single node's log is the write-ahead log of its RocksDB: the groups of all
// shards are one write and one sync. The sequence of each shard is in that write,
// and only the next one is accepted, so no group is applied twice or left out.
// Derived families are in it too (storage/index.hpp).
//
// A full disk is looked at again by each append, so shards need no more than to go
// on. A sync that failed, or any other error of the disk, has called
// StoreOptions::on_fatal; the outcomes are `unknown` where that returns.
class LocalLog final : public Log {
 public:
  explicit LocalLog(Store& store) : store_(&store) {}
  std::vector<AppendOutcome> append(std::span<const Group> groups) override;

 private:
  bool add_group(const Group& group, Applier& applier) const;

  Store* store_;
  std::map<std::int64_t, std::int64_t> sequences_;  // shard -> its last one, where it is known
};

}  // namespace reverie
