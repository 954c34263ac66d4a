// Git's smart HTTP, as the git program itself speaks it: one `git http-backend` (CGI) for each
// request. Its streams are served on the request's io thread and never wait there; only starting
// the process takes about a millisecond of it.
//
//   client ──body──► socket ──► git http-backend ──► socket ──► head, then an open stream ──►
//   client
//
// The request's body was read whole (server.body_bytes_max). The answer is passed on as it comes,
// no faster than the client reads. The process is ended when the client goes away or git.request_s
// have passed, and further requests than git.processes_max get 503.

#pragma once

#include "net/route.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace reverie {

enum class GitService : std::uint8_t { upload_pack, receive_pack };  // a fetch, a push

std::string_view to_string(GitService service);  // "git-upload-pack"

struct GitHttp {
  std::string agent_id;  // well-formed, and its repository is there
  GitService service = GitService::upload_pack;
  bool is_advertisement = false;  // GET info/refs; else the POST of the service
  std::int64_t bytes_left = 0;    // the largest push that is taken

  // Called on the io thread when git has ended, however it did, and before the answer ends, which
  // happens when `done` is called.
  std::function<void(std::function<void()> done)> on_end;
};

// Answers the call. On its io thread.
void serve_git(const CallBase& call, GitHttp request);

// What a CGI program says before its body. For tests.
struct CgiHead {
  int status = 200;
  std::string content_type;
  Headers headers;
  std::size_t size = 0;  // of the head, with its empty line; 0: it is not complete yet
};
// Errors: upstream when it is none.
Result<CgiHead> read_cgi_head(std::string_view text);

}  // namespace reverie
