#include "config/logging.hpp"
#include "config/log_line.hpp"

#include "config/json.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

namespace reverie {
namespace {

std::string lines_of(const LogSettings& settings, void (*write)()) {
  ::testing::internal::CaptureStderr();
  set_up_logging(settings);
  write();
  spdlog::default_logger()->flush();
  return ::testing::internal::GetCapturedStderr();
}

TEST(Logging, WritesOneLineAnEventWithTimeAndLevel) {
  const std::string text =
    lines_of({"info", "text"}, [] { log_info("server: listening port={}\nforged line", 80); });
  ASSERT_GE(text.size(), 28U);
  EXPECT_EQ(text[26], 'Z');
  EXPECT_EQ(text.substr(27), " info server: listening port=80 forged line\n");
}

TEST(Logging, WritesJsonObjects) {
  const std::string text =
    lines_of({"info", "json"}, [] { log_error("storage: cannot sync error=\"no space\""); });
  const Json line = Json::parse(text);
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["text"], "storage: cannot sync error=\"no space\"");
  EXPECT_TRUE(from_rfc3339(line["time"].get<std::string>()));
}

TEST(Logging, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_EQ(lines_of({"warn", "text"}, [] { log_info("server: listening"); }), "");
  EXPECT_EQ(lines_of({"off", "text"}, [] { log_critical("storage: gone"); }), "");
}

}  // namespace
}  // namespace reverie
