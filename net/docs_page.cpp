#include "net/docs_page.hpp"

#include "net/assets.hpp"

#include <array>
#include <string>

namespace reverie {

namespace {

// Nothing from another host; the two programs put styles into the page and ReDoc searches in a
// worker of its own.
constexpr std::string_view policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
  "font-src 'self'; connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'";

constexpr std::string_view html_type = "text/html; charset=utf-8";
constexpr std::string_view script_type = "text/javascript; charset=utf-8";

constexpr std::string_view swagger_page = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Reverie API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{prefix}/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="{prefix}/docs/swagger-ui-bundle.js"></script>
<script src="{prefix}/docs/start.js"></script></body></html>
)";

constexpr std::string_view swagger_start = R"(SwaggerUIBundle({
  url: "{prefix}/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
});
)";

constexpr std::string_view redoc_page = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Reverie API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"></head>
<body style="margin:0"><redoc spec-url="{prefix}/openapi.json"></redoc>
<script src="{prefix}/docs/redoc.standalone.js"></script></body></html>
)";

constexpr std::string_view missing_page = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Reverie API</title></head>
<body><h1>Reverie API</h1>
<p>The document is at <a href="{prefix}/openapi.json">openapi.json</a>.</p>
<p>This build has no documentation pages, because their files were not there when it was
configured: run <code>scripts/deps</code> and build again.</p></body></html>
)";

struct Part {
  std::string_view path;
  std::string_view asset;
  std::string_view type;
};
constexpr std::array<Part, 3> parts{{
  {"/docs/swagger-ui.css", "swagger-ui.css", "text/css; charset=utf-8"},
  {"/docs/swagger-ui-bundle.js", "swagger-ui-bundle.js", script_type},
  {"/docs/redoc.standalone.js", "redoc.standalone.js", script_type},
}};

std::string with_prefix(std::string_view text, std::string_view prefix) {
  constexpr std::string_view marker = "{prefix}";
  std::string out(text);
  for (auto at = out.find(marker); at != std::string::npos; at = out.find(marker, at))
    out.replace(at, marker.size(), prefix);
  return out;
}

HttpResponse page(std::string_view text, std::string_view prefix, std::string_view type) {
  HttpResponse response{200, with_prefix(text, prefix), std::string(type)};
  response.headers.add("content-security-policy", std::string(policy));
  response.headers.add("x-content-type-options", "nosniff");
  return response;
}

HttpResponse asset_response(const Asset& asset, std::string_view type) {
  HttpResponse response{200, std::string(asset.gzip), std::string(type)};
  response.headers.add("content-encoding", "gzip");
  response.headers.add("cache-control", "max-age=3600");
  response.headers.add("x-content-type-options", "nosniff");
  return response;
}

}  // namespace

const Asset* find_asset(std::string_view name) {
  for (const Asset& asset : embedded_assets())
    if (asset.name == name) return &asset;
  return nullptr;
}

std::optional<HttpResponse> docs_response(std::string_view path, std::string_view prefix) {
  const bool has_swagger = find_asset("swagger-ui-bundle.js") && find_asset("swagger-ui.css");
  if (path == "/docs") return page(has_swagger ? swagger_page : missing_page, prefix, html_type);
  if (path == "/docs/start.js") return page(swagger_start, prefix, script_type);
  if (path == "/redoc")
    return page(find_asset("redoc.standalone.js") ? redoc_page : missing_page, prefix, html_type);
  for (const Part& part : parts)
    if (path == part.path)
      if (const Asset* asset = find_asset(part.asset)) return asset_response(*asset, part.type);
  return std::nullopt;
}

}  // namespace reverie
