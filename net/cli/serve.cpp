#include "net/cli/serve.hpp"

#include "actors/node.hpp"
#include "actors/services.hpp"
#include "config/environment.hpp"
#include "config/failpoint.hpp"
#include "config/version.hpp"
#include "net/dispatch.hpp"
#include "net/process_metrics.hpp"
#include "net/routes.hpp"
#include "net/run_streams.hpp"
#include "net/server.hpp"
#include "runtime/image_fetcher.hpp"
#include "runtime/llm/http_providers.hpp"
#include "runtime/sandbox/sandbox_runner.hpp"
#include "runtime/tools/sandbox_tools.hpp"
#include "storage/indexes.hpp"
#include "storage/secret_box.hpp"
#include "storage/tables.hpp"

#include <chrono>
#include <csignal>
#include <ctime>
#include <iostream>
#include <memory>
#include <thread>

#include <malloc.h>

#include <spdlog/spdlog.h>

namespace reverie {

namespace {

int fail(const Error& error) {
  std::cerr << "reverie: " << error.message;
  if (!error.where.empty()) std::cerr << " (" << error.where << ')';
  std::cerr << '\n';
  return 1;
}

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

// The signals that end the server, blocked in all threads so that one can wait for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Waits for a signal; meanwhile models that come and go are noticed.
void run_until_signal(const sigset_t& signals, Providers& providers, std::int64_t refresh_s) {
  const timespec interval{static_cast<time_t>(refresh_s), 0};
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, &interval);
    if (signal > 0) {
      spdlog::info("server: stops signal={}", signal);
      return;
    }
    if (errno == EAGAIN) providers.refresh();
  }
}

// A second signal does not wait for what runs.
void stop(Server& server, const sigset_t& signals, std::chrono::seconds deadline) {
  std::jthread impatience{[&](const std::stop_token& stopped) {
    const timespec step{0, 100'000'000};
    while (!stopped.stop_requested())
      if (sigtimedwait(&signals, nullptr, &step) > 0) return server.abort();
  }};
  server.stop(deadline);
}

}  // namespace

int run_serve(const Settings& settings) {
  const Environment environment = Environment::of_process();
  if (auto armed = arm_failpoints(environment); !armed) return fail(armed.error());
  // Each arena of glibc keeps what was freed in it; two are enough for a handful of threads.
  mallopt(M_ARENA_MAX, 2);
  const sigset_t signals = block_signals();
  auto store =
    Store::open(settings.storage.data_dir, all_families(), store_options(settings.storage));
  if (!store) return fail(store.error());
  LocalLog log{**store};
  const auto secrets = open_secret_box(**store, settings.storage.encryption_key);
  if (!secrets) return fail(secrets.error());
  const SystemClock clock;
  SystemRandom random;
  auto sources = provider_sources(settings.models, environment);
  if (!sources) return fail(sources.error());
  HttpClient http;
  const auto providers = make_http_providers(http, clock, settings.models, *std::move(sources));
  providers->refresh();
  auto guard = AddressGuard::with_networks(settings.outbound.allowed_networks);
  if (!guard) return fail(guard.error());
  ImageFetcher images{http, *std::move(guard), settings.images};
  auto callback_guard = AddressGuard::with_networks(settings.callbacks.allowed_networks);
  if (!callback_guard) {
    Error error = callback_guard.error();
    error.where = "callbacks.allowed_networks";
    return fail(error);
  }
  CallbackSender callbacks{http, *std::move(callback_guard), settings.callbacks};

  Services services;
  services.store = store->get();
  services.clock = &clock;
  services.random = &random;
  services.settings = &settings;
  services.providers = providers.get();
  services.images = &images;
  services.callbacks = &callbacks;
  ToolCache tools{**store};
  services.tools = &tools;
  const auto sandbox = start_sandbox({settings.sandbox, settings.storage.data_dir + "/sandbox"});
  const LevelWatch sandbox_level{*sandbox};
  services.sandbox = sandbox.get();
  services.sandbox_level = &sandbox_level;
  SandboxTools code_tools{*sandbox, sandbox_limits(settings.sandbox)};
  ExternalToolSet external{{&code_tools}};
  services.external = &external;
  services.secrets = &*secrets;
  RenderedAnswers rendered{(*store)->home_versions(),
                           static_cast<std::size_t>(settings.server.rendered_bytes_max)};
  services.rendered = &rendered;
  auto node = Node::start(services, log);
  if (!node) return fail(node.error());

  Metrics metrics;
  add_process_metrics(metrics);
  Dispatcher dispatcher{all_routes(),
                        {settings.server.path_prefix,
                         {requires_authentication(settings), settings.server.password, {}},
                         settings.server.cors_origins},
                        &services,
                        metrics};
  ServerOptions options = server_options(settings);
  options.on_thread_start = [&services](IoBridge& bridge) { RunStreams::start(bridge, services); };
  options.on_exchange = [&dispatcher](const ExchangeSummary& summary) {
    dispatcher.on_exchange(summary);
  };
  auto server =
    Server::start((*node)->system(), std::move(options),
                  [&dispatcher](HttpRequest request, std::shared_ptr<Exchange> exchange) {
                    dispatcher.dispatch(std::move(request), std::move(exchange));
                  });
  if (!server) return fail(server.error());
  add_server_metrics(metrics, **server);
  spdlog::info("server: listens url=http://{}:{}{} data_dir={} release={}", (*server)->address(),
               (*server)->port(), settings.server.path_prefix, settings.storage.data_dir, release);

  run_until_signal(signals, *providers, settings.models.refresh_s);
  stop(**server, signals, std::chrono::seconds{settings.server.shutdown_s});
  *server = nullptr;
  *node = nullptr;
  spdlog::info("server: stopped");
  return 0;
}

}  // namespace reverie
