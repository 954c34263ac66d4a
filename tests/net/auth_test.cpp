#include "net/auth.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

HttpRequest with(std::string_view name, std::string_view value, std::string path = "/v1/agents") {
  HttpRequest request;
  request.path = std::move(path);
  request.headers.add(name, std::string(value));
  return request;
}

TEST(Auth, TakesThePasswordInThreeForms) {
  const Auth auth({true, "opensesame", {}});
  EXPECT_TRUE(auth.allows(with("authorization", "Bearer opensesame")));
  EXPECT_TRUE(auth.allows(with("authorization", "bearer  opensesame")));
  EXPECT_TRUE(auth.allows(with("x-bare-password", "password opensesame")));
  EXPECT_TRUE(auth.allows(with("authorization", "Basic bGV0dGE6b3BlbnNlc2FtZQ==")));  // letta:
  EXPECT_TRUE(auth.allows(with("authorization", "Basic Om9wZW5zZXNhbWU=")));          // no user
}

TEST(Auth, RefusesAllElse) {
  const Auth auth({true, "opensesame", {}});
  EXPECT_FALSE(auth.allows(with("x-other", "opensesame")));
  for (const char* value : {"", "opensesame", "Bearer", "Bearer ", "Bearer opensesam",
                            "Bearer opensesame1", "Bearer OPENSESAME", "Basic", "Basic !!!!",
                            "Basic b3BlbnNlc2FtZQ==", "Basic =", "Basic ====", "Digest opensesame"})
    EXPECT_FALSE(auth.allows(with("authorization", value))) << value;
  EXPECT_FALSE(auth.allows(with("x-bare-password", "opensesame")));
}

TEST(Auth, NobodyHasAnEmptyPassword) {
  const Auth auth({true, "", {}});
  EXPECT_FALSE(auth.allows(with("authorization", "Bearer ")));
  EXPECT_FALSE(auth.allows(with("authorization", "Basic Og==")));  // ":"
}

TEST(Auth, HealthAndReadinessAreOpen) {
  const Auth auth({true, "opensesame", {}});
  for (const char* path : {"/v1/health", "/v1/ready"})
    EXPECT_TRUE(auth.allows(with("x", "y", path))) << path;
  for (const char* path : {"/", "/docs", "/openapi.json", "/metrics", "/v1/healthx"})
    EXPECT_FALSE(auth.allows(with("x", "y", path))) << path;
}

TEST(Auth, AnInsecureServerTakesAnyToken) {
  const Auth auth({});
  EXPECT_TRUE(auth.allows(with("authorization", "Bearer whatever")));
  EXPECT_TRUE(auth.allows(HttpRequest{}));
}

TEST(Auth, OnlyPagesAskTheBrowser) {
  HttpRequest page;
  page.path = "/docs";
  EXPECT_EQ(Auth::refusal(page).headers.get("www-authenticate"), "Basic realm=\"reverie\"");
  HttpRequest git;
  git.path = "/v1/git/agent-1/state.git/info/refs";
  EXPECT_EQ(Auth::refusal(git).headers.get("www-authenticate"), "Basic realm=\"reverie\"");
  const HttpResponse response = Auth::refusal(with("x", "y"));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body, R"({"detail":"Unauthorized"})");
  EXPECT_TRUE(response.headers.empty());
}

TEST(Auth, FindsTheUser) {
  const std::string known = "user-11111111-1111-4111-8111-111111111111";
  const std::string unknown = "user-22222222-2222-4222-8222-222222222222";
  const Auth auth({false, "", [&](std::string_view id) -> std::optional<Identity> {
                     if (id != known) return std::nullopt;
                     return Identity{"org-1", known};
                   }});
  EXPECT_EQ(auth.identify(HttpRequest{})->user_id, default_user_id);
  EXPECT_EQ(auth.identify(with("user_id", known))->org_id, "org-1");
  EXPECT_EQ(auth.identify(with("user_id", unknown))->user_id, default_user_id);
  EXPECT_EQ(auth.identify(with("user_id", default_user_id))->org_id, default_org_id);
}

TEST(Auth, RefusesWhatIsNoUserId) {
  const Auth auth({});
  for (const char* id : {"", "me", "user-1", "agent-11111111-1111-4111-8111-111111111111"}) {
    const auto identity = auth.identify(with("user_id", id));
    ASSERT_FALSE(identity) << id;
    EXPECT_EQ(identity.error().code, Errc::bad_request);
    EXPECT_TRUE(identity.error().message.starts_with("INVALID_ARGUMENT: Invalid user ID format: "));
  }
}

}  // namespace
}  // namespace reverie
