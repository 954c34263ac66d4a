#include "runtime/git_memory/repository.hpp"

#include "runtime/git_memory/block_file.hpp"
#include "runtime/git_memory/git_process.hpp"
#include "tests/support/temp_dir.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const std::string agent_id = "agent-2f6c81d4-0000-4000-8000-000000000001";

class MemoryRepositoryTest : public ::testing::Test {
 protected:
  MemoryRepository open() {
    auto repository = MemoryRepository::open(dir.path(), agent_id, settings, now);
    EXPECT_TRUE(repository) << repository.error().message;
    return *std::move(repository);
  }

  std::string head() { return *open().head(); }

  std::string commit(MemoryRepository& repository, const std::vector<FileChange>& changes) {
    auto made = repository.commit(*repository.head(), changes, "Update x block", now);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : "";
  }

  std::vector<MemoryFile> files() { return open().read()->files; }

  // Runs git on the repository, as another program would; its output.
  std::string git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"-C", MemoryRepository::path(dir.path(), agent_id)->string()});
    const std::string out = dir.path() + "/out";
    std::FILE* file = std::fopen(out.c_str(), "w");
    GitStart start;
    start.arguments = std::move(arguments);
    start.output = ::fileno(file);
    auto process = start_git(start);
    EXPECT_TRUE(process);
    EXPECT_EQ(process->wait(std::chrono::seconds(30)), 0);
    std::fclose(file);
    std::ifstream in(out);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  testing::TempDir dir{testing::memory_directory()};
  GitSettings settings;
  Timestamp now = *from_rfc3339("2026-11-21T10:00:00Z");
};

TEST_F(MemoryRepositoryTest, IsMadeOnceWithAFirstCommit) {
  const std::string first = head();
  EXPECT_EQ(first.size(), 40U);
  EXPECT_EQ(head(), first);
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(git({"symbolic-ref", "HEAD"}), "refs/heads/main\n");
  EXPECT_EQ(git({"log", "--format=%an <%ae> %at %s", "main"}),
            "reverie <reverie@localhost> 1795255200 Create memory\n");
}

TEST_F(MemoryRepositoryTest, RefusesWhatIsNoAgent) {
  for (const char* id : {"", "agent-1", "../x", "block-2f6c81d4-0000-4000-8000-000000000001",
                         "agent-2f6c81d4-0000-4000-8000-000000000001/.."}) {
    EXPECT_EQ(MemoryRepository::open(dir.path(), id, settings, now).error().code,
              Errc::invalid_argument);
    EXPECT_FALSE(MemoryRepository::remove(dir.path(), id));
  }
}

TEST_F(MemoryRepositoryTest, CommitsSetRenameAndRemoveFiles) {
  auto repository = open();
  const std::string first =
    commit(repository, {{"system/human.md", "one"}, {"notes/deep/a.md", "two"}, {"b.md", "three"}});
  EXPECT_EQ(files(), (std::vector<MemoryFile>{{"b.md", "b", "three"},
                                              {"notes/deep/a.md", "notes/deep/a", "two"},
                                              {"system/human.md", "system/human", "one"}}));
  const std::string second =
    commit(repository, {{"notes/deep/a.md", {}}, {"notes/c.md", "two"}, {"gone.md", {}}});
  EXPECT_EQ(files(), (std::vector<MemoryFile>{{"b.md", "b", "three"},
                                              {"notes/c.md", "notes/c", "two"},
                                              {"system/human.md", "system/human", "one"}}));
  commit(repository, {{"notes/c.md", {}}});
  EXPECT_EQ(git({"ls-tree", "-r", "--name-only", "main"}), "b.md\nsystem/human.md\n");
  EXPECT_EQ(git({"rev-parse", "main~1"}), second + "\n");
  EXPECT_EQ(git({"rev-parse", "main~2"}), first + "\n");
  EXPECT_EQ(git({"log", "-1", "--format=%s", "main"}), "Update x block\n");
  EXPECT_EQ(git({"fsck", "--full", "--strict"}), "");
  EXPECT_EQ(*repository.read_file(first, "notes/deep/a.md"), "two");
  EXPECT_EQ(*repository.read_file(second, "notes/deep/a.md"), std::nullopt);
  EXPECT_EQ(*repository.read_file(second, "notes"), std::nullopt);
  EXPECT_EQ(*repository.read_file(second, "nothing/here.md"), std::nullopt);
}

