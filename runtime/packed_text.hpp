// Texts that are kept and will hardly ever be read again, in little memory: each is compressed with
// an earlier one as its dictionary. The requests that agents send to one model are mostly alike, so
// that one of them takes a few hundred bytes.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <zstd.h>

namespace reverie {

class PackedText {
 public:
  std::string unpack() const;
  // What it holds beside the text that it shares with others.
  std::size_t bytes() const { return packed_.size(); }

 private:
  friend class TextPacker;

  std::shared_ptr<const std::string> base_;  // null: packed by itself
  std::string packed_;
  std::size_t size_ = 0;  // of the text
};

// For one thread. Some 30 µs for 8 KiB.
class TextPacker {
 public:
  TextPacker();

  PackedText pack(std::string_view text);

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  std::string compress(std::string_view text, const std::string* base);

  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::shared_ptr<const std::string> base_;  // the last text that was unlike the one before it
};

}  // namespace reverie
