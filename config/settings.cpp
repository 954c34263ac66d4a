#include "config/settings.hpp"

#include <type_traits>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace reverie {
namespace {

constexpr std::int64_t kib = 1LL << 10;
constexpr std::int64_t mib = 1LL << 20;
constexpr std::int64_t gib = 1LL << 30;
constexpr std::int64_t hour_s = 3'600;
constexpr std::int64_t day_s = 24 * hour_s;

// The accessor of one member of one section.
template <auto Section, auto Member>
constexpr auto at() {
  using Type = std::remove_reference_t<decltype((std::declval<Settings&>().*Section).*Member)>;
  return static_cast<Type& (*)(Settings&)>(
    [](Settings& settings) -> Type& { return (settings.*Section).*Member; });
}

template <auto Member>
constexpr auto server = at<&Settings::server, Member>();
template <auto Member>
constexpr auto storage = at<&Settings::storage, Member>();
template <auto Member>
constexpr auto actors = at<&Settings::actors, Member>();
template <auto Member>
constexpr auto runs = at<&Settings::runs, Member>();
template <auto Member>
constexpr auto models = at<&Settings::models, Member>();
template <auto Member>
constexpr auto approvals = at<&Settings::approvals, Member>();
template <auto Member>
constexpr auto traces = at<&Settings::traces, Member>();
template <auto Member>
constexpr auto streams = at<&Settings::streams, Member>();
template <auto Member>
constexpr auto git = at<&Settings::git, Member>();
template <auto Member>
constexpr auto images = at<&Settings::images, Member>();
template <auto Member>
constexpr auto outbound = at<&Settings::outbound, Member>();
template <auto Member>
constexpr auto callbacks = at<&Settings::callbacks, Member>();
template <auto Member>
constexpr auto web = at<&Settings::web, Member>();
template <auto Member>
constexpr auto log = at<&Settings::log, Member>();

std::vector<Option> server_options() {
  return {
    {.name = "server.host",
     .member = server<&ServerSettings::host>,
     .doc = "The address to listen on. Others than loopback ask for authentication.",
     .aliases = {"HOST"},
     .short_flag = "--host"},
    {.name = "server.port",
     .member = server<&ServerSettings::port>,
     .max = 65'535,
     .doc = "The TCP port to listen on; 0 takes any free one and prints it.",
     .source = "the port that the clients of the Letta API know",
     .aliases = {"PORT"},
     .short_flag = "--port"},
    {.name = "server.secure",
     .member = server<&ServerSettings::secure>,
     .doc = "Ask every request for the password; without server.password one is made and printed.",
     .aliases = {"LETTA_SERVER_SECURE"},
     .short_flag = "--secure"},
    {.name = "server.password",
     .member = server<&ServerSettings::password>,
     .doc =
       "The password that requests carry as a bearer token. Setting it turns server.secure on.",
     .aliases = {"REVERIE_PASSWORD", "LETTA_SERVER_PASSWORD"},
     .is_secret = true},
    {.name = "server.insecure_allow_remote",
     .member = server<&ServerSettings::insecure_allow_remote>,
     .doc = "Serve other machines without any password. Only behind something that authenticates.",
     .aliases = {"REVERIE_INSECURE"}},
    {.name = "server.path_prefix",
     .member = server<&ServerSettings::path_prefix>,
     .doc = "A path that a reverse proxy leaves before ours, such as /letta."},
    {.name = "server.io_threads",
     .member = server<&ServerSettings::io_threads>,
     .max = 256,
     .doc = "Threads that read and write sockets; 0 chooses from the number of cores."},
    {.name = "server.body_bytes_max",
     .member = server<&ServerSettings::body_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = 4 * gib,
     .doc = "The largest request body; longer ones get 413.",
     .source = "a message with several images, base64"},
    {.name = "server.header_bytes_max",
     .member = server<&ServerSettings::header_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = 16 * mib,
     .doc = "The longest request line and headers together; longer ones get 431.",
     .source = "eight times what common proxies let through"},
    {.name = "server.connections_max",
     .member = server<&ServerSettings::connections_max>,
     .min = 1,
     .max = 1'000'000,
     .doc = "Open client connections at once; further ones are closed at once.",
     .source = "10,000 open streams and what else goes on beside them"},
    {.name = "server.connections_per_address_max",
     .member = server<&ServerSettings::connections_per_address_max>,
     .min = 1,
     .max = 1'000'000,
     .doc = "Open connections from one client address. Raise it behind a reverse proxy.",
     .source = "one client cannot take more than a sixteenth of all"},
    {.name = "server.idle_s",
     .member = server<&ServerSettings::idle_s>,
     .unit = "s",
     .min = 1,
     .max = day_s,
     .doc = "How long a kept-alive connection may wait for its next request.",
     .source = "above the 60 s that proxies keep an idle upstream, so they close first"},
    {.name = "server.request_s",
     .member = server<&ServerSettings::request_s>,
     .unit = "s",
     .min = 1,
     .max = day_s,
     .doc = "How long a request may take to arrive whole, from its first byte.",
     .source = "the largest body over a 5 Mbit/s line"},
    {.name = "server.shutdown_s",
     .member = server<&ServerSettings::shutdown_s>,
     .unit = "s",
     .max = hour_s,
     .doc = "How long a stopping server lets requests finish; what still runs is resumed later.",
     .source = "the grace period of common container runtimes"},
    {.name = "server.stream_queue_bytes_max",
     .member = server<&ServerSettings::stream_queue_bytes_max>,
     .unit = "bytes",
     .min = 4 * kib,
     .max = gib,
     .doc = "Unsent bytes kept for a slow reader of a stream before it is dropped; it can resume.",
     .source = "several thousand token events"},
    {.name = "server.rendered_bytes_max",
     .member = server<&ServerSettings::rendered_bytes_max>,
     .unit = "bytes",
     .max = 64 * gib,
     .doc = "Memory for answers that are kept until what they show has changed; 0 keeps none.",
     .source = "some 3,000 agents; taken only as they are read"},
    {.name = "server.cors_origins",
     .member = server<&ServerSettings::cors_origins>,
     .doc = "Further origins whose browsers may call the API.",
     .aliases = {"ACCEPTABLE_ORIGINS"}},
  };
}

std::vector<Option> storage_options() {
  return {
    {.name = "storage.data_dir",
     .member = storage<&StorageSettings::data_dir>,
     .doc = "Where everything is kept.",
     .source = "~/.reverie",
     .aliases = {"REVERIE_DATA_DIR", "LETTA_DIR"},
     .short_flag = "--data-dir"},
    {.name = "storage.block_cache_bytes",
     .member = storage<&StorageSettings::block_cache_bytes>,
     .unit = "bytes",
     .min = mib,
     .max = 1'024 * gib,
     .doc = "Memory for blocks of the database that were read.",
     .source = "what messages to 100,000 agents read is found there"},
    {.name = "storage.write_buffer_bytes",
     .member = storage<&StorageSettings::write_buffer_bytes>,
     .unit = "bytes",
     .min = mib,
     .max = 64 * gib,
     .doc = "Memory for writes that are in the log and not yet in a table, of all kinds together.",
     .source = "an idle server stays below 60 MiB"},
    {.name = "storage.wal_bytes_max",
     .member = storage<&StorageSettings::wal_bytes_max>,
     .unit = "bytes",
     .min = mib,
     .max = 64 * gib,
     .doc = "The longest write-ahead log, and so the longest start after a kill.",
     .source = "read again in less than a second"},
    {.name = "storage.resume_s",
     .member = storage<&StorageSettings::resume_s>,
     .unit = "s",
     .min = 1,
     .max = 3'600,
     .doc =
       "How long the database may take to go on when a full disk has room; then the process ends.",
     .source = "ten times what write_buffer_bytes need on a slow disk"},
    {.name = "storage.shards",
     .member = storage<&StorageSettings::shards>,
     .min = 1,
     .max = 16'384,
     .doc = "Commit pipelines, by the top bits of ids; a power of two, fixed for a data directory.",
     .source = "enough for 20 nodes; 14 bits of an id name its home",
     .is_power_of_two = true},
  };
}

std::vector<Option> actor_options() {
  return {
    {.name = "actors.threads",
     .member = actors<&ActorSettings::threads>,
     .max = 1'024,
     .doc = "Threads that run actors; 0 is one per core."},
    {.name = "actors.idle_s",
     .member = actors<&ActorSettings::idle_s>,
     .unit = "s",
     .min = 1,
     .max = 7 * day_s,
     .doc = "How long an agent stays in memory after its last request.",
     .source = "a pause in a conversation"},
    {.name = "actors.resident_max",
     .member = actors<&ActorSettings::resident_max>,
     .min = 1,
     .max = 10'000'000,
     .doc = "Agents in memory at once; beyond it the longest idle ones leave first.",
     .source = "100,000 in 8 GiB"},
    {.name = "actors.queue_max",
     .member = actors<&ActorSettings::queue_max>,
     .min = 1,
     .max = 100'000,
     .doc = "Messages that may wait for one busy agent; the next one gets 409.",
     .source = "longer queues wait longer than clients do"},
    {.name = "actors.shard_queue_max",
     .member = actors<&ActorSettings::shard_queue_max>,
     .min = 1,
     .max = 1'000'000,
     .doc = "Commits that may wait in one shard; the next one gets 503.",
     .source = "sixteen full groups of 256"},
  };
}

std::vector<Option> run_options() {
  return {
    {.name = "runs.resume_attempts_max",
     .member = runs<&RunSettings::resume_attempts_max>,
     .max = 100,
     .doc = "How often a run is taken up again after crashes before it ends as failed.",
     .source = "what fails three starts in a row will fail the fourth"},
    {.name = "runs.deadline_s",
     .member = runs<&RunSettings::deadline_s>,
     .unit = "s",
     .min = 1,
     .max = 7 * day_s,
     .doc = "The longest time from accepting a message to the end of its run.",
     .source = "six model calls of the longest kind"},
    {.name = "runs.steps_max_default",
     .member = runs<&RunSettings::steps_max_default>,
     .min = 1,
     .max = 10'000,
     .doc = "Model calls in one run when the request does not say max_steps.",
     .source = "the API's default"},
    {.name = "runs.events_bytes_max",
     .member = runs<&RunSettings::events_bytes_max>,
     .unit = "bytes",
     .min = 64 * kib,
     .max = gib,
     .doc = "Events kept of one run, for streams that resume.",
     .source = "some 50,000 events"},
    {.name = "runs.events_age_s",
     .member = runs<&RunSettings::events_age_s>,
     .unit = "s",
     .min = 1,
     .max = 30 * day_s,
     .doc = "How long the events of a run can be read again.",
     .source = "3 hours, as the reference server"},
    {.name = "runs.events_node_bytes_max",
     .member = runs<&RunSettings::events_node_bytes_max>,
     .unit = "bytes",
     .min = mib,
     .max = 1'024 * gib,
     .doc = "Events kept of all runs together; beyond it those of the runs that ended first go.",
     .source = "some 500 runs of the longest kind"},
    {.name = "runs.events_sweep_s",
     .member = runs<&RunSettings::events_sweep_s>,
     .unit = "s",
     .min = 1,
     .max = day_s,
     .doc = "How often events that are too old or too many are taken away.",
     .source = "they are refused at their age already; this frees the disk"},
  };
}

std::vector<Option> model_options() {
  return {
    {.name = "models.default_handle",
     .member = models<&ModelSettings::default_handle>,
     .doc = "The model of agents that are created without one, such as openai/gpt-4o-mini.",
     .aliases = {"LETTA_DEFAULT_LLM_HANDLE"}},
    {.name = "models.default_embedding_handle",
     .member = models<&ModelSettings::default_embedding_handle>,
     .doc = "The embedding model of agents that are created without one.",
     .aliases = {"LETTA_DEFAULT_EMBEDDING_HANDLE"}},
    {.name = "models.discover_local",
     .member = models<&ModelSettings::discover_local>,
     .doc = "Look for Ollama, LM Studio and vLLM on their usual ports of this machine."},
    {.name = "models.refresh_s",
     .member = models<&ModelSettings::refresh_s>,
     .unit = "s",
     .min = 1,
     .max = day_s,
     .doc = "How often providers are asked for their models.",
     .source = "a local server that was just started is found within a minute"},
    {.name = "models.listing_s",
     .member = models<&ModelSettings::listing_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long a provider may take to list its models; the last good list stays.",
     .source = "ten times what a vendor far away needs"},
    {.name = "models.context_window_max",
     .member = models<&ModelSettings::context_window_max>,
     .unit = "tokens",
     .min = 1'024,
     .max = 100'000'000,
     .doc = "The context window of agents that do not name one, where the model allows more.",
     .source = "as the reference server",
     .aliases = {"GLOBAL_MAX_CONTEXT_WINDOW_LIMIT"}},
    {.name = "models.request_s",
     .member = models<&ModelSettings::request_s>,
     .unit = "s",
     .min = 1,
     .max = day_s,
     .doc = "The longest model call, streamed or not.",
     .source = "reasoning models; the time-out of the vendors' own SDKs",
     .aliases = {"LETTA_LLM_STREAM_TIMEOUT_SECONDS", "LETTA_LLM_REQUEST_TIMEOUT_SECONDS"}},
    {.name = "models.stream_idle_s",
     .member = models<&ModelSettings::stream_idle_s>,
     .unit = "s",
     .min = 1,
     .max = day_s,
     .doc = "The longest silence in a streamed model call.",
     .source = "a large local model that reads a long prompt"},
    {.name = "models.connect_s",
     .member = models<&ModelSettings::connect_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long connecting to a provider may take.",
     .source = "three lost packets in a row and a TLS handshake"},
    {.name = "models.attempts_max",
     .member = models<&ModelSettings::attempts_max>,
     .min = 1,
     .max = 20,
     .doc = "Calls of a model before its failure is reported; never again after the first byte.",
     .source = "as the vendors' own SDKs"},
    {.name = "models.retry_after_s_max",
     .member = models<&ModelSettings::retry_after_s_max>,
     .unit = "s",
     .max = hour_s,
     .doc = "The longest wait before an attempt that a provider's Retry-After can ask for.",
     .source = "a user waits no longer for an answer"},
    {.name = "models.concurrency_max",
     .member = models<&ModelSettings::concurrency_max>,
     .min = 1,
     .max = 100'000,
     .doc = "Calls under way at once per provider; further ones wait their turn.",
     .source = "a model that never answers 1,000 agents leaves room for others"},
  };
}

std::vector<Option> approval_and_trace_options() {
  return {
    {.name = "approvals.expire_s",
     .member = approvals<&ApprovalSettings::expire_s>,
     .unit = "s",
     .max = 365 * day_s,
     .doc = "How long a tool call may wait for a decision before it is denied; 0 waits for ever.",
     .source = "only its operator knows for how long an answer is still wanted"},
    {.name = "traces.enabled",
     .member = traces<&TraceSettings::enabled>,
     .doc =
       "Keep what each step sent to its model and what came back: the whole context once more.",
     .source = "a message must not cost what few people look at",
     .aliases = {"LETTA_TRACK_PROVIDER_TRACE"}},
    {.name = "traces.bytes_max",
     .member = traces<&TraceSettings::bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = 64 * mib,
     .doc = "The largest request or answer that a trace keeps whole; of longer ones, the start.",
     .source = "64,000 tokens of text"},
    {.name = "traces.age_s",
     .member = traces<&TraceSettings::age_s>,
     .unit = "s",
     .min = 1,
     .max = 3'650 * day_s,
     .doc = "How long traces can be read; later steps of their agent then take them away.",
     .source = "a month, as what people come back to"},
  };
}

std::vector<Option> git_options() {
  return {
    {.name = "git.repository_bytes_max",
     .member = git<&GitSettings::repository_bytes_max>,
     .unit = "bytes",
     .min = mib,
     .max = 64 * gib,
     .doc = "The largest repository of one agent's git-backed memory; a full one takes no pushes.",
     .source = "some 100,000 edits of a page of text, packed"},
    {.name = "git.loose_objects_max",
     .member = git<&GitSettings::loose_objects_max>,
     .min = 10,
     .max = 100'000,
     .doc = "Objects of a repository that are files of their own before git packs them.",
     .source = "some 300 edits; git's own bound is 6,700, for one repository a machine"},
    {.name = "git.request_s",
     .member = git<&GitSettings::request_s>,
     .unit = "s",
     .min = 1,
     .max = hour_s / 2,
     .doc = "How long git may work on one clone, fetch or push.",
     .source = "what Letta Code waits for a clone"},
    {.name = "git.processes_max",
     .member = git<&GitSettings::processes_max>,
     .min = 1,
     .max = 10'000,
     .doc = "Clones, fetches and pushes that git works on at once; the next one gets 503.",
     .source = "two processes of some 10 MiB each"},
  };
}

std::vector<Option> stream_and_log_options() {
  return {
    {.name = "streams.ping_s",
     .member = streams<&StreamSettings::ping_s>,
     .unit = "s",
     .min = 1,
     .max = hour_s,
     .doc = "The pause after which an open stream gets a ping.",
     .source = "below the 30 s at which proxies give up",
     .aliases = {"LETTA_KEEPALIVE_INTERVAL", "KEEPALIVE_INTERVAL"}},
    {.name = "streams.websocket_runs_max",
     .member = streams<&StreamSettings::websocket_runs_max>,
     .min = 1,
     .max = 10'000,
     .doc = "Runs that one WebSocket follows at once; further ones are refused with 429.",
     .source = "more than a page of chats shows; as many as may listen to one run"},
    {.name = "images.bytes_max",
     .member = images<&ImageSettings::bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = gib,
     .doc = "The largest image that a message may hold; larger ones are refused.",
     .source = "5 MiB of base64, the least that a vendor takes"},
    {.name = "images.fetch_s",
     .member = images<&ImageSettings::fetch_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long fetching an image from its URL may take; it is tried twice.",
     .source = "as the reference server"},
    {.name = "outbound.allowed_networks",
     .member = outbound<&OutboundSettings::allowed_networks>,
     .doc = "Networks beside the public internet that URLs in messages may reach, such as "
            "10.1.0.0/16."},
    {.name = "callbacks.attempts_max",
     .member = callbacks<&CallbackSettings::attempts_max>,
     .min = 1,
     .max = 100,
     .doc = "How often the end of an asynchronous run is told to its callback URL before that is "
            "given up.",
     .source = "once, and three more times"},
    {.name = "callbacks.retry_ms",
     .member = callbacks<&CallbackSettings::retry_ms>,
     .unit = "ms",
     .min = 1,
     .max = 3'600'000,
     .doc = "The pause before the second attempt; each later one is four times as long.",
     .source = "1, 4 and 16 s: a receiver that restarts is back by then"},
    {.name = "callbacks.timeout_s",
     .member = callbacks<&CallbackSettings::timeout_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long one attempt may take.",
     .source = "as the reference server"},
    {.name = "callbacks.concurrency_max",
     .member = callbacks<&CallbackSettings::concurrency_max>,
     .min = 1,
     .max = 100'000,
     .doc = "Callbacks under way at once, with their pauses; further ones wait on the disk.",
     .source = "each holds its body in memory"},
    {.name = "callbacks.body_bytes_max",
     .member = callbacks<&CallbackSettings::body_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = gib,
     .doc = "The largest body of a callback; a longer one is sent without its result.",
     .source = "some 50,000 messages"},
    {.name = "callbacks.answer_bytes_max",
     .member = callbacks<&CallbackSettings::answer_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = gib,
     .doc = "The longest answer that is read, of which only the status counts.",
     .source = "any page that says what is wrong"},
    {.name = "callbacks.allowed_networks",
     .member = callbacks<&CallbackSettings::allowed_networks>,
     .doc = "Networks beside the public internet that callbacks may reach; never where clouds keep "
            "metadata.",
     .source = "receivers of self-hosted servers are on the same network"},
    {.name = "log.level",
     .member = log<&LogSettings::level>,
     .choices = {"trace", "debug", "info", "warn", "error", "off"},
     .doc = "The least important lines that are written."},
    {.name = "log.format",
     .member = log<&LogSettings::format>,
     .choices = {"text", "json"},
     .doc = "Lines for people or one JSON object a line."},
  };
}

std::vector<Option> web_options() {
  return {
    {.name = "web.allowed_networks",
     .member = web<&WebSettings::allowed_networks>,
     .doc = "Networks beside the public internet that fetch_webpage may reach, such as "
            "10.1.0.0/16."},
    {.name = "web.ports",
     .member = web<&WebSettings::ports>,
     .doc = "The ports that fetch_webpage may connect to: numbers, and ranges such as 8000-8999.",
     .source = "where the web is served; other services speak other protocols"},
    {.name = "web.timeout_s",
     .member = web<&WebSettings::timeout_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long a page may take with its redirects, or a search with its second attempt.",
     .source = "as the reference server"},
    {.name = "web.redirects_max",
     .member = web<&WebSettings::redirects_max>,
     .max = 100,
     .doc = "How many redirects of one page are followed.",
     .source = "twice what shorteners and logins take; browsers stop at 20"},
    {.name = "web.page_bytes_max",
     .member = web<&WebSettings::page_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = gib,
     .doc = "The longest page, unpacked, or the longest answer of a search provider.",
     .source = "twice the longest articles of Wikipedia"},
    {.name = "web.text_bytes_max",
     .member = web<&WebSettings::text_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = 16 * mib,
     .doc = "How much text is made of a page; a tool's return_char_limit may cut it further.",
     .source = "the largest return_char_limit is 1,000,000"},
    {.name = "web.concurrency_max",
     .member = web<&WebSettings::concurrency_max>,
     .min = 1,
     .max = 10'000,
     .doc = "Pages and searches under way at once; further ones wait their turn.",
     .source = "each holds up to page_bytes_max in memory"},
    {.name = "web.queue_max",
     .member = web<&WebSettings::queue_max>,
     .max = 1'000'000,
     .doc = "Pages and searches that may wait for their turn; further ones return an error.",
     .source = "a thousand agents that ask at once"},
    {.name = "web.user_agent",
     .member = web<&WebSettings::user_agent>,
     .doc = "How fetch_webpage introduces itself to servers.",
     .source = "many servers turn away what does not begin as browsers do"},
    {.name = "web.search_provider",
     .member = web<&WebSettings::search_provider>,
     .choices = {"auto", "none", "exa", "tavily", "brave", "searxng"},
     .doc =
       "Who answers web_search; auto: SearXNG where search_url is set, else the first with a key."},
    {.name = "web.search_url",
     .member = web<&WebSettings::search_url>,
     .doc = "Where SearXNG is; for other providers, an address in place of their own."},
    {.name = "web.exa_api_key",
     .member = web<&WebSettings::exa_api_key>,
     .doc = "The key of Exa; a secret EXA_API_KEY of an agent goes before it.",
     .aliases = {"EXA_API_KEY"},
     .is_secret = true},
    {.name = "web.tavily_api_key",
     .member = web<&WebSettings::tavily_api_key>,
     .doc = "The key of Tavily; a secret TAVILY_API_KEY of an agent goes before it.",
     .aliases = {"TAVILY_API_KEY"},
     .is_secret = true},
    {.name = "web.brave_api_key",
     .member = web<&WebSettings::brave_api_key>,
     .doc = "The key of Brave Search; a secret BRAVE_API_KEY of an agent goes before it.",
     .aliases = {"BRAVE_API_KEY"},
     .is_secret = true},
    {.name = "web.search_retry_ms",
     .member = web<&WebSettings::search_retry_ms>,
     .unit = "ms",
     .max = 60'000,
     .doc = "The pause before a search is tried once more, after 429 or 5xx.",
     .source = "providers count requests by the second"},
  };
}

// Of an address, or of the one name that always means this machine.
bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> all = [] {
    std::vector<Option> list;
    for (auto section :
         {server_options(), storage_options(), actor_options(), run_options(), model_options(),
          approval_and_trace_options(), stream_and_log_options(), git_options(), web_options()})
      list.insert(list.end(), section.begin(), section.end());
    return list;
  }();
  return all;
}

bool requires_authentication(const Settings& settings) {
  return settings.server.secure || !settings.server.password.empty();
}

Status check_exposure(const Settings& settings) {
  if (is_loopback(settings.server.host) || requires_authentication(settings)
      || settings.server.insecure_allow_remote)
    return {};
  return Error{
    Errc::invalid_argument,
    "refusing to serve " + settings.server.host
      + ", which other machines can reach, without authentication: set server.password "
        "(REVERIE_PASSWORD), or, if something in front of this server authenticates, "
        "server.insecure_allow_remote (REVERIE_SERVER_INSECURE_ALLOW_REMOTE=true)",
    "server.host"};
}

}  // namespace reverie
