// A real git client against a real git, with the server's sockets in between.

#include "net/git_http.hpp"

#include "actors/services.hpp"
#include "runtime/git_memory/git_process.hpp"
#include "runtime/git_memory/repository.hpp"
#include "tests/support/server_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const std::string agent_id = "agent-2f6c81d4-0000-4000-8000-000000000001";

class GitHttpTest : public testing::ServerFixture {
 protected:
  void SetUp() override {
    settings.storage.data_dir = dir.path() + "/data";
    services.settings = &settings;
    start([this](HttpRequest request, std::shared_ptr<Exchange> exchange) {
      serve(std::move(request), std::move(exchange));
    });
    repository.emplace(
      *MemoryRepository::open(settings.storage.data_dir, agent_id, settings.git, Timestamp{}));
    write({{"system/human.md", "Name: Ada\n"}});
  }

  // As the routes do, without asking an agent: /<name>.git/info/refs?service=...
  void serve(HttpRequest http, std::shared_ptr<Exchange> exchange) {
    GitHttp git{
      http.segments.at(0), GitService::upload_pack, http.method == Method::get, bytes_left, {}};
    const std::string* service = find_query(http.query, "service");
    if (http.segments.back() == "git-receive-pack" || (service && *service == "git-receive-pack"))
      git.service = GitService::receive_pack;
    if (http.headers.find("git-protocol")) ++protocol_headers;
    git.on_end = [this](const std::function<void()>& done) {
      ++ended;
      done();
    };
    serve_git(CallBase(std::move(http), Identity{}, std::move(exchange), &services),
              std::move(git));
  }

  void write(const std::vector<FileChange>& changes) {
    ASSERT_TRUE(repository->commit(*repository->head(), changes, "Update x block", Timestamp{}));
  }

  // What git says, both streams, and how it ended.
  struct Said {
    int status;
    std::string text;
  };
  Said git(std::vector<std::string> arguments) {
    const std::string out = dir.path() + "/out";
    std::FILE* file = std::fopen(out.c_str(), "w");
    GitStart what;
    what.arguments = std::move(arguments);
    what.config = {{"user.name", "Test"}, {"user.email", "test@localhost"}};
    what.output = what.error = ::fileno(file);
    auto process = start_git(what);
    EXPECT_TRUE(process);
    const auto status = process->wait(std::chrono::seconds(60));
    std::fclose(file);
    std::ifstream in(out);
    return {status.value_or(-1), {std::istreambuf_iterator<char>(in), {}}};
  }
  std::string url(const std::string& name = agent_id) const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + "/" + name;
  }
  Said clone(const std::string& to) {
    return git({"clone", "--quiet", url(), dir.path() + "/" + to});
  }
  Said in(const std::string& name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-C", dir.path() + "/" + name});
    return git(std::move(arguments));
  }
  void edit(const std::string& name, const std::string& path, const std::string& text) {
    const std::filesystem::path file = dir.path() + "/" + name + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    ASSERT_EQ(in(name, {"add", "-A"}).status, 0);
    ASSERT_EQ(in(name, {"commit", "--quiet", "-m", "edit"}).status, 0);
  }
  std::string text_of(const std::string& path) {
    return repository->read_file(*repository->head(), path)->value_or("none");
  }

  testing::TempDir dir{testing::memory_directory()};
  Settings settings;
  Services services;
  std::optional<MemoryRepository> repository;
  std::int64_t bytes_left = 1 << 20;
  std::atomic<int> ended{0};
  std::atomic<int> protocol_headers{0};
};

TEST_F(GitHttpTest, ClonesFetchesAndPushes) {
  Said said = clone("work");
  ASSERT_EQ(said.status, 0) << said.text;
  EXPECT_GT(protocol_headers, 0);  // version 2
  EXPECT_EQ(in("work", {"branch", "--show-current"}).text, "main\n");
  edit("work", "notes/x.md", "pushed");
  const int before = ended;
  said = in("work", {"push", "--quiet", "-u", "origin", "main"});
  ASSERT_EQ(said.status, 0) << said.text;
  EXPECT_EQ(ended, before + 2);  // the advertisement and the push, each before its answer ended
  EXPECT_EQ(text_of("notes/x.md"), "pushed");
  write({{"system/human.md", "Name: Bob\n"}});
  said = in("work", {"pull", "--quiet", "--rebase"});
  ASSERT_EQ(said.status, 0) << said.text;
  EXPECT_EQ(in("work", {"show", "HEAD:system/human.md"}).text, "Name: Bob\n");
}

TEST_F(GitHttpTest, APushThatIsBehindIsRefusedAndCanBeRebased) {
  ASSERT_EQ(clone("work").status, 0);
  edit("work", "notes/x.md", "pushed");
  write({{"system/human.md", "Name: Bob\n"}});
  Said said = in("work", {"push", "origin", "main"});
  EXPECT_NE(said.status, 0);
  EXPECT_NE(said.text.find("rejected"), std::string::npos) << said.text;
  said = in("work", {"push", "--force", "origin", "main"});
  EXPECT_NE(said.status, 0) << said.text;
  EXPECT_EQ(text_of("notes/x.md"), "none");
  EXPECT_EQ(in("work", {"pull", "--quiet", "--rebase"}).status, 0);
  EXPECT_EQ(in("work", {"push", "--quiet", "origin", "main"}).status, 0);
  EXPECT_EQ(text_of("notes/x.md"), "pushed");
  EXPECT_EQ(text_of("system/human.md"), "Name: Bob\n");
  EXPECT_NE(in("work", {"push", "origin", ":main"}).status, 0);
}

