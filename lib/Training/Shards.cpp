//===- Shards.cpp - files of token ids --------------------------*- C++ -*-===//
#include "lib/Training/Shards.h"
#include "lib/Training/MappedFile.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <optional>
#include <string_view>

using namespace moe;

/// Little-endian, from any address.
template <typename Int>
static Int load(const std::byte *at) {
  Int value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

static std::string idsOf(int64_t count, IdType type) {
  return std::to_string(count) + " ids of " + std::to_string(sizeOf(type)) + " bytes (" + toString(type) + ")";
}

//===-- .bin -----------------------------------------------------------------------------===//

namespace {
/// The headers that llm.c writes: 256 32-bit numbers, of which the first three say something.
struct BinHeader {
  int32_t magic, version;
  IdType type;
};
} // namespace

static constexpr BinHeader binHeaders[] = {{20240520, 1, IdType::u16}, {20240801, 7, IdType::u32}};
static constexpr size_t binHeaderNumbers = 256, binHeaderBytes = binHeaderNumbers * sizeof(int32_t);

/// A header that is not known must not be read as ids: no text has one token some five hundred times near its beginning.
static bool looksLikeHeader(const std::byte *bytes, size_t size) {
  if (size < binHeaderBytes || !load<int32_t>(bytes))
    return false;
  for (size_t i = 3; i < binHeaderNumbers; ++i)
    if (load<int32_t>(bytes + i * sizeof(int32_t)))
      return false;
  return true;
}

static Status parseBinHeader(const std::byte *bytes, size_t size, const BinHeader &header, ShardLayout &layout) {
  if (size < binHeaderBytes)
    return Status::failure("the header is cut short: " + std::to_string(size) + " of " + std::to_string(binHeaderBytes) + " bytes");
  auto version = load<int32_t>(bytes + 4), count = load<int32_t>(bytes + 8);
  if (version != header.version)
    return Status::failure("the header has magic " + std::to_string(header.magic) + " and version " + std::to_string(version) +
                           ", expected version " + std::to_string(header.version));
  layout = {header.type, binHeaderBytes, count};
  size_t rest = size - binHeaderBytes;
  if (count < 0 || rest != static_cast<size_t>(count) * static_cast<size_t>(sizeOf(header.type)))
    return Status::failure("the header says " + idsOf(count, header.type) + ", but " + std::to_string(rest) + " bytes follow it");
  return Status::success();
}

Status moe::parseBinShard(const std::byte *bytes, size_t size, IdType raw, ShardLayout &layout) {
  if (!size)
    return Status::failure("the file is empty");
  auto magic = size >= 4 ? load<int32_t>(bytes) : 0;
  for (const BinHeader &header : binHeaders)
    if (magic == header.magic)
      return parseBinHeader(bytes, size, header, layout);
  if (looksLikeHeader(bytes, size))
    return Status::failure("it begins with a header whose magic, " + std::to_string(magic) + ", is not that of token ids: expected 20240520 or 20240801");
  auto width = static_cast<size_t>(sizeOf(raw));
  if (size % width)
    return Status::failure(std::to_string(size) + " bytes are no whole number of " + std::to_string(width) + "-byte ids (" + toString(raw) + ")");
  layout = {raw, 0, static_cast<int64_t>(size / width)};
  return Status::success();
}

//===-- .npy -----------------------------------------------------------------------------===//

namespace {
/// The text of a .npy header, a Python dictionary: {'descr': '<u2', 'fortran_order': False, 'shape': (12,), }
class NpyDictionary {
public:
  explicit NpyDictionary(std::string_view text) : rest(text) {}

  /// False when the text is anything else, or a key is missing or there twice.
  bool parse() {
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::optional<std::string_view> key = takeString();
      if (!key || !take(':') || !takeValue(*key))
        return false;
      if (!take(',') && !(skipBlanks(), rest.starts_with('}')))
        return false;
    }
    skipBlanks();
    return rest.empty() && descr && hasOrder && hasShape;
  }
  std::string getType() const { return std::string(*descr); }
  const std::vector<uint64_t> &getShape() const { return shape; }

private:
  void skipBlanks() {
    while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest[0])))
      rest.remove_prefix(1);
  }
  bool take(std::string_view text) {
    skipBlanks();
    bool is = rest.starts_with(text);
    rest.remove_prefix(is ? text.size() : 0);
    return is;
  }
  bool take(char c) { return take(std::string_view(&c, 1)); }
  std::optional<std::string_view> takeString() {
    skipBlanks();
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      return std::nullopt;
    size_t end = rest.find(rest[0], 1);
    if (end == std::string_view::npos)
      return std::nullopt;
    std::string_view text = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return text;
  }
  bool takeShape() {
    if (!take('('))
      return false;
    while (!take(')')) {
      skipBlanks();
      uint64_t extent = 0;
      size_t digits = 0;
      for (; digits < rest.size() && std::isdigit(static_cast<unsigned char>(rest[digits])); ++digits)
        if (extent = extent * 10 + static_cast<uint64_t>(rest[digits] - '0'); extent >> 56)
          return false;
      rest.remove_prefix(digits);
      if (!digits)
        return false;
      shape.push_back(extent);
      if (!take(',') && !(skipBlanks(), rest.starts_with(')')))
        return false;
    }
    return true;
  }
  bool takeValue(std::string_view key) {
    if (key == "descr" && !descr)
      return (descr = takeString()).has_value();
    if (key == "fortran_order" && !hasOrder) // one dimension has but one order
      return hasOrder = take("True") || take("False");
    if (key == "shape" && !hasShape)
      return hasShape = takeShape();
    return false;
  }

  std::string_view rest;
  std::optional<std::string_view> descr;
  bool hasOrder = false, hasShape = false;
  std::vector<uint64_t> shape;
};
} // namespace

