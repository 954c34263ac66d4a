// An agent's memory blocks as one step sees and edits them.
//
// Loaded with what is stored, edited by tools, asked for what changed. Blocks that live elsewhere
// (shared with other agents) can be read here; who edits them is the owner, see edited_label().

#pragma once

#include "storage/records/block.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// What the agent's commit does to one block.
enum class BlockChangeKind : std::uint8_t {
  modified,  // put it over `version`
  created,   // add it, and attach it at the end
  detached,  // take it off the agent; the block itself stays
};

struct BlockChange {
  BlockChangeKind kind = BlockChangeKind::modified;
  Block block;               // as it is now
  std::int64_t version = 0;  // that was loaded; 0 for a created one
};

class CoreMemory {
 public:
  // Puts a block at the end of the order of attachment. `is_own` says that the agent's commit can
  // write it: it lives in the agent's home.
  void load(Block block, std::int64_t version, bool is_own = true);

  // Takes over a newer state of a loaded block, found by its id: after the owner of a shared block
  // has edited it. Edits of this step to that block are forgotten.
  void refresh(Block block, std::int64_t version);

  // Nothing when there is no such block. Valid until the next change.
  const Block* find(std::string_view label) const;
  bool is_own(std::string_view label) const;
  std::int64_t version_of(std::string_view label) const;  // 0: not stored yet, or unknown

  // In the order of attachment.
  std::vector<const Block*> blocks() const;
  std::vector<std::string> labels() const;

  // Edits. The label must be there (set_value, set_description, rename, detach) or must not
  // (create, the new label of rename).
  void set_value(std::string_view label, std::string value, Timestamp now);
  void set_description(std::string_view label, std::string description, Timestamp now);
  void rename(std::string_view label, std::string new_label, Timestamp now);
  void create(Block block);
  void detach(std::string_view label);

  bool has_changes() const;
  std::vector<BlockChange> changes() const;

  // What changed is stored: modified blocks at their version + 1, created ones at 1.
  void committed();

  bool operator==(const CoreMemory&) const = default;

 private:
  enum class State : std::uint8_t { stored, modified, created, detached };
  struct Entry {
    Block block;
    std::int64_t version = 0;
    bool is_own = true;
    State state = State::stored;
    bool operator==(const Entry&) const = default;
  };

  Entry* entry(std::string_view label);
  const Entry* entry(std::string_view label) const;
  void touch(Entry& changed, Timestamp now);

  std::vector<Entry> entries_;
};

}  // namespace reverie
