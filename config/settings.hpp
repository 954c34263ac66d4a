// Everything that an operator can set. The structs are what the code reads; the list of
// options (settings.cpp) gives each member its name, unit, bounds and sentence, and flags,
// environment variables, YAML, `reverie config` and docs/settings.md follow from that list.

#pragma once

#include "config/error.hpp"
#include "config/option.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reverie {

struct ServerSettings {
  std::string host = "127.0.0.1";
  std::int64_t port = 8283;  // 0: any free one
  bool secure = false;
  std::string password;
  bool insecure_allow_remote = false;
  std::string path_prefix;      // "/letta", without a final slash
  std::int64_t io_threads = 0;  // 0: chosen from the number of cores
  std::int64_t body_bytes_max = 32LL << 20;
  std::int64_t header_bytes_max = 64LL << 10;
  std::int64_t connections_max = 16'384;
  std::int64_t connections_per_address_max = 1'024;
  std::int64_t idle_s = 75;
  std::int64_t request_s = 60;
  std::int64_t shutdown_s = 30;
  std::int64_t stream_queue_bytes_max = 1LL << 20;
  std::int64_t rendered_bytes_max = 16LL << 20;
  std::vector<std::string> cors_origins;
};

struct StorageSettings {
  std::string data_dir;  // never empty after load_settings
  std::int64_t block_cache_bytes = 24LL << 20;
  std::int64_t write_buffer_bytes = 16LL << 20;  // of all column families together
  std::int64_t wal_bytes_max = 64LL << 20;
  std::int64_t resume_s = 60;
  std::int64_t shards = 256;
  std::string encryption_key;  // empty: that of a file in data_dir
};

struct ActorSettings {
  std::int64_t threads = 0;  // 0: one per core
  std::int64_t idle_s = 300;
  std::int64_t resident_max = 100'000;
  std::int64_t history_bytes_max = 16LL << 10;  // per agent
  std::int64_t queue_max = 64;
  std::int64_t shard_queue_max = 4'096;
};

struct RunSettings {
  std::int64_t resume_attempts_max = 3;
  std::int64_t deadline_s = 3'600;
  std::int64_t steps_max_default = 50;
  std::int64_t events_bytes_max = 16LL << 20;  // per run
  std::int64_t events_age_s = 10'800;
  std::int64_t events_node_bytes_max = 8LL << 30;
  std::int64_t events_sweep_s = 60;
};

// One model provider of the YAML file: models.providers.<name>. Those that are known by an
// environment variable alone (OPENAI_API_KEY ...) are added by runtime/llm/provider_sources.
struct ConfiguredProvider {
  std::string name;
  std::string type;      // the dialect and its defaults: openai, anthropic, ollama, ...
  std::string base_url;  // empty: the type's own
  std::string api_key;   // from the file, or from the variable that api_key_variable names
  std::int64_t concurrency_max = 0;  // 0: models.concurrency_max

  bool operator==(const ConfiguredProvider&) const = default;
};

struct ModelSettings {
  std::string default_handle;            // empty: none
  std::string default_embedding_handle;  // empty: none
  bool discover_local = true;
  std::int64_t refresh_s = 60;
  std::int64_t listing_s = 10;
  std::int64_t context_window_max = 128'000;  // tokens
  std::int64_t request_s = 600;
  std::int64_t stream_idle_s = 120;
  std::int64_t connect_s = 10;
  std::int64_t attempts_max = 3;
  std::int64_t retry_after_s_max = 30;
  std::int64_t concurrency_max = 2'048;  // per provider
  std::vector<ConfiguredProvider> providers;
};

struct ApprovalSettings {
  std::int64_t expire_s = 0;  // 0: never
};

struct TraceSettings {
  bool enabled = false;
  std::int64_t bytes_max = 256LL << 10;  // of one request or answer
  std::int64_t age_s = 30LL * 24 * 3'600;
};

struct StreamSettings {
  std::int64_t ping_s = 20;
  std::int64_t websocket_runs_max = 64;  // of one client's socket, at once
};

struct GitSettings {
  std::int64_t repository_bytes_max = 256LL << 20;  // per agent
  std::int64_t loose_objects_max = 1'000;           // per agent
  std::int64_t request_s = 180;
  std::int64_t processes_max = 16;
};

struct ImageSettings {
  std::int64_t bytes_max = 3'840LL << 10;  // of one
  std::int64_t fetch_s = 5;
};

