// What the next call of an agent's model would read again: the newest messages as a model is told
// of them (MessageContent, as encoded, some sixty bytes beside the text), and the contexts that
// say which messages a thread has.
//
// Only the agent's own commits write these rows (actors/commit_queue.hpp), and what a commit writes
// is read off its bytes. So nobody says what has changed, and no way to change a message can be
// forgotten: compaction, reset, correction, deletion and a fork's inheritance all come this way.

#pragma once

#include "storage/commit.hpp"
#include "storage/tables.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

class HistoryCache {
 public:
  // `bytes_max` counts what the rows take in memory too. Contexts go first, but for the newest
  // one, then the oldest messages.
  HistoryCache(const Store& store, std::string agent_id, std::size_t bytes_max);

  // What a commit does to the agent's rows. Bytes that cannot be read make it all of them.
  struct Writes {
    struct Row {
      std::int64_t sequence_id = 0;
      std::optional<std::string> content;  // encoded; nothing: deleted
    };
    struct Thread {
      std::string conversation_id;     // as keys have it: "" for the default thread
      std::optional<Context> context;  // nothing: deleted
    };
    std::vector<Row> rows;
    std::vector<Thread> threads;
    bool has_range = false;  // of deleted rows, whichever
  };
  Writes writes_of(const Commit& commit) const;
  // They are durable.
  void apply(Writes writes);
  // What is stored is not known.
  void clear();

  // Nothing: not here. Valid until the next change.
  const std::string* find(std::int64_t sequence_id) const;
  // One that was read from the store, if there is room: it takes no other's place.
  void fill(std::int64_t sequence_id, std::string content);

  // The same of a thread's context.
  const Context* find_context(std::string_view conversation_id) const;
  void fill_context(const std::string& conversation_id, const Context& context);

  // A stored message as it is kept here. Errors: corruption.
  static Result<std::string> content_of(std::string_view stored);

  // Whether each row here is the store's. Of an agent that has no commit under way.
  bool is_as_stored() const;

 private:
  struct Row {
    std::int64_t sequence_id = 0;
    std::string content;
  };

  struct Thread {
    std::string conversation_id;
    Context context;
  };

  static std::size_t size_of(const std::string& content);
  static std::size_t size_of(const Context& context);
  std::size_t place_of(std::int64_t sequence_id) const;  // of the first that is not older
  bool is_at(std::size_t place, std::int64_t sequence_id) const;
  void put(std::int64_t sequence_id, std::string content);
  void erase(std::int64_t sequence_id);
  void put_context(std::string conversation_id, Context context);
  void erase_context(std::string_view conversation_id);
  void trim();

  Table<MessageTable> messages_;
  Table<ContextTable> contexts_;
  std::uint32_t message_family_;  // of the tables, in commits
  std::uint32_t context_family_;
  std::string agent_id_;
  std::size_t bytes_max_;
  std::vector<Row> rows_;        // oldest first
  std::vector<Thread> threads_;  // the one that was written last is the last
  std::size_t bytes_ = 0;        // sum of size_of()
};

}  // namespace reverie
