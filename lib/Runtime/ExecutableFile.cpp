//===- ExecutableFile.cpp - executables on disk -----------------*- C++ -*-===//
#include "lib/Runtime/ExecutableFile.h"

#define XXH_INLINE_ALL
#include <nlohmann/json.hpp>
#include <xxhash.h>

#include <cstring>

using namespace moe;
using nlohmann::json;

namespace {

constexpr char magic[8] = {'m', 'o', 'e', 'c', ' ', 'e', 'x', 'e'};
constexpr uint32_t formatVersion = 7;

/// What every file starts with; the checksum covers all that follows the prefix.
struct Prefix {
  char magic[8];
  uint32_t version;
  uint32_t reserved;
  uint64_t checksum;
  uint64_t scheduleBytes, constantBytes, objectBytes;
};
static_assert(sizeof(Prefix) == 48);

//===-- Schedule to JSON ---------------------------------------------------===//

json toJson(const Binding &b) {
  return {{"kind", toString(b.kind)}, {"name", b.name}, {"type", static_cast<int>(b.type)}, {"shape", b.shape},
          {"init", {static_cast<int>(b.init.kind), b.init.value}}, {"message", b.message}, {"location", b.location}, {"arena", b.arenaOffset}};
}

json toJson(const BufferRef &ref) { return {static_cast<int>(ref.space), ref.binding, ref.offset}; }

/// Arguments are triples in one flat array, what is known of them pairs in another: the schedules of large models have tens of thousands.
json toJson(const Launch &launch) {
  json args = json::array(), info = json::array();
  for (const BufferRef &ref : launch.args) {
    args.push_back(static_cast<int>(ref.space));
    args.push_back(ref.binding);
    args.push_back(ref.offset);
  }
  for (const ArgumentInfo &argument : launch.info) {
    info.push_back(argument.type);
    info.push_back(argument.routing);
  }
  return {launch.kernel, launch.blocks, std::move(args), launch.location, launch.name, launch.op, launch.operands, launch.writesInfinity, std::move(info), launch.workspace,
          launch.flop};
}

json toJson(const RoutedRows &routing) { return {toJson(routing.offsets), routing.experts}; }
json toJson(const Program &program);
json toJson(const TensorType &type) { return {static_cast<int>(type.type), type.shape}; }

template <typename T>
json toArray(const std::vector<T> &values) {
  json array = json::array();
  for (const T &value : values)
    array.push_back(toJson(value));
  return array;
}

json toJson(const Program &program) {
  return {{"name", program.name},
          {"arena", program.arenaBytes},
          {"bindings", toArray(program.bindings)},
          {"launches", toArray(program.launches)},
          {"routings", toArray(program.routings)}};
}

json toJson(const Executable &executable) {
  json kernels = json::array();
  for (const Kernel &kernel : executable.kernels)
    kernels.push_back(kernel.symbol);
  return {{"kernels", std::move(kernels)},
          {"programs", toArray(executable.programs)},
          {"types", toArray(executable.types)},
          {"settings", executable.settings},
          {"code", executable.code}};
}

//===-- JSON to schedule; json's accessors throw on what is missing --------===//

template <typename Enum>
Enum toEnum(const json &value, Enum last) {
  int number = value.get<int>();
  if (number < 0 || number > static_cast<int>(last))
    throw std::out_of_range("unknown enumerator");
  return static_cast<Enum>(number);
}

Binding toBinding(const json &value) {
  Binding binding;
  if (!fromString(value.at("kind").get<std::string>(), binding.kind))
    throw std::out_of_range("unknown kind of buffer");
  binding.name = value.at("name");
  binding.type = toEnum(value.at("type"), DType::i1);
  binding.shape = value.at("shape").get<std::vector<int64_t>>();
  binding.init.kind = toEnum(value.at("init").at(0), Initializer::Kind::uniform);
  binding.init.value = value.at("init").at(1);
  binding.message = value.at("message");
  binding.location = value.at("location");
  binding.arenaOffset = value.at("arena");
  return binding;
}

/// The three numbers of `value` from position `at` on.
BufferRef toRef(const json &value, size_t at = 0) {
  return {toEnum(value.at(at), BufferRef::Space::binding), value.at(at + 1).get<uint32_t>(), value.at(at + 2).get<int64_t>()};
}

Launch toLaunch(const json &value) {
  Launch launch;
  launch.kernel = value.at(0);
  launch.blocks = value.at(1);
  const json &args = value.at(2), &info = value.at(8);
  for (size_t i = 0; i + 2 < args.size(); i += 3)
    launch.args.push_back(toRef(args, i));
  launch.location = value.at(3);
  launch.name = value.at(4);
  launch.op = value.at(5);
  launch.operands = value.at(6);
  launch.writesInfinity = value.at(7);
  for (size_t i = 0; i + 1 < info.size(); i += 2)
    launch.info.push_back({info[i].get<uint32_t>(), info[i + 1].get<int32_t>()});
  launch.workspace = value.at(9);
  launch.flop = value.at(10);
  return launch;
}

TensorType toType(const json &value) { return {toEnum(value.at(0), DType::bf16), value.at(1).get<std::vector<int64_t>>()}; }

Program toProgram(const json &value) {
  Program program;
  program.name = value.at("name");
  program.arenaBytes = value.at("arena");
  for (const json &binding : value.at("bindings"))
    program.bindings.push_back(toBinding(binding));
  for (const json &launch : value.at("launches"))
    program.launches.push_back(toLaunch(launch));
  for (const json &routing : value.at("routings"))
    program.routings.push_back({toRef(routing.at(0)), routing.at(1).get<int64_t>()});
  return program;
}

/// One past the last valid offset of the space that `ref` points into; -1 for no such space.
int64_t getLimit(const BufferRef &ref, const Program &program, const Executable &executable) {
  switch (ref.space) {
  case BufferRef::Space::arena:
    return program.arenaBytes;
  case BufferRef::Space::constant:
    return static_cast<int64_t>(executable.constants.size());
  case BufferRef::Space::binding:
    return ref.binding < program.bindings.size() ? program.bindings[ref.binding].bytes() : -1;
  }
  return -1;
}

bool isInside(const BufferRef &ref, int64_t bytes, const Program &program, const Executable &executable) {
  int64_t limit = getLimit(ref, program, executable);
  return ref.offset >= 0 && bytes >= 0 && ref.offset <= limit && bytes <= limit - ref.offset;
}

/// The bytes of a type; -1 when they are too many to be counted.
int64_t getBytes(const TensorType &type) {
  int64_t bytes = byteWidth(type.type);
  for (int64_t extent : type.shape)
    if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes))
      return -1;
  return bytes;
}

