//===- MetricsFollower.cpp - how far another process has come ---*- C++ -*-===//
#include "moe/Training/MetricsFollower.h"
#include "lib/Training/Progress.h"
#include "lib/Training/RunFolder.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace moe;
using json = nlohmann::json;

struct MetricsFollower::Impl {
  Impl(std::string path, int64_t steps) : path(std::move(path)), meter(steps) {}
  void takeLine(const std::string &text);
  bool read(Progress &progress);

  std::string path;
  int64_t offset = 0; ///< of the first byte not yet read
  std::string rest;   ///< of a line whose end is not there yet
  ProgressMeter meter;
  Progress last;
  bool hasNew = false;
};

MetricsFollower::MetricsFollower(const std::string &runFolder, int64_t steps)
    : impl(std::make_unique<Impl>(RunFolder(runFolder).getMetrics(), steps)) {}
MetricsFollower::~MetricsFollower() = default;
bool MetricsFollower::read(Progress &progress) { return impl->read(progress); }

void MetricsFollower::Impl::takeLine(const std::string &text) {
  json object = json::parse(text, nullptr, false);
  auto number = [&](const char *key) {
    auto it = object.find(key);
    return it != object.end() && it->is_number() ? it->get<double>() : 0;
  };
  if (!object.is_object() || !object.contains("loss"))
    return;
  StepMetrics metrics;
  metrics.step = static_cast<int64_t>(number("step"));
  metrics.loss = number("loss");
  metrics.seconds = number("seconds");
  metrics.tokensPerSecond = number("tokens_per_s");
  if (auto probes = object.find("probes"); probes != object.end() && probes->is_object())
    for (const auto &[name, value] : probes->items())
      if (value.is_array() && std::all_of(value.begin(), value.end(), [](const json &element) { return element.is_number(); }))
        metrics.probes.push_back({name, value.get<std::vector<float>>()});
  last = meter.add(metrics);
  hasNew = true;
}

bool MetricsFollower::Impl::read(Progress &progress) {
  hasNew = false;
  std::ifstream in(path, std::ios::binary); // anew each time: a run that goes on replaces the file
  in.seekg(0, std::ios::end);
  if (in && in.tellg() < offset) {
    offset = 0;
    rest.clear();
  }
  in.seekg(offset);
  std::array<char, 1 << 16> bytes;
  while (in.read(bytes.data(), bytes.size()) || in.gcount() > 0) {
    offset += in.gcount();
    rest.append(bytes.data(), static_cast<size_t>(in.gcount()));
    size_t begin = 0;
    for (size_t end; (end = rest.find('\n', begin)) != std::string::npos; begin = end + 1)
      takeLine(rest.substr(begin, end - begin));
    rest.erase(0, begin);
  }
  if (hasNew)
    progress = last;
  return hasNew;
}