TEST_F(MemoryRepositoryTest, TheLastChangeOfAPathCounts) {
  auto repository = open();
  commit(repository, {{"a.md", "1"}});
  commit(repository, {{"a.md", {}}, {"a.md", "2"}});
  EXPECT_EQ(files(), (std::vector<MemoryFile>{{"a.md", "a", "2"}}));
}

TEST_F(MemoryRepositoryTest, NoChangeIsNoCommit) {
  auto repository = open();
  const std::string made = commit(repository, {{"a.md", "1"}});
  EXPECT_EQ(commit(repository, {{"a.md", "1"}, {"b.md", {}}}), made);
  EXPECT_EQ(head(), made);
}

TEST_F(MemoryRepositoryTest, ASecondWriterIsTold) {
  auto one = open();
  auto two = open();
  const std::string start = *one.head();
  const auto made = one.commit(start, {{"a.md", "one"}}, "Update a block", now);
  ASSERT_TRUE(made);
  const auto refused = two.commit(start, {{"b.md", "two"}}, "Update b block", now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_EQ(head(), *made);
  EXPECT_TRUE(two.commit(*two.head(), {{"b.md", "two"}}, "Update b block", now));
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(MemoryRepositoryTest, WritersAtOnceLoseNothing) {
  constexpr int writers = 4, commits = 25;
  open();
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer)
    threads.emplace_back([this, writer] {
      auto repository = open();
      for (int i = 0; i < commits;) {
        const std::string path = std::to_string(writer) + "/" + std::to_string(i) + ".md";
        const auto made = repository.commit(*repository.head(), {{path, "x"}}, path, now);
        if (made)
          ++i;
        else
          ASSERT_TRUE(made.error().code == Errc::conflict || made.error().code == Errc::unavailable)
            << made.error().message;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(files().size(), std::size_t{writers * commits});
  EXPECT_EQ(git({"rev-list", "--count", "main"}), std::to_string(writers * commits + 1) + "\n");
}

TEST_F(MemoryRepositoryTest, AThousandCommitsStayWithinTheBoundOfLooseObjects) {
  settings.loose_objects_max = 300;
  auto repository = open();
  std::size_t most = 0;
  std::string at = *repository.head();
  for (int i = 0; i < 1'000; ++i) {
    const auto made = repository.commit(at, {{"system/human.md", "value " + std::to_string(i)}},
                                        "Update system/human block", now);
    ASSERT_TRUE(made) << made.error().message;
    at = *made;
    if (i % 20 == 0) most = std::max(most, repository.loose_objects());
  }
  EXPECT_LE(most, 300U);
  EXPECT_LE(repository.loose_objects(), 300U);
  EXPECT_EQ(git({"rev-list", "--count", "main"}), "1001\n");
  EXPECT_EQ(files()[0].text, "value 999");
  EXPECT_EQ(git({"fsck", "--full", "--strict"}), "");
}

TEST_F(MemoryRepositoryTest, AFullRepositoryTakesNoMore) {
  auto repository = open();
  commit(repository, {{"a.md", "1"}});
  settings.repository_bytes_max = 10;
  auto full = open();
  EXPECT_EQ(full.bytes_left(), 0);
  const auto refused = full.commit(*full.head(), {{"a.md", "2"}}, "m", now);
  EXPECT_EQ(refused.error().code, Errc::bad_request);
  EXPECT_NE(refused.error().message.find("git.repository_bytes_max"), std::string::npos);
}

TEST_F(MemoryRepositoryTest, WhatIsInTheWayIsKept) {
  auto repository = open();
  commit(repository, {{"a.md/b.txt", "pushed"}, {"c/d", "pushed"}});
  for (const char* path : {"a.md", "c/d/e.md", "c/d/e/f.md"}) {
    const auto refused = repository.commit(*repository.head(), {{path, "x"}}, "m", now);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, Errc::bad_request) << path;
  }
  EXPECT_EQ(git({"ls-tree", "-r", "--name-only", "main"}), "a.md/b.txt\nc/d\n");
}

TEST_F(MemoryRepositoryTest, ReadsBlocksAndNothingElse) {
  auto repository = open();
  commit(repository, {{"a.md", "a"},
                      {"README", "x"},
                      {"skills/pdf/SKILL.md", "s"},
                      {"skills/pdf/run.md", "x"},
                      {"large.md", std::string(block_file_bytes_max + 1, 'x')}});
  EXPECT_EQ(files(), (std::vector<MemoryFile>{{"a.md", "a", "a"},
                                              {"large.md", "large", std::nullopt},
                                              {"skills/pdf/SKILL.md", "skills/pdf", "s"}}));
}

TEST_F(MemoryRepositoryTest, RemembersWhatTheBlocksAreMadeOf) {
  auto repository = open();
  EXPECT_EQ(*repository.synced(), "");
  EXPECT_TRUE(repository.set_synced(*repository.head()));
  EXPECT_EQ(*repository.synced(), *repository.head());
  const std::string made = commit(repository, {{"a.md", "x"}});
  EXPECT_NE(*repository.synced(), made);
  EXPECT_TRUE(repository.set_synced(made));
  EXPECT_EQ(*open().synced(), made);
  EXPECT_FALSE(repository.set_synced("main"));
}

TEST_F(MemoryRepositoryTest, ALockThatACrashLeftBehindGoes) {
  auto repository = open();
  const auto path = *MemoryRepository::path(dir.path(), agent_id) / "refs/heads/main.lock";
  std::ofstream(path).close();
  EXPECT_EQ(repository.commit(*repository.head(), {{"a.md", "x"}}, "m", now).error().code,
            Errc::unavailable);
  std::filesystem::last_write_time(
    path, std::filesystem::file_time_type::clock::now() - std::chrono::minutes(2));
  auto again = open();
  EXPECT_TRUE(again.commit(*again.head(), {{"a.md", "x"}}, "m", now));
}

TEST_F(MemoryRepositoryTest, ACrashWhileItIsMadeLeavesNothing) {
  std::filesystem::create_directories(dir.path() + "/git/" + agent_id + ".git.partial/refs");
  EXPECT_EQ(head().size(), 40U);
}

TEST_F(MemoryRepositoryTest, GoesWithItsAgent) {
  commit(*std::make_unique<MemoryRepository>(open()), {{"a.md", "x"}});
  EXPECT_TRUE(MemoryRepository::remove(dir.path(), agent_id));
  EXPECT_TRUE(std::filesystem::is_empty(MemoryRepository::root(dir.path())));
  EXPECT_TRUE(MemoryRepository::remove(dir.path(), agent_id));
  EXPECT_TRUE(files().empty());
}

TEST(GitProcessTest, SaysHowItEnded) {
  GitStart start;
  start.arguments = {"no-such-command"};
  auto process = start_git(start);
  ASSERT_TRUE(process);
  EXPECT_EQ(process->wait(std::chrono::seconds(30)), 1);
  EXPECT_EQ(process->exit_status(), 1);

  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  start.arguments = {"hash-object", "--stdin"};
  start.input = ends[0];
  auto waiting = start_git(start);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->exit_status(), std::nullopt);
  EXPECT_EQ(waiting->wait(std::chrono::milliseconds(1)), std::nullopt);
  waiting->kill();
  EXPECT_EQ(waiting->wait(std::chrono::seconds(30)), 128 + SIGKILL);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace reverie
