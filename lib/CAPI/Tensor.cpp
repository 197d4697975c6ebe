//===- Tensor.cpp - tensors where they lie ----------------------*- C++ -*-===//
#include "lib/CAPI/Objects.h"
#include "moe-c/dlpack.h"

using namespace moe;
using namespace moe::capi;

moe_tensor capi::describe(const Buffer &buffer) {
  moe_tensor tensor = MOE_TENSOR_INIT;
  tensor.data = buffer.memory.data();
  tensor.kind = static_cast<moe_kind>(buffer.binding.kind);
  tensor.dtype = static_cast<moe_dtype>(buffer.binding.type);
  tensor.name = buffer.binding.name.c_str();
  tensor.shape = buffer.binding.shape.data();
  tensor.rank = buffer.binding.shape.size();
  tensor.bytes = buffer.bytes();
  return tensor;
}

namespace {
/// What a DLPack tensor points at; goes when its consumer calls the deleter.
struct Exported {
  DLManagedTensor managed;
  std::shared_ptr<void> owner;
  std::vector<int64_t> shape, strides;
};
} // namespace

static DLDataType toDLPack(DType type) {
  switch (type) {
  case DType::f32:
    return {kDLFloat, 32, 1};
  case DType::i32:
    return {kDLInt, 32, 1};
  case DType::bf16: // no buffer that a host sees
  case DType::i1:
    break;
  }
  return {kDLBool, 8, 1};
}

DLManagedTensor *capi::exportTensor(const Buffer &buffer, std::shared_ptr<void> owner) {
  auto exported = std::make_unique<Exported>();
  exported->owner = std::move(owner);
  exported->shape = buffer.binding.shape;
  exported->strides.assign(exported->shape.size(), 1);
  for (size_t i = exported->shape.size(); i-- > 1;)
    exported->strides[i - 1] = exported->strides[i] * exported->shape[i];
  exported->managed = {};
  DLTensor &tensor = exported->managed.dl_tensor;
  tensor.data = buffer.memory.data();
  tensor.device = {kDLCPU, 0};
  tensor.ndim = static_cast<int32_t>(exported->shape.size());
  tensor.dtype = toDLPack(buffer.binding.type);
  tensor.shape = exported->shape.data();
  tensor.strides = exported->strides.data();
  exported->managed.manager_ctx = exported.get();
  exported->managed.deleter = [](DLManagedTensor *self) { delete static_cast<Exported *>(self->manager_ctx); };
  return &exported.release()->managed;
}
