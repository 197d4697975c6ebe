//===- GoldenFile.cpp - what an independent implementation says -------------===//
#include "GoldenFile.h"

#include "Machine.h"

#include <cctype>

using namespace moe;
using namespace moe::golden;

GoldenFile::GoldenFile(const std::string &path) {
  if (Status status = TensorFile::open(path, file); !status)
    fail(status.error);
}

const TensorEntry &GoldenFile::find(const std::string &name) const {
  const TensorEntry *entry = file.find(name);
  if (!entry)
    fail("no " + name + " in the golden file");
  return *entry;
}

template <typename T>
static std::vector<double> readAs(const TensorFile &file, const TensorEntry &entry) {
  std::vector<T> values(entry.bytes / sizeof(T));
  if (Status status = file.read(entry, values.data()); !status)
    fail(status.error);
  return {values.begin(), values.end()};
}

std::vector<double> GoldenFile::read(const std::string &name) const {
  const TensorEntry &entry = find(name);
  if (entry.dtype == "F64")
    return readAs<double>(file, entry);
  if (entry.dtype == "F32")
    return readAs<float>(file, entry);
  if (entry.dtype == "I32")
    return readAs<int32_t>(file, entry);
  fail(name + " has type " + entry.dtype);
}

std::vector<int64_t> GoldenFile::shapeOf(const std::string &name) const { return find(name).shape; }

std::vector<std::string> GoldenFile::list(const std::string &prefix) const {
  std::vector<std::string> names;
  for (const TensorEntry &entry : file.getTensors())
    if (entry.name.starts_with(prefix))
      names.push_back(entry.name.substr(prefix.size()));
  return names;
}

std::string moe::golden::modelName(const std::string &name) {
  static const std::map<std::string, std::string> outside = {
      {"embed", "embedding.w"}, {"pe", "pe"}, {"out.w", "linear.w"}, {"out.b", "linear.bias"}, {"n.scale", "layer_norm.scale"}, {"n.shift", "layer_norm.shift"}};
  static const std::map<std::string, std::string> inLayer = {
      {"a.q", "span_attention.q.w"},
      {"a.k", "span_attention.k.w"},
      {"a.v", "span_attention.v.w"},
      {"a.o", "span_attention.linear.w"},
      {"n1.scale", "layer_norm.scale"},
      {"n1.shift", "layer_norm.shift"},
      {"n2.scale", "layer_norm_2.scale"},
      {"n2.shift", "layer_norm_2.shift"},
      {"n3.scale", "layer_norm_3.scale"},
      {"n3.shift", "layer_norm_3.shift"},
      {"m.router.w", "moe.router.s.w"},
      {"m.router.b", "moe.router.s.bias"},
      {"m.w1", "moe.expert.linear.w"},
      {"m.b1", "moe.expert.linear.bias"},
      {"m.w2", "moe.expert.linear_2.w"},
      {"m.b2", "moe.expert.linear_2.bias"},
      // Default MoE
      {"n.scale", "layer_norm.scale"},
      {"n.shift", "layer_norm.shift"},
      {"router", "default_moe.linear.w"},
      {"gate", "default_moe.swi_glu.linear.w"},
      {"up", "default_moe.swi_glu.linear_2.w"},
      {"down", "default_moe.swi_glu.linear_3.w"},
      {"D", "default_moe.D"},
  };
  bool isInLayer = std::isdigit(static_cast<unsigned char>(name[0]));
  std::string layer = isInLayer ? name.substr(0, name.find('.') + 1) : "";
  const auto &names = isInLayer ? inLayer : outside;
  auto found = names.find(name.substr(layer.size()));
  if (found == names.end())
    fail("nothing in the model is known by the golden name " + name);
  return isInLayer ? "layers." + layer + found->second : found->second;
}
