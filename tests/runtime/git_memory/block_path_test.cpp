#include "runtime/git_memory/block_path.hpp"

#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(BlockPath, IsTheLabelAndBack) {
  for (const auto& [label, path] : {std::pair{"human", "human.md"},
                                    {"system/human", "system/human.md"},
                                    {"notes.md", "notes.md.md"},
                                    {"skills", "skills.md"},
                                    {"skills/pdf", "skills/pdf/SKILL.md"},
                                    {"a/skills/b", "a/skills/b.md"},
                                    {"with space/\xc3\xa4", "with space/\xc3\xa4.md"},
                                    {"...", "....md"},
                                    {"-rf", "-rf.md"}}) {
    const auto found = path_of_label(label);
    ASSERT_TRUE(found) << label;
    EXPECT_EQ(*found, path);
    EXPECT_EQ(label_of_file(path), label);
  }
}

TEST(BlockPath, RefusesWhatLeavesTheTreeOrIsNoPath) {
  using std::string;
  for (const string& label : {string(""),
                              string("/"),
                              string("/etc/passwd"),
                              string("a/"),
                              string("a//b"),
                              string("."),
                              string(".."),
                              string("../a"),
                              string("a/../b"),
                              string("a/.."),
                              string("./a"),
                              string("a/./b"),
                              string("a\\b"),
                              string("a\0b", 3),
                              string("a\nb"),
                              string("a\x7f"),
                              string(".git"),
                              string(".git/config"),
                              string("a/.GIT/b"),
                              string("GIT~1/x"),
                              string(".gitmodules/x"),
                              string("a.md/b"),
                              string("\xff"),
                              string(300, 'a'),
                              string(253, 'a'),
                              string("skills/"),
                              string("skills/a/b"),
                              string("skills/../x"),
                              string("skills/.git")}) {
    const auto path = path_of_label(label);
    ASSERT_FALSE(path) << label;
    EXPECT_EQ(path.error().code, Errc::invalid_argument);
    EXPECT_EQ(path.error().where, "label");
  }
  std::string deep;
  for (int i = 0; i < 400; ++i) deep += "ab/";
  EXPECT_FALSE(path_of_label(deep + "c"));
  EXPECT_EQ(path_of_label("a//b").error().message,
            "the label 'a//b' cannot be a file of git-backed memory: it has an empty part");
}

TEST(BlockPath, OtherFilesAreNoBlocks) {
  for (const char* path :
       {"README", "notes.txt", ".md", "a/.md/b", "skills/pdf/scripts/run.py", "skills/pdf/notes.md",
        "skills/SKILL.md", "skills//SKILL.md", "skills/a/b/SKILL.md", "skills/x.md", "../x.md",
        ".git/x.md", "a.md/b.md", "/x.md", "x.MD", ""})
    EXPECT_EQ(label_of_file(path), std::nullopt) << path;
}

}  // namespace
}  // namespace reverie