TEST_F(GitHttpTest, CarriesMoreThanFitsIntoBuffers) {
  bytes_left = 64 << 20;
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 3 << 20; ++i)
    noise += static_cast<char>(' ' + (state = state * 1'664'525U + 1'013'904'223U) / 0x3000000U);
  ASSERT_EQ(clone("work").status, 0);
  edit("work", "large.txt", noise);
  Said said = in("work", {"push", "--quiet", "origin", "main"});  // in chunks, with a probe before
  ASSERT_EQ(said.status, 0) << said.text;
  said = clone("again");
  ASSERT_EQ(said.status, 0) << said.text;
  EXPECT_EQ(in("again", {"show", "HEAD:large.txt"}).text, noise);
}

TEST_F(GitHttpTest, APushThatIsTooLargeIsRefused) {
  bytes_left = 200;
  ASSERT_EQ(clone("work").status, 0);
  edit("work", "x.md", std::string(100'000, 'x') + std::to_string(::getpid()) + dir.path());
  edit("work", "y.md", "more than two hundred bytes in all, with its commit and its trees");
  const Said said = in("work", {"push", "origin", "main"});
  EXPECT_NE(said.status, 0);
  EXPECT_EQ(text_of("x.md"), "none");
}

TEST_F(GitHttpTest, RunsNoHook) {
  const auto path = *MemoryRepository::path(settings.storage.data_dir, agent_id);
  std::filesystem::create_directories(path / "hooks");
  for (const char* name : {"pre-receive", "update", "post-receive", "post-update"}) {
    std::ofstream(path / "hooks" / name) << "#!/bin/sh\ntouch " << dir.path() << "/ran\nexit 1\n";
    std::filesystem::permissions(path / "hooks" / name, std::filesystem::perms::owner_all);
  }
  ASSERT_EQ(clone("work").status, 0);
  edit("work", "x.md", "x");
  const Said said = in("work", {"push", "--quiet", "origin", "main"});
  EXPECT_EQ(said.status, 0) << said.text;
  EXPECT_FALSE(std::filesystem::exists(dir.path() + "/ran"));
}

TEST_F(GitHttpTest, ShowsAndTakesNoBranchOfOurs) {
  ASSERT_TRUE(repository->set_synced(*repository->head()));
  EXPECT_EQ(git({"ls-remote", url()}).text.find("reverie/"), std::string::npos);
  ASSERT_EQ(clone("work").status, 0);
  edit("work", "x.md", "x");
  EXPECT_NE(in("work", {"push", "origin", "main:refs/reverie/synced"}).status, 0);
}

TEST_F(GitHttpTest, SaysWhatIsNotThere) {
  EXPECT_EQ(connect().get("/agent-x/info/refs?service=git-upload-pack").status, 404);
  const auto reply =
    connect().post("/" + agent_id + "/git-upload-pack", "0000", "content-type: text/plain\r\n");
  EXPECT_EQ(reply.status, 415);
}

TEST_F(GitHttpTest, TooManyAtOnceAreTurnedAway) {
  settings.git.processes_max = 0;
  EXPECT_EQ(connect().get("/" + agent_id + "/info/refs?service=git-upload-pack").status, 503);
  settings.git.processes_max = 1;
  EXPECT_EQ(connect().get("/" + agent_id + "/info/refs?service=git-upload-pack").status, 200);
}

TEST_F(GitHttpTest, AClientThatGoesAwayEndsItsProcess) {
  bytes_left = 64 << 20;
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 3 << 20; ++i)
    noise += static_cast<char>((state = state * 1'664'525U + 1'013'904'223U) >> 24);
  write({{"large.bin", noise}});
  const std::string request = "0032want " + *repository->head() + "\n00000009done\n";
  {
    testing::HttpClient client(server->port(), 4'096);
    client.send("POST /" + agent_id + "/git-upload-pack HTTP/1.1\r\nhost: test\r\n"
                "content-type: application/x-git-upload-pack-request\r\ncontent-length: "
                + std::to_string(request.size()) + "\r\n\r\n" + request);
    testing::Reply reply;
    client.receive_head(reply);
  }
  server->stop(std::chrono::seconds(10));  // waits for the process, which nobody reads from
  EXPECT_EQ(ended, 1);
}

TEST(CgiHead, IsReadWhenItIsWhole) {
  EXPECT_EQ(read_cgi_head("Status: 404 Not Found\r\nContent-Ty")->size, 0U);
  const auto head = read_cgi_head(
    "Status: 404 Not Found\r\nContent-Type: text/plain\r\nPragma: no-cache\r\nX-Other: "
    "y\r\n\r\nbody");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 404);
  EXPECT_EQ(head->content_type, "text/plain");
  EXPECT_EQ(head->headers.size(), 1U);
  EXPECT_EQ(head->headers.get("pragma"), "no-cache");
  EXPECT_EQ(head->size, 81U);
  EXPECT_EQ(read_cgi_head("\n")->status, 200);
  EXPECT_FALSE(read_cgi_head("no head\n\n"));
  EXPECT_FALSE(read_cgi_head("Status: 99\n\n"));
  EXPECT_FALSE(read_cgi_head(std::string(20'000, 'x')));
}

}  // namespace
}  // namespace reverie
