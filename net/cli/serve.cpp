#include "net/cli/serve.hpp"

#include "config/environment.hpp"
#include "config/failpoint.hpp"
#include "config/log_line.hpp"
#include "config/version.hpp"
#include "net/application.hpp"
#include "runtime/llm/http_providers.hpp"

#include <chrono>
#include <csignal>
#include <ctime>
#include <iostream>
#include <memory>
#include <thread>

#include <malloc.h>

namespace reverie {

namespace {

int fail(const Error& error) {
  std::cerr << "reverie: " << error.message;
  if (!error.where.empty()) std::cerr << " (" << error.where << ')';
  std::cerr << '\n';
  return 1;
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
      log_info("server: stops signal={}", signal);
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
  // Small blocks that were freed are joined with their neighbours at once. With its fast bins glibc
  // does so for all of them at each allocation of a kilobyte or more, and a message has dozens.
  mallopt(M_MXFAST, 0);
  // Small blocks that were freed are joined with their neighbours at once. With its fast bins glibc
  // does so for all of them at each allocation of a kilobyte or more, and a message has dozens.
  mallopt(M_MXFAST, 0);
  const sigset_t signals = block_signals();
  const SystemClock clock;
  auto sources = provider_sources(settings.models, environment);
  if (!sources) return fail(sources.error());
  HttpClient http;
  const auto providers = make_http_providers(http, clock, settings.models, *std::move(sources));
  providers->refresh();
  auto application = Application::start(settings, clock, http, *providers);
  if (!application) return fail(application.error());
  Server& server = (*application)->server();
  log_info("server: listens url=http://{}:{}{} data_dir={} release={}", server.address(),
           server.port(), settings.server.path_prefix, settings.storage.data_dir, release);

  run_until_signal(signals, *providers, settings.models.refresh_s);
  stop(server, signals, std::chrono::seconds{settings.server.shutdown_s});
  *application = nullptr;
  log_info("server: stopped");
  return 0;
}

}  // namespace reverie
