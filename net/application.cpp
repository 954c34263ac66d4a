#include "net/application.hpp"

#include "actors/node.hpp"
#include "actors/services.hpp"
#include "net/dispatch.hpp"
#include "net/process_metrics.hpp"
#include "net/routes.hpp"
#include "net/run_streams.hpp"
#include "runtime/address_guard.hpp"
#include "runtime/image_fetcher.hpp"
#include "runtime/mcp/mcp_pool.hpp"
#include "runtime/mcp/mcp_tools.hpp"
#include "runtime/sandbox/level_watch.hpp"
#include "runtime/sandbox/sandbox_runner.hpp"
#include "runtime/tools/sandbox_tools.hpp"
#include "runtime/web/web_tools.hpp"
#include "storage/indexes.hpp"
#include "storage/secret_box.hpp"
#include "storage/tables.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/send.hpp>

namespace reverie {

namespace {

StoreOptions store_options(const StorageSettings& settings) {
  StoreOptions options;
  options.block_cache_bytes = static_cast<std::size_t>(settings.block_cache_bytes);
  options.write_buffer_bytes = static_cast<std::size_t>(settings.write_buffer_bytes);
  options.wal_bytes_max = static_cast<std::size_t>(settings.wal_bytes_max);
  options.resume_limit = std::chrono::seconds{settings.resume_s};
  options.shards = settings.shards;
  options.indexes = all_indexes();
  return options;
}

Result<AddressGuard> guard_of(const std::vector<std::string>& networks, const char* setting) {
  auto guard = AddressGuard::with_networks(networks);
  if (guard) return guard;
  Error error = std::move(guard).error();
  error.where = setting;
  return error;
}

// The tools of a server that says that they have changed are looked at, as if somebody had asked.
McpClient::OnChanged refresh_by(const RouterActor& router) {
  const caf::weak_actor_ptr weak = caf::actor_cast<caf::weak_actor_ptr>(router);
  return [weak](const std::string& org_id, const std::string& server_id) {
    if (const auto actor = weak.lock())
      caf::anon_send(caf::actor_cast<caf::actor>(actor),
                     Routed{org_id, org_id, "", RefreshMcpServer{server_id, std::nullopt}});
  };
}

}  // namespace

// In the order of construction.
struct Application::Impl {
  std::unique_ptr<Store> store;
  std::optional<LocalLog> log;
  std::optional<SecretBox> secrets;
  SystemRandom random;
  std::optional<ImageFetcher> images;
  std::optional<CallbackSender> callbacks;
  std::optional<RenderedAnswers> rendered;
  std::optional<ToolCache> tools;
  std::unique_ptr<Sandbox> sandbox;
  std::optional<LevelWatch> sandbox_level;
  std::optional<SandboxTools> code_tools;
  std::unique_ptr<WebTools> web_tools;
  std::unique_ptr<McpClient> mcp;
  std::optional<McpTools> mcp_tools;
  std::optional<ExternalToolSet> external;
  Services services;
  std::unique_ptr<Node> node;
  Metrics metrics;
  std::optional<Dispatcher> dispatcher;
  std::unique_ptr<Server> server;
};

Result<std::unique_ptr<Application>> Application::start(const Settings& settings,
                                                        const Clock& clock, HttpClient& http,
                                                        Providers& providers) {
  auto impl = std::make_unique<Impl>();
  REVERIE_TRY(impl->store, Store::open(settings.storage.data_dir, all_families(),
                                       store_options(settings.storage)));
  impl->log.emplace(*impl->store);
  REVERIE_TRY(auto secrets, open_secret_box(*impl->store, settings.storage.encryption_key));
  impl->secrets.emplace(std::move(secrets));
  REVERIE_TRY(auto image_guard,
              guard_of(settings.outbound.allowed_networks, "outbound.allowed_networks"));
  impl->images.emplace(http, std::move(image_guard), settings.images);
  REVERIE_TRY(auto callback_guard,
              guard_of(settings.callbacks.allowed_networks, "callbacks.allowed_networks"));
  impl->callbacks.emplace(http, std::move(callback_guard), settings.callbacks);
  impl->rendered.emplace(impl->store->home_versions(),
                         static_cast<std::size_t>(settings.server.rendered_bytes_max));
  impl->tools.emplace(*impl->store);
  impl->sandbox = start_sandbox({settings.sandbox, settings.storage.data_dir + "/sandbox"});
  impl->sandbox_level.emplace(*impl->sandbox);
  impl->code_tools.emplace(*impl->sandbox, sandbox_limits(settings.sandbox));
  REVERIE_TRY(impl->web_tools, WebTools::make(http, clock, settings.web));
  REVERIE_TRY(impl->mcp,
              start_mcp_pool(http, settings.mcp, settings.sandbox, &*impl->sandbox_level));
  impl->mcp_tools.emplace(*impl->mcp, *impl->store, &*impl->secrets, settings.mcp);
  impl->external.emplace(
    std::vector<ExternalTools*>{&*impl->code_tools, impl->web_tools.get(), &*impl->mcp_tools});

  Services& services = impl->services;
  services.store = impl->store.get();
  services.clock = &clock;
  services.random = &impl->random;
  services.settings = &settings;
  services.providers = &providers;
  services.images = &*impl->images;
  services.callbacks = &*impl->callbacks;
  services.rendered = &*impl->rendered;
  services.secrets = &*impl->secrets;
  services.tools = &*impl->tools;
  services.mcp = impl->mcp.get();
  services.sandbox = impl->sandbox.get();
  services.sandbox_level = &*impl->sandbox_level;
  services.external = &*impl->external;
  REVERIE_TRY(impl->node, Node::start(services, *impl->log));
  impl->mcp->set_on_changed(refresh_by(services.router));

  add_process_metrics(impl->metrics);
  impl->dispatcher.emplace(
    all_routes(),
    DispatcherOptions{settings.server.path_prefix,
                      {requires_authentication(settings), settings.server.password, {}},
                      settings.server.cors_origins},
    &services, impl->metrics);
  ServerOptions options = server_options(settings);
  options.on_thread_start = [&services](IoBridge& bridge) { RunStreams::start(bridge, services); };
  Dispatcher& dispatcher = *impl->dispatcher;
  options.on_exchange = [&dispatcher](const ExchangeSummary& summary) {
    dispatcher.on_exchange(summary);
  };
  REVERIE_TRY(impl->server,
              Server::start(impl->node->system(), std::move(options),
                            [&dispatcher](HttpRequest request, std::shared_ptr<Exchange> exchange) {
                              dispatcher.dispatch(std::move(request), std::move(exchange));
                            }));
  add_server_metrics(impl->metrics, *impl->server);
  return std::unique_ptr<Application>{new Application{std::move(impl)}};
}

Application::Application(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

// The metrics name the server, and the dispatcher the actors.
Application::~Application() {
  impl_->server = nullptr;
  impl_->node = nullptr;
}

Server& Application::server() {
  return *impl_->server;
}

}  // namespace reverie
