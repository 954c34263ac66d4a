#include "runtime/packed_text.hpp"

#include <cassert>

namespace reverie {

namespace {

constexpr int level = 1;                   // of zstd: the fastest
constexpr std::size_t unlike_divisor = 8;  // less than this much smaller: of another kind

struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

std::string PackedText::unpack() const {
  std::string text(size_, '\0');
  const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context{ZSTD_createDCtx()};
  if (base_) ZSTD_DCtx_refPrefix(context.get(), base_->data(), base_->size());
  [[maybe_unused]] const std::size_t size =
    ZSTD_decompressDCtx(context.get(), text.data(), text.size(), packed_.data(), packed_.size());
  assert(size == size_);  // it was in this process's memory all the time
  return text;
}

TextPacker::TextPacker() : context_(ZSTD_createCCtx()) {
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
}

PackedText TextPacker::pack(std::string_view text) {
  PackedText out;
  out.size_ = text.size();
  out.base_ = base_;
  out.packed_ = compress(text, base_.get());
  if (base_ && out.packed_.size() < text.size() / unlike_divisor) return out;
  if (base_) out.packed_ = compress(text, nullptr);
  out.base_ = nullptr;
  base_ = std::make_shared<const std::string>(text);
  return out;
}

std::string TextPacker::compress(std::string_view text, const std::string* base) {
  if (base) ZSTD_CCtx_refPrefix(context_.get(), base->data(), base->size());
  std::string buffer(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size =
    ZSTD_compress2(context_.get(), buffer.data(), buffer.size(), text.data(), text.size());
  assert(!ZSTD_isError(size));  // the buffer is large enough
  buffer.resize(size);
  buffer.shrink_to_fit();
  return buffer;
}

}  // namespace reverie
