// Every message type that actors exchange and every typed interface, in one
// place. A message is a record named after the request: no bare strings or
// integers in a signature, no atoms. CAF 0.17 identifies a type on the wire by
// its name, so renaming one breaks mixed clusters; adding a field does not
// (actors/inspect.hpp).

#pragma once

#include "actors/inspect.hpp"
#include "runtime/git_memory/memory_sync.hpp"
#include "runtime/llm/provider.hpp"
#include "runtime/mcp/mcp_messages.hpp"
#include "runtime/requests/requests.hpp"
#include "runtime/tools/outcome.hpp"
#include "storage/commit.hpp"
#include "storage/log.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <memory>

namespace reverie {

// A request on its way to who answers it, wherever that lives. Who needs another object holds
// its id and asks the router, never a handle.
struct Routed {
  std::string object_id;  // empty: the request is about an organisation
  std::string org_id;
  std::string user_id;
  Request payload;

  static constexpr std::string_view type_name = "Routed";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "object_id", &Routed::object_id),
      field(2, "org_id", &Routed::org_id),
      field(3, "user_id", &Routed::user_id),
      field(4, "payload", &Routed::payload),
    };
  }
};

// What a request is answered: JSON as the API's clients get it, rendered where the data is.
struct Answer {
  std::string json;
  std::string run_id;  // of a streaming SendMessage: subscribe to it

  static constexpr std::string_view type_name = "Answer";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "json", &Answer::json),
      field(2, "run_id", &Answer::run_id),
    };
  }
};

// From an actor to itself: go on with what has gathered in the mailbox before it.
struct Flush {
  static constexpr std::string_view type_name = "Flush";
  static constexpr auto fields() { return std::tuple{}; }
};

// From an actor to itself, every now and then.
struct Tick {
  static constexpr std::string_view type_name = "Tick";
  static constexpr auto fields() { return std::tuple{}; }
};

// An idle actor asks its shard to leave, with the number of messages that it has handled. The
// shard lets it go when it has sent no more than these; else more are on their way.
struct Leave {
  std::string object_id;
  std::int64_t handled = 0;

  static constexpr std::string_view type_name = "Leave";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "object_id", &Leave::object_id),
      field(2, "handled", &Leave::handled),
    };
  }
};

// Goes on with the open runs of an agent, and with the callbacks that were not sent: sent once for
// each that has some when a node starts.
struct ResumeRuns {
  std::string agent_id;

  static constexpr std::string_view type_name = "ResumeRuns";
  static constexpr auto fields() { return std::tuple{field(1, "agent_id", &ResumeRuns::agent_id)}; }
};

// One event of a run's stream, rendered once for all who listen. `number` is 1.. in the run.
struct StreamEvent {
  std::int64_t number = 0;
  std::shared_ptr<const std::string> frame;  // the bytes of an SSE frame
  bool is_last = false;
};

// Events for who listens to a run: on this node alone, hence shared.
struct RunEvents {
  std::string run_id;
  std::vector<StreamEvent> events;
  std::string listener = {};  // whom it is for; empty: from the agent
};

// A listener, named by who opens it. Events go to the sender of Subscribe as RunEvents, at most
// `credit` of them before Credit gives more.
struct Subscribe {
  std::string run_id;
  std::string listener;
  std::int64_t after = 0;  // number of the last event that it has
  std::int64_t credit = 0;

  static constexpr std::string_view type_name = "Subscribe";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &Subscribe::run_id),
      field(2, "listener", &Subscribe::listener),
      field(3, "after", &Subscribe::after),
      field(4, "credit", &Subscribe::credit),
    };
  }
};

struct Credit {
  std::string run_id;
  std::string listener;
  std::int64_t events = 0;

  static constexpr std::string_view type_name = "Credit";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &Credit::run_id),
      field(2, "listener", &Credit::listener),
      field(3, "events", &Credit::events),
    };
  }
};

struct Unsubscribe {
  std::string run_id;
  std::string listener;

  static constexpr std::string_view type_name = "Unsubscribe";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &Unsubscribe::run_id),
      field(2, "listener", &Unsubscribe::listener),
    };
  }
};

// A call to a model on its way, and what comes of it. Model calls are made on the node of their
// agent, so the request is shared and not copied.
struct AskModel {
  std::int64_t call_id = 0;  // of the asking agent
  std::shared_ptr<Provider> provider;
  std::shared_ptr<LlmRequest> request;
};

