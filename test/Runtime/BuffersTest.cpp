#include "moe/Runtime.h"

#include <cmath>
#include <doctest/doctest.h>

using namespace moe;

static Binding parameter(std::string name, std::vector<int64_t> shape, Initializer init) {
  return {BindingKind::param, std::move(name), DType::f32, std::move(shape), init};
}

static std::vector<float> initialized(const Binding &binding, uint64_t seed) {
  Program program;
  program.bindings = {binding};
  BufferStore store;
  REQUIRE(store.addShared(program));
  store.initialize(seed);
  const Buffer *buffer = store.find(binding.kind, binding.name);
  REQUIRE(buffer);
  return {buffer->as<float>(), buffer->as<float>() + buffer->elements()};
}

TEST_CASE("a parameter's first value depends on seed and name alone") {
  Initializer normal{Initializer::Kind::normal, 0.5};
  std::vector<float> a = initialized(parameter("layers.0.w", {40, 50}, normal), 7);
  CHECK(a == initialized(parameter("layers.0.w", {40, 50}, normal), 7));
  CHECK(a == initialized(parameter("layers.0.w", {2000}, normal), 7));
  CHECK(a != initialized(parameter("layers.0.w", {40, 50}, normal), 8));
  CHECK(a != initialized(parameter("layers.0.w", {40, 50}, normal), 7 + (uint64_t(1) << 32)));
  CHECK(a != initialized(parameter("layers.1.w", {40, 50}, normal), 7));
}

TEST_CASE("distributions have their moments and bounds") {
  double sum = 0, squares = 0;
  std::vector<float> a = initialized(parameter("w", {200000}, {Initializer::Kind::normal, 0.5}), 1);
  for (float x : a) {
    sum += x;
    squares += double(x) * x;
  }
  CHECK(std::abs(sum / a.size()) < 4 * 0.5 / std::sqrt(a.size()));
  CHECK(std::abs(std::sqrt(squares / a.size()) - 0.5) < 0.004);

  float least = 1, most = -1;
  for (float x : initialized(parameter("w", {200000}, {Initializer::Kind::uniform, 0.25}), 1)) {
    least = std::min(least, x);
    most = std::max(most, x);
  }
  CHECK(least >= -0.25f);
  CHECK(least < -0.249f);
  CHECK(most < 0.25f);
  CHECK(most > 0.249f);
}

TEST_CASE("constants of every type") {
  Program program;
  program.bindings = {{BindingKind::state, "f", DType::f32, {3}, {Initializer::Kind::constant, 1.5}},
                      {BindingKind::state, "i", DType::i32, {3}, {Initializer::Kind::constant, -2}},
                      {BindingKind::state, "b", DType::i1, {3}, {Initializer::Kind::constant, 1}}};
  BufferStore store;
  REQUIRE(store.addShared(program));
  store.initialize(0);
  CHECK(store.find(BindingKind::state, "f")->as<float>()[2] == 1.5f);
  CHECK(store.find(BindingKind::state, "i")->as<int32_t>()[2] == -2);
  CHECK(store.find(BindingKind::state, "b")->as<uint8_t>()[2] == 1);
  CHECK(store.find(BindingKind::state, "b")->bytes() == 3);
}

TEST_CASE("what programs share and what is theirs") {
  Program program;
  program.bindings = {parameter("w", {2}, {}),
                      {BindingKind::input, "tokens", DType::i32, {2, 8}, {}},
                      {BindingKind::stream, "mem", DType::f32, {2, 4}, {Initializer::Kind::constant, 3}},
                      {BindingKind::loss, "loss", DType::f32, {}, {}}};
  BufferStore shared, local;
  REQUIRE(shared.addShared(program));
  REQUIRE(local.addLocal(program, 3));
  CHECK(shared.find(BindingKind::param, "w"));
  CHECK(!shared.find(BindingKind::input, "tokens"));
  CHECK(!local.find(BindingKind::param, "w"));
  CHECK(local.find(BindingKind::input, "tokens")->binding.shape == std::vector<int64_t>{6, 8});
  CHECK(local.find(BindingKind::loss, "loss")->elements() == 1);
  CHECK(reinterpret_cast<uintptr_t>(local.find(BindingKind::stream, "mem")->memory.data()) % 64 == 0);

  local.find(BindingKind::stream, "mem")->as<float>()[23] = 9;
  local.resetStreams();
  CHECK(local.find(BindingKind::stream, "mem")->as<float>()[23] == 3);
}

TEST_CASE("one name with two shapes is refused") {
  Program a, b;
  a.bindings = {parameter("w", {2}, {})};
  b.bindings = {parameter("w", {3}, {})};
  BufferStore store;
  REQUIRE(store.addShared(a));
  REQUIRE(store.addShared(a));
  Status status = store.addShared(b);
  CHECK(!status);
  CHECK(status.error == "param 'w' has different shapes in different programs");
}
