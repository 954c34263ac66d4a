// /v1/git: the repositories of git-backed memory, for the git program. The forms without state.git
// are older clients'.

#include "runtime/requests/git.hpp"
#include "actors/ask.hpp"
#include "actors/errors.hpp"
#include "config/failpoint.hpp"
#include "config/json_text.hpp"
#include "config/log_line.hpp"
#include "net/gateway.hpp"
#include "net/git_http.hpp"
#include "net/io_bridge.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

struct GitInfoRefs {
  std::string agent_id;
  std::optional<std::string> service;

  static constexpr std::string_view type_name = "GitInfoRefs";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &GitInfoRefs::agent_id).from(In::path),
      field(2, "service", &GitInfoRefs::service, "git-upload-pack or git-receive-pack.")
        .from(In::query),
    };
  }
};

// Its body is git's own.
struct GitExchangePacks {
  std::string agent_id;

  static constexpr std::string_view type_name = "GitExchangePacks";
  static constexpr auto fields() {
    return std::tuple{field(1, "agent_id", &GitExchangePacks::agent_id).from(In::path)};
  }
};

template <class R>
Routed routed(const CallBase& call, R request) {
  std::string agent_id = request.agent_id;
  return {std::move(agent_id), call.identity().org_id, call.identity().user_id, std::move(request)};
}

// The push stands whatever becomes of this: the next request of any client makes up for it.
void sync(const CallBase& call, const std::string& agent_id, const std::function<void()>& done) {
  failpoint("push.taken");
  ask(&call.bridge(), call.services().router, routed(call, SyncGitMemory{agent_id}))
    .then([done](const Answer&) { done(); },
          [agent_id, done](const caf::error& error) {
            log_warn("git: a push is not taken over agent={} error={}", agent_id,
                     from_caf(error).message);
            done();
          });
}

void serve(const CallBase& call, GitHttp git, const Answer& opened) {
  const auto access = from_json<GitMemoryAccess>(Json::parse(opened.json, nullptr, false));
  if (!access) return call.fail(access.error());
  const bool is_push = git.service == GitService::receive_pack;
  if (is_push && access->bytes_left <= 0)
    return call.reply(detail_response(
      413, "The agent's repository is full (git.repository_bytes_max); it takes no pushes"));
  git.bytes_left = access->bytes_left;
  if (is_push && !git.is_advertisement)
    git.on_end = [call, agent_id = git.agent_id](const std::function<void()>& done) {
      sync(call, agent_id, done);
    };
  serve_git(call, std::move(git));
}

void open_and_serve(const CallBase& call, GitHttp git) {
  OpenGitMemory open{git.agent_id};
  ask(&call.bridge(), call.services().router, routed(call, std::move(open)))
    .then([call, git](const Answer& opened) { serve(call, git, opened); },
          [call](const caf::error& error) { call.fail(from_caf(error)); });
}

void info_refs(Call<GitInfoRefs> call) {
  GitHttp git{call.request().agent_id, GitService::upload_pack, true, 0, {}};
  const std::string service = call.request().service.value_or("");
  if (service == to_string(GitService::receive_pack))
    git.service = GitService::receive_pack;
  else if (service != to_string(GitService::upload_pack))
    return call.fail({Errc::bad_request,
                      "only git's smart HTTP is served: service is git-upload-pack or "
                      "git-receive-pack",
                      "service"});
  open_and_serve(call, std::move(git));
}

template <GitService service>
void exchange_packs(Call<GitExchangePacks> call) {
  open_and_serve(call, {call.request().agent_id, service, false, 0, {}});
}

constexpr auto upload_pack = exchange_packs<GitService::upload_pack>;
constexpr auto receive_pack = exchange_packs<GitService::receive_pack>;

constexpr std::string_view refs_type = "application/x-git-upload-pack-advertisement";
constexpr std::string_view fetch_type = "application/x-git-upload-pack-result";
constexpr std::string_view push_type = "application/x-git-receive-pack-result";

}  // namespace

RouteTable git_routes() {
  return {
    binary(route(Method::get, "/v1/git/{agent_id}/state.git/info/refs", "git_info_refs", "git",
                 nullptr, info_refs),
           refs_type),
    binary(route(Method::post, "/v1/git/{agent_id}/state.git/git-upload-pack", "git_upload_pack",
                 "git", nullptr, upload_pack),
           fetch_type),
    binary(route(Method::post, "/v1/git/{agent_id}/state.git/git-receive-pack", "git_receive_pack",
                 "git", nullptr, receive_pack),
           push_type),
    binary(route(Method::get, "/v1/git/{agent_id}/info/refs", "git_info_refs_short", "git", nullptr,
                 info_refs),
           refs_type),
    binary(route(Method::post, "/v1/git/{agent_id}/git-upload-pack", "git_upload_pack_short", "git",
                 nullptr, upload_pack),
           fetch_type),
    binary(route(Method::post, "/v1/git/{agent_id}/git-receive-pack", "git_receive_pack_short",
                 "git", nullptr, receive_pack),
           push_type),
  };
}

}  // namespace reverie
