//===- Model.cpp - what a compiled program is -------------------*- C++ -*-===//
#include "lib/CAPI/Objects.h"

using namespace moe;
using namespace moe::capi;

static_assert(static_cast<int>(BindingKind::param) == MOE_PARAM && static_cast<int>(BindingKind::stream) == MOE_STREAM &&
              static_cast<int>(BindingKind::opt) == MOE_OPT && static_cast<int>(BindingKind::grad) == MOE_GRAD &&
              static_cast<int>(BindingKind::input) == MOE_INPUT_IDS && static_cast<int>(BindingKind::step) == MOE_STEP &&
              static_cast<int>(BindingKind::loss) == MOE_LOSS && static_cast<int>(BindingKind::probe) == MOE_PROBE &&
              static_cast<int>(BindingKind::metric) == MOE_METRIC && static_cast<int>(BindingKind::check) == MOE_CHECK);
static_assert(static_cast<int>(DType::f32) == MOE_F32 && static_cast<int>(DType::i32) == MOE_I32 && static_cast<int>(DType::i1) == MOE_BOOL);
static_assert(static_cast<int>(Split::test) == MOE_SPLIT_TEST);

const char *capi::nameOf(moe_program program) {
  constexpr const char *names[] = {"train", "update", "eval", "decode"};
  if (program < 0 || program > MOE_DECODE)
    throw Failure(MOE_USAGE, std::to_string(program) + " is no moe_program");
  return names[program];
}

BindingKind capi::toKind(moe_kind kind) {
  if (kind < 0 || kind > MOE_CHECK)
    throw Failure(MOE_USAGE, std::to_string(kind) + " is no moe_kind");
  return static_cast<BindingKind>(kind);
}

Split capi::toSplit(moe_split split) {
  if (split < 0 || split > MOE_SPLIT_TEST)
    throw Failure(MOE_USAGE, std::to_string(split) + " is no moe_split");
  return static_cast<Split>(split);
}

static const Program &findProgram(const ModelObject &model, moe_program program) {
  const Program *found = model.executable().find(nameOf(program));
  if (!found)
    throw Failure(MOE_USAGE, std::string("the model has no program '") + nameOf(program) + "'");
  return *found;
}

moe_status moe_model_settings(moe_model *model, const char **json) {
  return call([&] {
    auto &into = needResult(json, "json");
    into = get<ModelObject>(model)->executable().settings.c_str();
  });
}

moe_status moe_model_vocabulary(moe_model *model, int64_t *vocabulary) {
  return call([&] {
    auto &into = needResult(vocabulary, "vocabulary");
    into = get<ModelObject>(model)->settings.vocabulary;
  });
}

moe_status moe_model_binding_count(moe_model *model, moe_program program, size_t *count) {
  return call([&] {
    auto &into = needResult(count, "count");
    into = findProgram(*get<ModelObject>(model), program).bindings.size();
  });
}

static moe_binding describe(const Binding &described) {
  moe_binding binding = MOE_BINDING_INIT;
  binding.kind = static_cast<moe_kind>(described.kind);
  binding.dtype = static_cast<moe_dtype>(described.type);
  binding.name = described.name.c_str();
  binding.shape = described.shape.data();
  binding.rank = described.shape.size();
  binding.bytes = described.bytes();
  return binding;
}

moe_status moe_model_binding(moe_model *model, moe_program program, size_t index, moe_binding *binding) {
  return call([&] {
    StructureResult into(binding, "binding");
    auto object = get<ModelObject>(model);
    const Program &found = findProgram(*object, program);
    requireIndex(index, found.bindings.size(), "index");
    into.give(describe(found.bindings[index]));
  });
}