static constexpr std::string_view npyMagic = "\x93NUMPY";

static std::optional<IdType> typeOfNpy(const std::string &descr) {
  for (auto [name, type] : {std::pair("<u2", IdType::u16), {"<u4", IdType::u32}, {"<i4", IdType::i32}, {"<i8", IdType::i64}})
    if (descr == name)
      return type;
  return std::nullopt;
}

Status moe::parseNpyShard(const std::byte *bytes, size_t size, ShardLayout &layout) {
  if (!size)
    return Status::failure("the file is empty");
  std::string_view text(reinterpret_cast<const char *>(bytes), size);
  if (!text.starts_with(npyMagic))
    return Status::failure("not a NumPy array: it does not begin with \\x93NUMPY");
  constexpr const char *cut = "the header is cut short";
  if (size < 10)
    return Status::failure(cut);
  int major = static_cast<int>(bytes[6]), minor = static_cast<int>(bytes[7]);
  if (major < 1 || major > 3 || minor)
    return Status::failure("version " + std::to_string(major) + "." + std::to_string(minor) + " of the NumPy format is not known");
  size_t begin = major == 1 ? 10 : 12;
  if (size < begin)
    return Status::failure(cut);
  size_t length = major == 1 ? load<uint16_t>(bytes + 8) : load<uint32_t>(bytes + 8);
  if (length > size - begin)
    return Status::failure(cut);
  NpyDictionary header(text.substr(begin, length));
  if (!header.parse())
    return Status::failure("the header is not one that NumPy writes");
  std::optional<IdType> type = typeOfNpy(header.getType());
  if (!type)
    return Status::failure("an array of '" + header.getType() + "', expected whole numbers: <u2, <u4, <i4 or <i8");
  if (header.getShape().size() != 1)
    return Status::failure("an array of " + std::to_string(header.getShape().size()) + " dimensions, expected 1");
  uint64_t count = header.getShape()[0], rest = size - begin - length; // below 2^56: takeShape sees to that
  if (rest != count * static_cast<uint64_t>(sizeOf(*type)))
    return Status::failure("the header says " + idsOf(static_cast<int64_t>(count), *type) + ", but " + std::to_string(rest) + " bytes follow it");
  layout = {*type, begin + length, static_cast<int64_t>(count)};
  return Status::success();
}

std::string moe::makeNpyHeader(int64_t count) {
  constexpr size_t alignment = 64, prefix = 10;
  std::string text = "{'descr': '<i4', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }";
  size_t total = (prefix + text.size() + 1 + alignment - 1) / alignment * alignment;
  text.append(total - prefix - text.size() - 1, ' ');
  text += '\n';
  std::string header(npyMagic);
  header += {'\1', '\0', static_cast<char>(text.size() & 0xFF), static_cast<char>(text.size() >> 8)};
  return header + text;
}

//===-- Files ----------------------------------------------------------------------------===//

bool moe::isShardName(const std::string &path) { return path.ends_with(".bin") || path.ends_with(".npy"); }

Status moe::openShard(const std::string &path, IdType raw, TokenIds::Piece &piece) {
  std::shared_ptr<const MappedFile> file;
  if (Status status = MappedFile::open(path, file); !status)
    return status;
  ShardLayout layout;
  Status status = path.ends_with(".npy") ? parseNpyShard(file->data(), file->size(), layout)
                                         : parseBinShard(file->data(), file->size(), raw, layout);
  if (!status)
    return Status::failure(path + ": " + status.error);
  piece = {file->data() + layout.offset, layout.type, layout.count, file};
  return Status::success();
}

template <typename Stored>
static int64_t findOutside(const std::byte *data, int64_t count, int64_t vocabulary, int64_t &value) {
  auto isOutside = [&](int64_t i) {
    return static_cast<uint64_t>(static_cast<int64_t>(load<Stored>(data + i * static_cast<int64_t>(sizeof(Stored))))) >=
           static_cast<uint64_t>(vocabulary);
  };
  constexpr int64_t stretch = 4096; // without a branch on every id
  for (int64_t begin = 0; begin < count; begin += stretch) {
    int64_t end = std::min(count, begin + stretch);
    bool any = false;
    for (int64_t i = begin; i < end; ++i)
      any |= isOutside(i);
    for (int64_t i = begin; any && i < end; ++i)
      if (isOutside(i)) {
        value = static_cast<int64_t>(load<Stored>(data + i * static_cast<int64_t>(sizeof(Stored))));
        return i;
      }
  }
  return -1;
}

int64_t moe::findIdOutside(const TokenIds::Piece &piece, int64_t vocabulary, int64_t &value) {
  switch (piece.type) {
  case IdType::u16:
    return findOutside<uint16_t>(piece.data, piece.count, vocabulary, value);
  case IdType::u32:
    return findOutside<uint32_t>(piece.data, piece.count, vocabulary, value);
  case IdType::i32:
    return findOutside<int32_t>(piece.data, piece.count, vocabulary, value);
  case IdType::i64:
    return findOutside<int64_t>(piece.data, piece.count, vocabulary, value);
  }
  return -1;
}
