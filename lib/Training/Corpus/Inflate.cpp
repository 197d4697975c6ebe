//===- Inflate.cpp - zlib streams in memory ---------------------*- C++ -*-===//
#include "lib/Training/Corpus/Inflate.h"

#include <zlib.h>

using namespace moe;

static constexpr size_t mostBytes = size_t(64) << 20; ///< of one stream: more than any part of these packages has

bool moe::inflateStream(std::string_view packed, size_t size, std::string &text, size_t &used) {
  if (size > mostBytes)
    return false;
  text.resize(size);
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK)
    return false;
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
  stream.avail_in = static_cast<uInt>(std::min<size_t>(packed.size(), UINT32_MAX));
  stream.next_out = reinterpret_cast<Bytef *>(text.data());
  stream.avail_out = static_cast<uInt>(size);
  int result = inflate(&stream, Z_FINISH);
  used = stream.total_in;
  bool good = result == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  return good;
}
