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
constexpr uint32_t formatVersion = 1;

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
          {"init", {static_cast<int>(b.init.kind), b.init.value}}};
}

/// Arguments are triples in one flat array: the schedules of large models have tens of thousands.
json toJson(const Launch &launch) {
  json args = json::array();
  for (const BufferRef &ref : launch.args) {
    args.push_back(static_cast<int>(ref.space));
    args.push_back(ref.binding);
    args.push_back(ref.offset);
  }
  return {launch.kernel, launch.blocks, std::move(args), launch.location};
}

json toJson(const Program &program) {
  json bindings = json::array(), launches = json::array();
  for (const Binding &binding : program.bindings)
    bindings.push_back(toJson(binding));
  for (const Launch &launch : program.launches)
    launches.push_back(toJson(launch));
  return {{"name", program.name}, {"arena", program.arenaBytes}, {"bindings", std::move(bindings)}, {"launches", std::move(launches)}};
}

json toJson(const Executable &executable) {
  json kernels = json::array(), programs = json::array();
  for (const Kernel &kernel : executable.kernels)
    kernels.push_back(kernel.symbol);
  for (const Program &program : executable.programs)
    programs.push_back(toJson(program));
  return {{"kernels", std::move(kernels)}, {"programs", std::move(programs)}, {"settings", executable.settings}};
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
  return binding;
}

Launch toLaunch(const json &value) {
  Launch launch;
  launch.kernel = value.at(0);
  launch.blocks = value.at(1);
  const json &args = value.at(2);
  for (size_t i = 0; i + 2 < args.size(); i += 3)
    launch.args.push_back({toEnum(args[i], BufferRef::Space::binding), args[i + 1].get<uint32_t>(), args[i + 2].get<int64_t>()});
  launch.location = value.at(3);
  return launch;
}

Program toProgram(const json &value) {
  Program program;
  program.name = value.at("name");
  program.arenaBytes = value.at("arena");
  for (const json &binding : value.at("bindings"))
    program.bindings.push_back(toBinding(binding));
  for (const json &launch : value.at("launches"))
    program.launches.push_back(toLaunch(launch));
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

bool isSound(const Executable &executable) {
  for (const Program &program : executable.programs)
    for (const Launch &launch : program.launches) {
      if (launch.kernel >= executable.kernels.size() || launch.blocks < 0)
        return false;
      for (const BufferRef &ref : launch.args)
        if (ref.offset < 0 || ref.offset > getLimit(ref, program, executable))
          return false;
    }
  return true;
}

void readSchedule(const json &value, Executable &executable) {
  for (const json &symbol : value.at("kernels"))
    executable.kernels.push_back({symbol.get<std::string>(), nullptr});
  for (const json &program : value.at("programs"))
    executable.programs.push_back(toProgram(program));
  executable.settings = value.at("settings");
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
  if (XXH3_64bits(body.data(), body.size()) != prefix.checksum ||
      prefix.scheduleBytes + prefix.constantBytes + prefix.objectBytes != body.size())
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
