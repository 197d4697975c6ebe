//===- Text.h - reading text files line by line -----------------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <functional>
#include <string>
#include <string_view>

namespace moe {

/// Reads a file piece by piece; memory does not grow with the file. Fails on an empty one.
Status readChunks(const std::string &path, const std::function<void(std::string_view)> &take);

/// Reads a file of UTF-8 line by line, without the line ends. A last line without an end counts as one. Fails on an empty file and, with
/// the number of the line, on invalid UTF-8.
Status readLines(const std::string &path, const std::function<void(std::string_view)> &take);

/// The first byte that belongs to no valid character; npos where all do.
size_t findInvalidUtf8(std::string_view text);
inline bool isValidUtf8(std::string_view text) { return findInvalidUtf8(text) == std::string_view::npos; }

/// Takes the next word off `rest`; empty when there is none. Words are separated as Python's str.split() does, by Unicode's blanks.
std::string_view takeWord(std::string_view &rest);

} // namespace moe
