//===- Setting.h - what a trainer needs -------------------------*- C++ -*-===//
#pragma once

#include "test/Training/Files.h"
#include "test/Training/SumModel.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace moe::test {

/// Data, a model and the options of a run; `a` is three times as frequent as the rest.
struct Setting {
  Folder folder;
  Executable executable;
  TrainOptions options;
  std::string more;

  explicit Setting(const std::string &more = "") : more(more) {
    std::string train, valid;
    for (int i = 0; i < 20; ++i) {
      train += "a a b a c\n";
      valid += "a b a\n";
    }
    writeData(folder / "data", train, valid, valid);
    executable = makeSumModel(6, sumSettings(6, more)); // a b c <eos> <unk> AAA
    options.description.fileName = "sum.moe";
    options.description.source = "model Sum\n";
    options.description.overrides = {"model.d=3"};
  }
  Status create(std::unique_ptr<Trainer> &trainer, const std::string &out = "") {
    TextData data;
    REQUIRE(loadText(folder / "data", {}, data));
    options.out = out.empty() ? "" : folder / out;
    return Trainer::create(executable, std::move(data), options, trainer);
  }
  std::unique_ptr<Trainer> trainer(const std::string &out = "") {
    std::unique_ptr<Trainer> made;
    Status status = create(made, out);
    REQUIRE(status.error == "");
    return made;
  }
  std::vector<nlohmann::json> metrics(const std::string &run) {
    std::vector<nlohmann::json> lines;
    std::ifstream in(folder / (run + "/metrics.jsonl"));
    for (std::string line; std::getline(in, line);)
      lines.push_back(nlohmann::json::parse(line));
    return lines;
  }
  /// Opens the run and goes on with it; `options` as they are then.
  Status resume(std::unique_ptr<Trainer> &trainer, const std::string &out, std::vector<std::string> *refused = nullptr) {
    Run run;
    TextData data;
    std::vector<std::string> skipped;
    if (Status status = Run::open(folder / out, run); !status)
      return status;
    REQUIRE(loadText(folder / "data", {}, data));
    Status status = Trainer::resume(executable, std::move(data), run, options, trainer, skipped);
    if (refused)
      *refused = skipped;
    return status;
  }
  /// Goes on with the run to its end.
  TrainResult finish(const std::string &out, std::vector<std::string> *refused = nullptr) {
    std::unique_ptr<Trainer> made;
    TrainResult result;
    Status status = resume(made, out, refused);
    REQUIRE(status.error == "");
    status = made->run(result);
    REQUIRE(status.error == "");
    return result;
  }
  std::vector<std::string> checkpoints(const std::string &run) { return list(folder / (run + "/checkpoints")); }
};

inline std::vector<double> losses(Trainer &trainer, int steps) {
  std::vector<double> all;
  for (int i = 0; i < steps; ++i) {
    StepMetrics metrics;
    Status status = trainer.step(metrics);
    REQUIRE(status.error == "");
    all.push_back(metrics.loss);
  }
  return all;
}

} // namespace moe::test
