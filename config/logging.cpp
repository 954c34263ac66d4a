#include "config/logging.hpp"

#include "config/clock.hpp"
#include "config/json_text.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace reverie {
namespace {

Timestamp time_of(const spdlog::details::log_msg& line) {
  return std::chrono::time_point_cast<Timestamp::duration>(line.time);
}

std::string_view view(spdlog::string_view_t text) {
  return {text.data(), text.size()};
}

class TextFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    std::string text = to_rfc3339(time_of(line));
    text += ' ';
    text += view(spdlog::level::to_string_view(line.level));
    text += ' ';
    for (const char c : view(line.payload)) text += c == '\n' ? ' ' : c;  // one event, one line
    text += '\n';
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<TextFormatter>();
  }
};

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    std::string text = R"({"time":")" + to_rfc3339(time_of(line)) + R"(","level":")";
    text += view(spdlog::level::to_string_view(line.level));
    text += R"(","text":)";
    append_json_string(text, view(line.payload));
    text += "}\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

}  // namespace

void set_up_logging(const LogSettings& settings) {
  auto logger =
    std::make_shared<spdlog::logger>("reverie", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (settings.format == "json")
    logger->set_formatter(std::make_unique<JsonFormatter>());
  else
    logger->set_formatter(std::make_unique<TextFormatter>());
  logger->set_level(spdlog::level::from_str(settings.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace reverie
