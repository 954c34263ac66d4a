#include "runtime/memory/core_memory.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reverie {

void CoreMemory::load(Block block, std::int64_t version, bool is_own) {
  entries_.push_back({std::move(block), version, is_own, State::stored});
}

void CoreMemory::refresh(Block block, std::int64_t version) {
  for (Entry& loaded : entries_) {
    if (loaded.block.id != block.id || loaded.state == State::detached) continue;
    loaded.block = std::move(block);
    loaded.version = version;
    loaded.state = State::stored;
    return;
  }
}

const Block* CoreMemory::find(std::string_view label) const {
  const Entry* found = entry(label);
  return found == nullptr ? nullptr : &found->block;
}

bool CoreMemory::is_own(std::string_view label) const {
  const Entry* found = entry(label);
  return found != nullptr && found->is_own;
}

std::int64_t CoreMemory::version_of(std::string_view label) const {
  const Entry* found = entry(label);
  return found == nullptr ? 0 : found->version;
}

std::vector<const Block*> CoreMemory::blocks() const {
  std::vector<const Block*> out;
  for (const Entry& loaded : entries_)
    if (loaded.state != State::detached) out.push_back(&loaded.block);
  return out;
}

std::vector<std::string> CoreMemory::labels() const {
  std::vector<std::string> out;
  for (const Block* block : blocks()) out.push_back(block->label);
  return out;
}

void CoreMemory::set_value(std::string_view label, std::string value, Timestamp now) {
  Entry* changed = entry(label);
  assert(changed != nullptr);
  if (changed->block.value == value) return;
  changed->block.value = std::move(value);
  touch(*changed, now);
}

void CoreMemory::set_description(std::string_view label, std::string description, Timestamp now) {
  Entry* changed = entry(label);
  assert(changed != nullptr);
  changed->block.description = std::move(description);
  touch(*changed, now);
}

void CoreMemory::rename(std::string_view label, std::string new_label, Timestamp now) {
  assert(entry(new_label) == nullptr);
  Entry* changed = entry(label);
  assert(changed != nullptr);
  changed->block.label = std::move(new_label);
  touch(*changed, now);
}

void CoreMemory::create(Block block) {
  assert(entry(block.label) == nullptr);
  entries_.push_back({std::move(block), 0, true, State::created});
}

void CoreMemory::detach(std::string_view label) {
  Entry* gone = entry(label);
  assert(gone != nullptr);
  if (gone->state == State::created)
    entries_.erase(entries_.begin() + (gone - entries_.data()));
  else
    gone->state = State::detached;
}

bool CoreMemory::has_changes() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& each) { return each.state != State::stored; });
}

std::vector<BlockChange> CoreMemory::changes() const {
  std::vector<BlockChange> out;
  for (const Entry& each : entries_) {
    switch (each.state) {
      case State::stored: break;
      case State::modified:
        out.push_back({BlockChangeKind::modified, each.block, each.version});
        break;
      case State::created: out.push_back({BlockChangeKind::created, each.block, 0}); break;
      case State::detached:
        out.push_back({BlockChangeKind::detached, each.block, each.version});
        break;
    }
  }
  return out;
}

void CoreMemory::committed() {
  std::erase_if(entries_, [](const Entry& each) { return each.state == State::detached; });
  for (Entry& each : entries_) {
    if (each.state != State::stored) ++each.version;
    each.state = State::stored;
  }
}

CoreMemory::Entry* CoreMemory::entry(std::string_view label) {
  return const_cast<Entry*>(std::as_const(*this).entry(label));
}

const CoreMemory::Entry* CoreMemory::entry(std::string_view label) const {
  for (const Entry& each : entries_)
    if (each.state != State::detached && each.block.label == label) return &each;
  return nullptr;
}

void CoreMemory::touch(Entry& changed, Timestamp now) {
  changed.block.updated_at = now;
  if (changed.state == State::stored) changed.state = State::modified;
}

}  // namespace reverie