struct ModelDelta {
  std::int64_t call_id = 0;
  LlmDelta delta;
};

struct ModelDone {
  std::int64_t call_id = 0;
  std::shared_ptr<const Result<Completion>> completion;
};

struct CancelModel {
  std::int64_t call_id = 0;

  static constexpr std::string_view type_name = "CancelModel";
  static constexpr auto fields() { return std::tuple{field(1, "call_id", &CancelModel::call_id)}; }
};

// What a call of ExternalTools came to: made on this node, hence shared.
struct ToolDone {
  std::string call_id;
  std::shared_ptr<const ToolOutcome> outcome;
};

// What Sandbox::derive_schema has answered.
struct SchemaDerived {
  std::int64_t number = 0;  // of the question
  std::shared_ptr<const Result<std::string>> schema;
};

// What an MCP server has listed.
struct McpListed {
  std::int64_t number = 0;  // of the question
  std::shared_ptr<const Result<McpToolList>> list;
};

// What came of telling the end of a run to its callback URL.
struct CallbackDone {
  std::int64_t run_sequence_id = 0;
  bool was_tried = false;  // false: too many are under way, and it is time to try now
  std::optional<std::int64_t> status_code;
  std::optional<std::string> error;

  static constexpr std::string_view type_name = "CallbackDone";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_sequence_id", &CallbackDone::run_sequence_id),
      field(2, "was_tried", &CallbackDone::was_tried),
      field(3, "status_code", &CallbackDone::status_code),
      field(4, "error", &CallbackDone::error),
    };
  }
};

// An agent's blocks and its repository are to be made alike (runtime/git_memory/memory_sync.hpp). A
// repository is on the node of its agent, so the blocks are shared and not copied.
struct KeepFiles {
  std::string agent_id;
  std::shared_ptr<const std::vector<Block>> blocks;
};

struct FilesKept {
  MemoryUpdate update;          // what the blocks must become
  std::int64_t bytes_left = 0;  // that a push may add
};

// Together with its agent; nothing happens when there is none.
struct RemoveFiles {
  std::string agent_id;

  static constexpr std::string_view type_name = "RemoveFiles";
  static constexpr auto fields() {
    return std::tuple{field(1, "agent_id", &RemoveFiles::agent_id)};
  }
};

}  // namespace reverie

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::AskModel)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::FilesKept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::KeepFiles)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::McpListed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::ModelDelta)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::ModelDone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::RunEvents)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::SchemaDerived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reverie::ToolDone)

namespace reverie {

struct AppendGroup {
  Group group;

  static constexpr std::string_view type_name = "AppendGroup";
  static constexpr auto fields() { return std::tuple{field(1, "group", &AppendGroup::group)}; }
};

struct Appended {
  AppendOutcome outcome = AppendOutcome::unknown;