struct OutboundSettings {
  std::vector<std::string> allowed_networks;  // for URLs that others name; see AddressGuard
};

struct CallbackSettings {
  std::int64_t attempts_max = 4;
  std::int64_t retry_ms = 1'000;  // before the second attempt; four times as long each time
  std::int64_t timeout_s = 5;
  std::int64_t concurrency_max = 256;
  std::int64_t body_bytes_max = 16LL << 20;
  std::int64_t answer_bytes_max = 1LL << 20;
  // Beside the public internet. No private IPv6: clouds keep metadata among it.
  std::vector<std::string> allowed_networks{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                            "127.0.0.0/8", "::1"};
};

struct SandboxSettings {
  std::string level_min = "process";  // none, process, isolated
  std::string level_max = "isolated";
  std::int64_t wall_s = 180;
  std::int64_t cpu_s = 60;
  std::int64_t memory_bytes = 512LL << 20;  // of each process
  std::int64_t processes_max = 64;
  std::int64_t output_bytes_max = 1LL << 20;
  std::int64_t file_bytes_max = 64LL << 20;
  std::int64_t calls_max = 64;
  std::int64_t queue_max = 1'024;
  std::int64_t warm_max = 8;
  std::int64_t idle_s = 300;
  std::int64_t start_s = 10;
  std::int64_t grace_ms = 500;
  std::int64_t uid_first = 58'000;
  std::int64_t uids = 1'000;
  std::string package_index = "pip";  // pip: its own; empty: none
  std::string package_wheels;         // a folder; empty: none
  bool package_hashes = false;
  std::int64_t package_build_s = 600;
  std::int64_t package_bytes_max = 4LL << 30;
};

// The tools fetch_webpage and web_search.
struct WebSettings {
  std::vector<std::string> allowed_networks;  // beside the public internet; see AddressGuard
  std::vector<std::string> ports{"80", "443", "8080", "8443"};  // see PortSet
  std::int64_t timeout_s = 30;                                  // of a page, or of a search
  std::int64_t redirects_max = 10;
  std::int64_t page_bytes_max = 4LL << 20;
  std::int64_t text_bytes_max = 1LL << 20;
  std::int64_t concurrency_max = 32;
  std::int64_t queue_max = 1'024;
  std::string user_agent;                // empty: "Mozilla/5.0 (compatible; reverie)"
  std::string search_provider = "auto";  // auto, none, exa, tavily, brave, searxng
  std::string search_url;                // empty: the provider's own
  std::string exa_api_key;
  std::string tavily_api_key;
  std::string brave_api_key;
  std::int64_t search_retry_ms = 1'000;
};

// What agents reach by the Model Context Protocol.
struct McpSettings {
  // Beside the public internet. No private IPv6: clouds keep metadata among it.
  std::vector<std::string> allowed_networks{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                            "127.0.0.0/8", "::1"};
  std::int64_t connect_s = 30;
  std::int64_t list_s = 30;
  std::int64_t call_s = 60;
  std::int64_t message_bytes_max = 4LL << 20;
  std::int64_t tools_max = 256;  // of one server
  std::int64_t tool_bytes_max = 64LL << 10;
  std::int64_t servers_max = 256;   // of an organisation
  std::int64_t sessions_max = 256;  // open at once
  std::int64_t calls_max = 1'024;   // under way at once
  std::int64_t idle_s = 300;
  bool disable_stdio = true;
  bool stdio_network = false;
  std::vector<std::string> stdio_folders;
};

struct LogSettings {
  std::string level = "info";   // trace, debug, info, warn, error, off
  std::string format = "text";  // text, json
};

struct Settings {
  ServerSettings server;
  StorageSettings storage;
  ActorSettings actors;
  RunSettings runs;
  ModelSettings models;
  ApprovalSettings approvals;
  TraceSettings traces;
  StreamSettings streams;
  GitSettings git;
  ImageSettings images;
  OutboundSettings outbound;
  CallbackSettings callbacks;
  SandboxSettings sandbox;
  WebSettings web;
  McpSettings mcp;
  LogSettings log;
};

// Whether requests must carry the server's password.
bool requires_authentication(const Settings& settings);

// Refuses to face other machines without authentication, and says which setting decides.
// Errors: invalid_argument.
Status check_exposure(const Settings& settings);

// Every option, grouped by section, in the order of the structs.
const std::vector<Option>& options();

}  // namespace reverie
