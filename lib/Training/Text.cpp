//===- Text.cpp - reading text files line by line ---------------*- C++ -*-===//
#include "lib/Training/Text.h"
#include "lib/Support/AtomicFile.h"

#include <cstdio>
#include <cstring>
#include <memory>

using namespace moe;

//===-- Bytes ----------------------------------------------------------------===//

Status moe::readChunks(const std::string &path, const std::function<void(std::string_view)> &take) {
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file)
    return systemFailure(path);
  constexpr size_t mostBytes = size_t(1) << 20;
  auto chunk = std::make_unique_for_overwrite<char[]>(mostBytes); // a short file touches as much of it as it has
  bool any = false;
  while (size_t got = std::fread(chunk.get(), 1, mostBytes, file.get())) {
    any = true;
    take(std::string_view(chunk.get(), got));
  }
  if (std::ferror(file.get()))
    return systemFailure(path);
  return any ? Status::success() : Status::failure(path + ": the file is empty");
}

static Status refuseByte(const std::string &path, int64_t line, std::string_view text, size_t at) {
  char byte[8];
  std::snprintf(byte, sizeof(byte), "0x%02X", static_cast<unsigned char>(text[at]));
  return Status::failure(path + ":" + std::to_string(line) + ": byte " + std::to_string(at + 1) + " of the line, " + byte + ", is not valid UTF-8");
}

Status moe::readLines(const std::string &path, const std::function<void(std::string_view)> &take) {
  std::string open; // the beginning of a line whose end was not read yet
  int64_t lines = 0;
  Status bad;
  auto line = [&](std::string_view text) {
    ++lines;
    if (!bad)
      return;
    if (size_t at = findInvalidUtf8(text); at != std::string_view::npos)
      bad = refuseByte(path, lines, text, at);
    else
      take(text);
  };
  Status status = readChunks(path, [&](std::string_view chunk) {
    for (size_t end; (end = chunk.find('\n')) != std::string_view::npos; chunk.remove_prefix(end + 1)) {
      if (open.empty()) {
        line(chunk.substr(0, end));
        continue;
      }
      open.append(chunk.substr(0, end));
      line(open);
      open.clear();
    }
    open.append(chunk);
  });
  if (!status)
    return status;
  if (!open.empty())
    line(open);
  return bad;
}

//===-- UTF-8 ----------------------------------------------------------------===//

namespace {
/// What may follow a lead byte: how many continuation bytes, and the range of the first of them (which rules out overlong forms,
/// surrogates and code points beyond U+10FFFF).
struct LeadByte {
  int continuations;
  unsigned char low, high;
};
} // namespace

static LeadByte classify(unsigned char lead) {
  if (lead < 0x80)
    return {0, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF)
    return {1, 0x80, 0xBF};
  if (lead >= 0xE0 && lead <= 0xEF)
    return {2, static_cast<unsigned char>(lead == 0xE0 ? 0xA0 : 0x80), static_cast<unsigned char>(lead == 0xED ? 0x9F : 0xBF)};
  if (lead >= 0xF0 && lead <= 0xF4)
    return {3, static_cast<unsigned char>(lead == 0xF0 ? 0x90 : 0x80), static_cast<unsigned char>(lead == 0xF4 ? 0x8F : 0xBF)};
  return {-1, 0, 0};
}

size_t moe::findInvalidUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    uint64_t eight;
    if (i + 8 <= text.size() && (std::memcpy(&eight, text.data() + i, 8), (eight & 0x8080808080808080) == 0)) {
      i += 8;
      continue;
    }
    LeadByte lead = classify(static_cast<unsigned char>(text[i]));
    if (lead.continuations < 0 || i + static_cast<size_t>(lead.continuations) >= text.size())
      return i;
    for (int k = 1; k <= lead.continuations; ++k) {
      auto byte = static_cast<unsigned char>(text[i + static_cast<size_t>(k)]);
      if (byte < (k == 1 ? lead.low : 0x80) || byte > (k == 1 ? lead.high : 0xBF))
        return i;
    }
    i += 1 + static_cast<size_t>(lead.continuations);
  }
  return std::string_view::npos;
}

//===-- Words ----------------------------------------------------------------===//

/// Length of the blank at the beginning of valid UTF-8; 0 when it is none.
static size_t blankLength(const char *at, const char *end) {
  auto byte = [&](int i) { return end - at > i ? static_cast<unsigned char>(at[i]) : 0; };
  unsigned char c = byte(0);
  if (c < 0x80)
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F);
  switch (c) {
  case 0xC2: // U+0085, U+00A0
    return byte(1) == 0x85 || byte(1) == 0xA0 ? 2 : 0;
  case 0xE1: // U+1680
    return byte(1) == 0x9A && byte(2) == 0x80 ? 3 : 0;
  case 0xE2: // U+2000 to U+200A, U+2028, U+2029, U+202F; U+205F
    if (byte(1) == 0x80)
      return (byte(2) >= 0x80 && byte(2) <= 0x8A) || byte(2) == 0xA8 || byte(2) == 0xA9 || byte(2) == 0xAF ? 3 : 0;
    return byte(1) == 0x81 && byte(2) == 0x9F ? 3 : 0;
  case 0xE3: // U+3000
    return byte(1) == 0x80 && byte(2) == 0x80 ? 3 : 0;
  default:
    return 0;
  }
}

std::string_view moe::takeWord(std::string_view &rest) {
  const char *at = rest.data(), *end = at + rest.size();
  while (at != end) {
    size_t blank = blankLength(at, end);
    if (!blank)
      break;
    at += blank;
  }
  const char *begin = at;
  while (at != end && !blankLength(at, end))
    ++at;
  rest = std::string_view(at, static_cast<size_t>(end - at));
  return std::string_view(begin, static_cast<size_t>(at - begin));
}
