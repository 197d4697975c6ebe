#include "lib/Runtime/ExecutableFile.h"

#include <doctest/doctest.h>
#include <limits>

using namespace moe;

static ExecutableFile example() {
  ExecutableFile file;
  Program program;
  program.name = "eval";
  program.arenaBytes = 128;
  program.bindings = {{BindingKind::param, "layers.0.w", DType::f32, {4, 8}, {Initializer::Kind::uniform, 0.1}},
                      {BindingKind::input, "tokens", DType::i32, {2, 3}, {}}};
  program.launches = {{1, 7, {{BufferRef::Space::binding, 1, 0}, {BufferRef::Space::constant, 0, 64}, {BufferRef::Space::arena, 0, 64}}, "a \"quoted\" name:1:2",
                       "exp, sum", 12, 2, true, {{1, -1}, {0, -1}, {0, 0}}, 0, 96}};
  program.bindings.push_back({BindingKind::check, "assert", DType::i32, {}, {}, "`x > 0` does not hold", "m.moe:3:4"});
  program.bindings.push_back({BindingKind::grad, "w", DType::f32, {4, 4}, {}, "", "", 64});
  program.routings = {{{BufferRef::Space::arena, 0, 0}, 4}};
  file.executable.types = {{DType::f32, {2, 4}}, {DType::i32, {2, 3}}};
  file.executable.kernels = {{"row_0", nullptr}, {"contract_1", nullptr}};
  file.executable.programs = {program};
  file.executable.constants.assign(96, 3);
  file.executable.settings = R"({"batch": 4})";
  file.object = std::string("\x7f" "ELF\0code", 9);
  return file;
}

TEST_CASE("a file comes back as it was") {
  ExecutableFile file = example(), read;
  REQUIRE(deserialize(serialize(file), read));
  CHECK(read.object == file.object);
  CHECK(read.executable.constants == file.executable.constants);
  CHECK(read.executable.settings == file.executable.settings);
  CHECK(read.executable.kernels[1].symbol == "contract_1");
  const Program *program = read.executable.find("eval");
  REQUIRE(program);
  CHECK(program->arenaBytes == 128);
  CHECK(program->bindings[0].init.kind == Initializer::Kind::uniform);
  CHECK(program->bindings[0].init.value == 0.1);
  CHECK(program->bindings[1].type == DType::i32);
  CHECK(program->bindings[1].shape == std::vector<int64_t>{2, 3});
  const Launch &launch = program->launches.at(0);
  CHECK(launch.kernel == 1);
  CHECK(launch.blocks == 7);
  CHECK(launch.location == "a \"quoted\" name:1:2");
  CHECK(launch.args.at(0).space == BufferRef::Space::binding);
  CHECK(launch.args.at(0).binding == 1);
  CHECK(launch.args.at(1).offset == 64);
  CHECK(launch.name == "exp, sum");
  CHECK(launch.op == 12);
  CHECK(launch.operands == 2);
  CHECK(launch.writesInfinity);
  CHECK(launch.info.at(2).routing == 0);
  CHECK(launch.flop == 96);
  CHECK(read.executable.types == file.executable.types);
  CHECK(program->routings.at(0).experts == 4);
  CHECK(program->bindings[2].message == "`x > 0` does not hold");
  CHECK(program->bindings[2].location == "m.moe:3:4");
  CHECK(program->bindings[2].arenaOffset == -1);
  CHECK(program->bindings[3].arenaOffset == 64);
  CHECK(serialize(read) == serialize(file));
}

TEST_CASE("every damaged byte and every truncation is noticed") {
  std::string bytes = serialize(example());
  ExecutableFile read;
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 0x20;
    bool isReserved = i >= 12 && i < 16;
    CHECK_MESSAGE(static_cast<bool>(deserialize(damaged, read)) == isReserved, "byte " << i);
    CHECK(!deserialize(std::string_view(bytes).substr(0, i), read));
  }
}

TEST_CASE("a schedule that points outside is refused") {
  ExecutableFile read;
  auto refused = [&](auto damage) {
    ExecutableFile file = example();
    damage(file.executable.programs[0].launches[0]);
    return deserialize(serialize(file), read).error == "the schedule points outside its buffers";
  };
  CHECK(refused([](Launch &launch) { launch.kernel = 2; }));
  CHECK(refused([](Launch &launch) { launch.blocks = -1; }));
  CHECK(refused([](Launch &launch) { launch.args[0].binding = 4; }));
  CHECK(refused([](Launch &launch) { launch.args[1].offset = 97; }));
  CHECK(refused([](Launch &launch) { launch.args[2].offset = -64; }));
  CHECK(refused([](Launch &launch) { launch.args[2].offset = 100; })); // 32 bytes to the end of 128
  CHECK(refused([](Launch &launch) { launch.operands = 4; }));
  CHECK(refused([](Launch &launch) { launch.info.pop_back(); }));
  CHECK(refused([](Launch &launch) { launch.workspace = 32; })); // it would be the last argument, of which something is known
  CHECK(refused([](Launch &launch) { launch.workspace = -1; }));
  CHECK(refused([](Launch &launch) { launch.info[0].type = 2; }));
  CHECK(refused([](Launch &launch) { launch.info[2].routing = 1; }));
}

TEST_CASE("a result that leaves its arena is refused") {
  ExecutableFile read;
  for (int64_t offset : {int64_t(65), int64_t(-2), std::numeric_limits<int64_t>::max()}) { // 64 bytes of 128
    ExecutableFile file = example();
    file.executable.programs[0].bindings[3].arenaOffset = offset;
    CHECK(deserialize(serialize(file), read).error == "the schedule points outside its buffers");
  }
}