  static constexpr std::string_view type_name = "Appended";
  static constexpr auto fields() { return std::tuple{field(1, "outcome", &Appended::outcome)}; }
};

// Who listens to a run: a gateway.
using RunListener = caf::typed_actor<caf::reacts_to<RunEvents>>;

// An actor that leaves when nobody needs it: what a shard sees of those that it owns.
using ResidentActor = caf::typed_actor<caf::reacts_to<Tick>>;

// The one writer of a node's log.
using LogActor =
  caf::typed_actor<caf::replies_to<AppendGroup>::with<Appended>, caf::reacts_to<Flush>>;

// Works on the repositories of git-backed memory: blocks for the disk and for git.
// Errors: unavailable (the disk), corruption.
using GitMemoryActor =
  caf::typed_actor<caf::replies_to<KeepFiles>::with<FilesKept>,
                   caf::replies_to<RemoveFiles>::with<Flush>, caf::reacts_to<Flush>>;

// Calls models. One for each provider of this node.
using ModelActor = caf::typed_actor<caf::reacts_to<AskModel>, caf::reacts_to<CancelModel>,
                                    caf::reacts_to<ModelDone>>;

// Owns one live run's stream: keeps its events and hands them to listeners.
using RunActor =
  caf::typed_actor<caf::reacts_to<RunEvents>, caf::reacts_to<Subscribe>, caf::reacts_to<Credit>,
                   caf::reacts_to<Unsubscribe>, caf::reacts_to<Tick>>;

// Owns one live agent: its configuration, its runs, its threads.
using AgentActor =
  caf::typed_actor<caf::replies_to<Routed>::with<Answer>, caf::reacts_to<ResumeRuns>,
                   caf::reacts_to<ModelDelta>, caf::reacts_to<ModelDone>, caf::reacts_to<ToolDone>,
                   caf::reacts_to<CallbackDone>, caf::reacts_to<Tick>>;

// Owns one live block. Who edits it through here queues; who edits it in a commit
// of its own (an agent's step) meets the version.
using BlockActor = caf::typed_actor<caf::replies_to<Routed>::with<Answer>, caf::reacts_to<Tick>>;

// The tools of an organisation: makes, changes and tries them.
using ToolsActor =
  caf::typed_actor<caf::replies_to<Routed>::with<Answer>, caf::reacts_to<ToolDone>,
                   caf::reacts_to<SchemaDerived>, caf::reacts_to<McpListed>, caf::reacts_to<Tick>>;

// Does something every now and then, by itself.
using SweepActor = caf::typed_actor<caf::reacts_to<Tick>>;

// Answers what changes nothing.
using ReaderActor = caf::typed_actor<caf::replies_to<Routed>::with<Answer>>;

// The only writer of the keys of one shard, and the owner of the actors of the objects in it. A
// Commit is done (durable, and every precondition held) or it is nothing.
using ShardActor =
  caf::typed_actor<caf::replies_to<Commit>::with<CommitAnswer>,  // errors: unavailable (nothing was
                                                                 // written), timeout (perhaps it
                                                                 // was), corruption
                   caf::replies_to<Routed>::with<Answer>,  // errors: those of the object's actor,
                                                           // unavailable (too many are awake)
                   caf::reacts_to<RunEvents>, caf::reacts_to<Subscribe>, caf::reacts_to<Credit>,
                   caf::reacts_to<Unsubscribe>, caf::reacts_to<ResumeRuns>, caf::reacts_to<Leave>,
                   caf::reacts_to<Flush>, caf::reacts_to<Tick>>;

// Passes each message on to the shard or reader that answers it.
// Errors of all: invalid_argument (malformed id).
using RouterActor =
  caf::typed_actor<caf::replies_to<Routed>::with<Answer>, caf::reacts_to<Subscribe>,
                   caf::reacts_to<Credit>, caf::reacts_to<Unsubscribe>, caf::reacts_to<ResumeRuns>>;

}  // namespace reverie

CAF_BEGIN_TYPE_ID_BLOCK(reverie, caf::first_custom_type_id)
  CAF_ADD_TYPE_ID(reverie, (reverie::Answer))
  CAF_ADD_TYPE_ID(reverie, (reverie::AppendGroup))
  CAF_ADD_TYPE_ID(reverie, (reverie::Appended))
  CAF_ADD_TYPE_ID(reverie, (reverie::AskModel))
  CAF_ADD_TYPE_ID(reverie, (reverie::CallbackDone))
  CAF_ADD_TYPE_ID(reverie, (reverie::CancelModel))
  CAF_ADD_TYPE_ID(reverie, (reverie::Commit))
  CAF_ADD_TYPE_ID(reverie, (reverie::CommitAnswer))
  CAF_ADD_TYPE_ID(reverie, (reverie::Credit))
  CAF_ADD_TYPE_ID(reverie, (reverie::FilesKept))
  CAF_ADD_TYPE_ID(reverie, (reverie::Flush))
  CAF_ADD_TYPE_ID(reverie, (reverie::KeepFiles))
  CAF_ADD_TYPE_ID(reverie, (reverie::Leave))
  CAF_ADD_TYPE_ID(reverie, (reverie::McpListed))
  CAF_ADD_TYPE_ID(reverie, (reverie::ModelDelta))
  CAF_ADD_TYPE_ID(reverie, (reverie::ModelDone))
  CAF_ADD_TYPE_ID(reverie, (reverie::RemoveFiles))
  CAF_ADD_TYPE_ID(reverie, (reverie::ResumeRuns))
  CAF_ADD_TYPE_ID(reverie, (reverie::Routed))
  CAF_ADD_TYPE_ID(reverie, (reverie::RunEvents))
  CAF_ADD_TYPE_ID(reverie, (reverie::SchemaDerived))
  CAF_ADD_TYPE_ID(reverie, (reverie::Subscribe))
  CAF_ADD_TYPE_ID(reverie, (reverie::Tick))
  CAF_ADD_TYPE_ID(reverie, (reverie::ToolDone))
  CAF_ADD_TYPE_ID(reverie, (reverie::Unsubscribe))
CAF_END_TYPE_ID_BLOCK(reverie)