bool isSound(const Binding &binding, const Program &program) {
  int64_t bytes = getBytes({binding.type, binding.shape});
  return bytes >= 0 && (binding.arenaOffset == -1 || (binding.arenaOffset >= 0 && bytes <= program.arenaBytes && binding.arenaOffset <= program.arenaBytes - bytes));
}

bool isSound(const Launch &launch, const Program &program, const Executable &executable) {
  size_t tensors = launch.args.size() - (launch.workspace > 0 && !launch.args.empty());
  if (launch.kernel >= executable.kernels.size() || launch.blocks < 0 || launch.operands > tensors || launch.workspace < 0 ||
      (!launch.info.empty() && launch.info.size() != tensors))
    return false;
  for (size_t i = 0; i < launch.args.size(); ++i) {
    int64_t bytes = i < tensors ? 0 : launch.workspace;
    if (i < launch.info.size()) {
      const ArgumentInfo &info = launch.info[i];
      if (info.type >= executable.types.size() || info.routing < -1 || info.routing >= static_cast<int64_t>(program.routings.size()))
        return false;
      bytes = getBytes(executable.types[info.type]);
    }
    if (!isInside(launch.args[i], bytes, program, executable))
      return false;
  }
  return true;
}

bool isSound(const Executable &executable) {
  for (const Program &program : executable.programs) {
    for (const Binding &binding : program.bindings)
      if (!isSound(binding, program))
        return false;
    for (const RoutedRows &routing : program.routings)
      if (routing.experts < 0 || routing.experts > (int64_t(1) << 31) || !isInside(routing.offsets, 4 * (routing.experts + 1), program, executable))
        return false;
    for (const Launch &launch : program.launches)
      if (!isSound(launch, program, executable))
        return false;
  }
  return true;
}

void readSchedule(const json &value, Executable &executable) {
  for (const json &symbol : value.at("kernels"))
    executable.kernels.push_back({symbol.get<std::string>(), nullptr});
  for (const json &program : value.at("programs"))
    executable.programs.push_back(toProgram(program));
  for (const json &type : value.at("types"))
    executable.types.push_back(toType(type));
  executable.settings = value.at("settings");
  executable.code = value.at("code");
}

} // namespace

std::string moe::serialize(const ExecutableFile &file) {
  std::string schedule = toJson(file.executable).dump();
  const std::vector<uint8_t> &constants = file.executable.constants;
  Prefix prefix{};
  std::string bytes(sizeof(Prefix), '\0');
  bytes += schedule;
  bytes.append(reinterpret_cast<const char *>(constants.data()), constants.size());
  bytes += file.object;

  std::memcpy(prefix.magic, magic, sizeof(magic));
  prefix.version = formatVersion;
  prefix.checksum = XXH3_64bits(bytes.data() + sizeof(Prefix), bytes.size() - sizeof(Prefix));
  prefix.scheduleBytes = schedule.size();
  prefix.constantBytes = constants.size();
  prefix.objectBytes = file.object.size();
  std::memcpy(bytes.data(), &prefix, sizeof(Prefix));
  return bytes;
}

Status moe::deserialize(std::string_view bytes, ExecutableFile &file) {
  Prefix prefix;
  if (bytes.size() < sizeof(Prefix))
    return Status::failure("not an executable of moec: too short");
  std::memcpy(&prefix, bytes.data(), sizeof(Prefix));
  if (std::memcmp(prefix.magic, magic, sizeof(magic)) != 0)
    return Status::failure("not an executable of moec");
  if (prefix.version != formatVersion)
    return Status::failure("written in format " + std::to_string(prefix.version) + ", this moec reads format " +
                           std::to_string(formatVersion));
  std::string_view body = bytes.substr(sizeof(Prefix));
  uint64_t rest = body.size(); // subtracted from, as a sum of lengths might wrap around
  bool fits = true;
  for (uint64_t length : {prefix.scheduleBytes, prefix.constantBytes, prefix.objectBytes}) {
    fits = fits && length <= rest;
    rest -= fits ? length : 0;
  }
  if (!fits || rest != 0 || XXH3_64bits(body.data(), body.size()) != prefix.checksum)
    return Status::failure("damaged: the checksum does not match");

  ExecutableFile read;
  std::string_view constants = body.substr(prefix.scheduleBytes, prefix.constantBytes);
  read.executable.constants.assign(constants.begin(), constants.end());
  read.object = body.substr(prefix.scheduleBytes + prefix.constantBytes);
  try {
    readSchedule(json::parse(body.substr(0, prefix.scheduleBytes)), read.executable);
  } catch (const std::exception &error) {
    return Status::failure(std::string("the schedule cannot be read: ") + error.what());
  }
  if (!isSound(read.executable))
    return Status::failure("the schedule points outside its buffers");
  file = std::move(read);
  return Status::success();
}
