#include "net/cli/agents.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(CliAgents, ListsThemInATable) {
  const Json agents = Json::array({{{"id", "agent-1"},
                                    {"name", "reverie"},
                                    {"model", "openai/gpt-4o-mini"},
                                    {"created_at", "2026-01-02T03:04:05.000006Z"},
                                    {"last_run_completion", nullptr}},
                                   {{"id", "agent-2"}, {"name", "b"}}});
  EXPECT_EQ(agents_table(agents, Style()),
            "NAME     ID       MODEL               CREATED           LAST RUN\n"
            "reverie  agent-1  openai/gpt-4o-mini  2026-01-02 03:04\n"
            "b        agent-2\n");
}

TEST(CliAgents, ShowsOneWithItsMemory) {
  const Json agent{
    {"id", "agent-1"},
    {"name", "reverie"},
    {"model", "reverie/demo"},
    {"tools", Json::array({{{"name", "memory_insert"}}, {{"name", "x"}}})},
    {"tags", Json::array({"home"})},
    {"blocks",
     Json::array({{{"label", "human"}, {"value", "Name: Ada\nLikes grün"}, {"limit", 100}},
                  {{"label", "persona"}, {"value", ""}}})}};
  EXPECT_EQ(agent_text(agent, Style()),
            "reverie\n"
            "  id        agent-1\n"
            "  model     reverie/demo\n"
            "  tools     memory_insert, x\n"
            "  tags      home\n"
            "\n"
            "human 20/100 characters\n"
            "  Name: Ada\n"
            "  Likes grün\n"
            "\n"
            "persona\n"
            "  (empty)\n");
}

TEST(CliAgents, LetsNoNameSteerTheTerminal) {
  EXPECT_EQ(block_text({{"label", "a\x1b[2Jb"}, {"value", "\x1b[1mv"}}, Style()),
            "a[2Jb\n  [1mv\n");
}

}  // namespace
}  // namespace reverie
