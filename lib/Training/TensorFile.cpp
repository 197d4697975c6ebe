//===- TensorFile.cpp - reading safetensors ---------------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Json.h"
#include "lib/Training/TensorHash.h"
#include "moe/Training.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_map>

using namespace moe;
using nlohmann::json;

/// As in the reference implementation.
static constexpr uint64_t maxHeaderBytes = 100'000'000;

struct TensorFile::Impl {
  ~Impl() {
    if (descriptor >= 0)
      ::close(descriptor);
  }
  Status openChecked(bool verify);
  Status readHeader(std::string &header);
  Status parseHeader(const std::string &header);
  Status parseMember(const std::string &name, const json &value);
  Status parseTensor(const std::string &name, const json &object);
  Status makeIndex();
  Status verifyTiling() const;
  Status verifyChecksum();
  Status readAt(int64_t at, void *into, int64_t bytes) const;
  Status refuse(const std::string &why) const { return Status::failure(path + ": " + why); }

  std::string path;
  int descriptor = -1;
  bool verified = false;
  int64_t dataBegin = 0, dataBytes = 0;
  std::vector<TensorEntry> tensors; ///< in the order of their data
  std::unordered_map<std::string_view, const TensorEntry *> index; ///< by name
  std::map<std::string, std::string> metadata;
};

TensorFile::TensorFile() = default;
TensorFile::~TensorFile() = default;
TensorFile::TensorFile(TensorFile &&) noexcept = default;
TensorFile &TensorFile::operator=(TensorFile &&) noexcept = default;

//===-- Header ---------------------------------------------------------------===//

Status TensorFile::Impl::readAt(int64_t at, void *into, int64_t bytes) const {
  char *out = static_cast<char *>(into);
  while (bytes) {
    ssize_t got = ::pread(descriptor, out, static_cast<size_t>(bytes), at);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return systemFailure(path);
    if (got == 0)
      return refuse("the file ended while it was read");
    out += got;
    at += got;
    bytes -= got;
  }
  return Status::success();
}

Status TensorFile::Impl::readHeader(std::string &header) {
  struct stat info;
  if (::fstat(descriptor, &info) != 0)
    return systemFailure(path);
  if (!S_ISREG(info.st_mode))
    return refuse("not a file");
  if (info.st_size < 8)
    return refuse("too short for a safetensors file (" + std::to_string(info.st_size) + " bytes)");
  unsigned char prefix[8];
  if (Status status = readAt(0, prefix, 8); !status)
    return status;
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i)
    length = length << 8 | prefix[i];
  if (length > maxHeaderBytes || length > static_cast<uint64_t>(info.st_size) - 8)
    return refuse("the header's length, " + std::to_string(length) + " bytes, does not fit a file of " + std::to_string(info.st_size));
  dataBegin = 8 + static_cast<int64_t>(length);
  dataBytes = info.st_size - dataBegin;
  header.resize(length);
  return readAt(8, header.data(), static_cast<int64_t>(length));
}

static int64_t widthOf(const std::string &dtype) {
  static const std::map<std::string, int64_t> widths = {{"BOOL", 1}, {"U8", 1},   {"I8", 1},  {"U16", 2}, {"I16", 2}, {"F16", 2}, {"BF16", 2},
                                                        {"U32", 4},  {"I32", 4}, {"F32", 4}, {"U64", 8}, {"I64", 8}, {"F64", 8}};
  auto it = widths.find(dtype);
  return it == widths.end() ? 0 : it->second;
}

static bool isSize(const json &value) {
  return value.is_number_unsigned() && value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX);
}

Status TensorFile::Impl::parseTensor(const std::string &name, const json &object) {
  auto bad = [&](const std::string &why) { return refuse("tensor '" + name + "': " + why); };
  json none;
  const json &dtype = object.is_object() && object.contains("dtype") ? object["dtype"] : none;
  const json &shape = object.is_object() && object.contains("shape") ? object["shape"] : none;
  const json &offsets = object.is_object() && object.contains("data_offsets") ? object["data_offsets"] : none;
  if (!dtype.is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2 || !isSize(offsets[0]) || !isSize(offsets[1]))
    return bad("dtype, shape or data_offsets is missing or of the wrong kind");
  TensorEntry entry{name, dtype.get<std::string>(), {}, 0, 0};
  int64_t expected = widthOf(entry.dtype);
  if (!expected)
    return bad("unknown dtype '" + entry.dtype + "'");
  for (const json &extent : shape) {
    if (!isSize(extent) || __builtin_mul_overflow(expected, extent.get<int64_t>(), &expected))
      return bad("the shape is not one that a file can hold");
    entry.shape.push_back(extent.get<int64_t>());
  }
  auto begin = offsets[0].get<int64_t>(), end = offsets[1].get<int64_t>();
  if (begin > end || end > dataBytes)
    return bad("its bytes, " + std::to_string(begin) + " to " + std::to_string(end) + ", lie outside the " + std::to_string(dataBytes) +
               " bytes of data: the file is cut short or altered");
  if (end - begin != expected)
    return bad("its " + std::to_string(end - begin) + " bytes do not agree with its shape, which needs " + std::to_string(expected));
  entry.offset = begin;
  entry.bytes = expected;
  tensors.push_back(std::move(entry));
  return Status::success();
}

