// The server as it is, but that its only model is in the process (paced_model.hpp). Prints "begins"
// when that begins, and one line of JSON when it has said all; ends with SIGTERM.

#include "bench/paced_model.hpp"
#include "config/log_line.hpp"
#include "config/settings.hpp"
#include "net/application.hpp"

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <malloc.h>

#include <CLI/CLI.hpp>

namespace {

using reverie::bench::Pace;
using reverie::bench::PacedModel;
using reverie::bench::PaceReport;

constexpr const char* provider_name = "paced";

void print(const PaceReport& report) {
  std::printf(
    "{\"words\": %zu, \"late_ms_max\": %.3f, \"cpu_s_before\": %.6f, \"thread_cpu_s\": %.6f}\n",
    report.words, report.late_ms_max, report.cpu_s_before, report.thread_cpu_s);
  std::fflush(stdout);
}

void say_begin() {
  std::puts("begins");
  std::fflush(stdout);
}

void list_model(const reverie::ProviderSource&, const reverie::OnModels& on_models) {
  reverie::ModelInfo model;
  model.handle = std::string(provider_name) + "/words";
  model.name = model.display_name = "words";
  model.provider = provider_name;
  model.provider_type = "openai";
  model.context_window = 128'000;
  model.output_tokens_max = 4'096;
  on_models(std::vector{model});
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The server with a model of its own, at a steady pace");
  reverie::Settings settings;
  Pace pace;
  std::int64_t interval_ms = 500;
  app.add_option("--data-dir", settings.storage.data_dir)->required();
  app.add_option("--calls", pace.calls, "For how many of them the model waits")->required();
  app.add_option("--words", pace.words, "Said to each")->required();
  app.add_option("--interval-ms", interval_ms, "From word to word")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  pace.interval = std::chrono::milliseconds(interval_ms);
  settings.server.port = 0;
  settings.server.connections_max = static_cast<std::int64_t>(pace.calls) + 100;
  settings.server.connections_per_address_max = settings.server.connections_max;

  mallopt(M_ARENA_MAX, 2);  // as the server does
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const reverie::SystemClock clock;
  reverie::HttpClient http;
  const auto model = std::make_shared<PacedModel>(pace, say_begin, print);
  std::vector<reverie::ProviderSource> sources{{.name = provider_name, .type = "openai"}};
  reverie::Providers providers{
    std::move(sources), [&](const reverie::ProviderSource&) { return model; }, list_model, clock};
  providers.refresh();
  auto application = reverie::Application::start(settings, clock, http, providers);
  if (!application) {
    std::fprintf(stderr, "bench_streams: %s\n", application.error().message.c_str());
    return 1;
  }
  const reverie::Server& server = (*application)->server();
  reverie::log_info("server: listens url=http://{}:{}", server.address(), server.port());
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}
