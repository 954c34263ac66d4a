// A model server without a model: it answers what the request's script says (script.hpp), in the
// wire formats of OpenAI and Anthropic.

#include "tests/scripted_model/server.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <CLI/CLI.hpp>

namespace {

using reverie::scripted::Server;
using reverie::scripted::Settings;

struct Options {
  std::uint16_t port = 9099;
  std::string port_file;
  std::size_t threads = 1;
  Settings settings;
};

void add_options(CLI::App& app, Options& options) {
  Settings& settings = options.settings;
  app.add_option("--port", options.port, "0: any that is free")->capture_default_str();
  app.add_option("--port-file", options.port_file, "Where the port is written when it listens");
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--latency-ms", settings.latency_ms, "Before the first byte of every answer")
    ->capture_default_str();
  app.add_option("--tokens-per-s", settings.tokens_per_s, "Stream events; 0: as fast as possible")
    ->capture_default_str();
  app.add_option("--chunk-words", settings.chunk_words, "Words in a stream event")
    ->capture_default_str();
  app.add_flag("!--no-coalesce", settings.coalesce, "One write for each stream event");
  app.add_option("--embedding-dim", settings.embedding_dim, "For models that are not known")
    ->capture_default_str();
  app.add_option("--journal-size", settings.journal_size, "Requests that are kept")
    ->capture_default_str();
  app.add_flag("!--no-history-check", settings.check_history,
               "Answer histories that the vendors refuse, too");
  app.add_flag("!--no-journal", settings.journal, "Keep no request");
}

// Whoever waits for the file never sees half of it.
void write_port(const std::string& path, std::uint16_t port) {
  const std::string unfinished = path + ".new";
  std::ofstream(unfinished) << port << '\n';
  std::filesystem::rename(unfinished, path);
}

// Thousands of streams are thousands of sockets.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void serve(const Options& options) {
  raise_file_limit();
  Server server(options.port, options.threads, options.settings);
  server.stop_on_signals();
  std::printf("scripted model server on http://127.0.0.1:%u/v1\n", unsigned{server.port()});
  std::fflush(stdout);
  if (!options.port_file.empty()) write_port(options.port_file, server.port());
  server.run();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Scripted model server: OpenAI and Anthropic wire formats");
  Options options;
  add_options(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    serve(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scripted_model: %s\n", error.what());
    return 1;
  }
  return 0;
}
