// What the actors of a node share: made once, before the first actor, and outliving the last.

#pragma once

#include "actors/messages.hpp"
#include "config/clock.hpp"
#include "config/random.hpp"
#include "config/settings.hpp"
#include "runtime/callback_sender.hpp"
#include "runtime/image_fetcher.hpp"
#include "runtime/llm/providers.hpp"
#include "runtime/mcp/mcp_client.hpp"
#include "runtime/sandbox/level_watch.hpp"
#include "runtime/tools/external_tool.hpp"
#include "runtime/tools/stored_tools.hpp"
#include "runtime/views/rendered_answers.hpp"
#include "storage/secret_box.hpp"
#include "storage/store.hpp"

#include <functional>
#include <string>

namespace reverie {

struct Services {
  const Store* store = nullptr;
  const Clock* clock = nullptr;
  Random* random = nullptr;  // thread-safe
  const Settings* settings = nullptr;
  Providers* providers = nullptr;       // thread-safe
  RenderedAnswers* rendered = nullptr;  // thread-safe; null: nothing is kept
  ImageFetcher* images = nullptr;       // thread-safe; null: images are not fetched from URLs
  CallbackSender* callbacks = nullptr;  // thread-safe; null: nobody is called back
  ToolCache* tools = nullptr;           // thread-safe
  ExternalTools* external = nullptr;    // thread-safe; null: none of these tools runs here
  McpClient* mcp = nullptr;             // thread-safe; null: no MCP server is reached from here
  Sandbox* sandbox = nullptr;           // thread-safe; null: no code runs here
  const LevelWatch* sandbox_level = nullptr;
  const SecretBox* secrets = nullptr;  // null: none are stored
  // The model actor of a provider, made when it is first asked for. Thread-safe.
  std::function<ModelActor(const std::string& provider)> model_actor;
  // Who works on the repository of an agent's memory; the same for an agent always. Thread-safe.
  std::function<GitMemoryActor(const std::string& agent_id)> git_memory;
  RouterActor router;  // set when the node has started
};

}  // namespace reverie
