#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto web = option_at<&Settings::web, Member>();

}  // namespace

std::vector<Option> web_options() {
  return {
    {.name = "web.allowed_networks",
     .member = web<&WebSettings::allowed_networks>,
     .doc = "Networks beside the public internet that pages and HTTP tools may be on: "
            "10.1.0.0/16, say."},
    {.name = "web.ports",
     .member = web<&WebSettings::ports>,
     .doc = "The ports that they may connect to: numbers, and ranges such as 8000-8999.",
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
     .doc = "How fetch_webpage introduces itself; empty: Mozilla/5.0 (compatible; reverie).",
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

}  // namespace reverie