Status TensorFile::Impl::verifyTiling() const {
  int64_t at = 0;
  for (const TensorEntry &entry : tensors) {
    if (entry.offset != at)
      return refuse("tensor '" + entry.name + "' starts at byte " + std::to_string(entry.offset) + " of the data, expected " +
                    std::to_string(at) + ": tensors overlap or leave a gap");
    at += entry.bytes;
  }
  if (at != dataBytes)
    return refuse(std::to_string(dataBytes) + " bytes of data, but the tensors need " + std::to_string(at));
  return Status::success();
}

Status TensorFile::Impl::parseMember(const std::string &name, const json &value) {
  if (name != "__metadata__")
    return parseTensor(name, value);
  if (!value.is_object())
    return refuse("the metadata is not an object");
  for (const auto &[key, text] : value.items()) {
    if (!text.is_string())
      return refuse("the metadata '" + key + "' is not text");
    metadata[key] = text.get<std::string>();
  }
  return Status::success();
}

Status TensorFile::Impl::makeIndex() {
  index.reserve(tensors.size());
  for (const TensorEntry &entry : tensors)
    if (!index.emplace(entry.name, &entry).second)
      return refuse("tensor '" + entry.name + "' is there twice");
  return Status::success();
}

/// Takes the members one by one, in the order of the file, which its checksum knows; what was taken is not kept as JSON.
Status TensorFile::Impl::parseHeader(const std::string &header) {
  using Event = json::parse_event_t;
  Status status;
  std::string name;
  auto take = [&](int depth, Event event, json &parsed) {
    constexpr int ofMembers = 1;
    if (depth != ofMembers || event == Event::object_start || event == Event::array_start)
      return true;
    if (event == Event::key) {
      name = parsed.get<std::string>();
      return true;
    }
    if (status)
      status = parseMember(name, parsed);
    return false;
  };
  if (nestsTooDeeply(header) || !json::parse(header, take, /*allow_exceptions=*/false).is_object())
    return refuse("the header is not a JSON object");
  if (!status)
    return status;
  std::stable_sort(tensors.begin(), tensors.end(), [](const TensorEntry &a, const TensorEntry &b) {
    return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes); // empty tensors before the one at their place
  });
  status = verifyTiling();
  return status ? makeIndex() : status;
}

//===-- Checksum ---------------------------------------------------------------===//

Status TensorFile::Impl::verifyChecksum() {
  auto stored = metadata.find(std::string(TensorHash::key));
  if (stored == metadata.end())
    return Status::success();
  std::string expected = stored->second;
  metadata.erase(stored);
  TensorHash hash(metadata);
  std::vector<char> chunk(size_t(1) << 20);
  for (const TensorEntry &entry : tensors) {
    hash.add(entry.name, entry.dtype, entry.shape);
    for (int64_t done = 0; done < entry.bytes;) {
      int64_t bytes = std::min<int64_t>(static_cast<int64_t>(chunk.size()), entry.bytes - done);
      if (Status status = readAt(dataBegin + entry.offset + done, chunk.data(), bytes); !status)
        return status;
      hash.add(chunk.data(), static_cast<size_t>(bytes));
      done += bytes;
    }
  }
  if (hash.getText() != expected)
    return refuse("the checksum does not match: the file was altered after it was written");
  verified = true;
  return Status::success();
}

Status TensorFile::Impl::openChecked(bool verify) {
  descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return systemFailure(path);
  std::string header;
  if (Status status = readHeader(header); !status)
    return status;
  if (Status status = parseHeader(header); !status)
    return status;
  return verify ? verifyChecksum() : Status::success();
}

Status TensorFile::open(const std::string &path, TensorFile &file, bool verify) {
  return guarded("a safetensors file", [&] {
    auto opened = std::make_unique<Impl>();
    opened->path = path;
    Status status = opened->openChecked(verify);
    if (status)
      file.impl = std::move(opened);
    return status;
  });
}

//===-- Access -----------------------------------------------------------------===//

bool TensorFile::isVerified() const { return impl->verified; }
const std::vector<TensorEntry> &TensorFile::getTensors() const { return impl->tensors; }
const std::map<std::string, std::string> &TensorFile::getMetadata() const { return impl->metadata; }

const TensorEntry *TensorFile::find(std::string_view name) const {
  auto it = impl->index.find(name);
  return it == impl->index.end() ? nullptr : it->second;
}

Status TensorFile::read(const TensorEntry &entry, void *into) const {
  return impl->readAt(impl->dataBegin + entry.offset, into, entry.bytes);
}
