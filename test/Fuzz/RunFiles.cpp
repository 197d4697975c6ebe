//===- RunFiles.cpp - what lies in run and data folders --------------------===//
#include "test/Fuzz/Scratch.h"
#include "test/Fuzz/Targets.h"

#include "lib/Training/MetricsLog.h"
#include "lib/Training/RunFolder.h"
#include "moe/Training.h"

using namespace moe;
using namespace moe::fuzz;

static constexpr std::string_view vocabularyText = "{\"entries\":4,\"format\":\"moec-vocabulary\",\"min_count\":1,\"tokens\":\"words\",\"version\":1}\n"
                                                   "a\t3\n<eos>\t1\n<unk>\t0\nAAA\t0\n";

//===-- run.json ---------------------------------------------------------------------===//

/// What is read can be written, and read again.
Outcome fuzz::runDescription(std::string_view input) {
  writeScratch("vocabulary.txt", vocabularyText);
  writeScratch("run.json", input);
  Run run, again;
  if (!Run::open(scratchFolder(), run))
    return {};
  if (Status status = RunFolder(scratchFolder()).writeDescription(run.description); !status)
    return {false, "read, but not written: " + status.error};
  if (Status status = Run::open(scratchFolder(), again); !status)
    return {false, "written, but not read: " + status.error};
  return {true, again.description.source == run.description.source && again.description.settings == run.description.settings ? "" : "changed when written"};
}

Seeds fuzz::seedDescription() {
  RunDescription run;
  run.fileName = "a.moe";
  run.source = "model A() {\n}\n";
  run.overrides = {"model.d=4"};
  run.presets = {"small"};
  run.data = "data";
  run.versions = {{"moec", "1"}};
  run.seed = 3;
  run.steps = 10;
  run.vocabulary = 4;
  run.settings = seedSettings().front();
  if (Status status = RunFolder(scratchFolder()).writeDescription(run); !status)
    std::abort();
  std::string text = readScratch("run.json");
  size_t settings = text.find("\"settings\": {") + std::string_view("\"settings\": ").size();
  return {text, text.substr(0, settings) + deepJson() + "}"};
}

//===-- metrics.jsonl ----------------------------------------------------------------===//

/// What stays of a file stays again.
Outcome fuzz::runMetrics(std::string_view input) {
  std::string path = writeScratch("metrics.jsonl", input);
  auto keep = [&](std::string &kept) {
    MetricsLog log;
    Status status = log.reopen(path, [](const MetricsLog::Line &line) { return line.step <= 10 && !line.isFinal; });
    kept = readScratch("metrics.jsonl");
    return status;
  };
  std::string once, twice;
  if (Status status = keep(once); !status)
    return {false, status.error};
  if (Status status = keep(twice); !status || once != twice)
    return {false, "not the same lines the second time: " + status.error};
  return {once == input, ""};
}

Seeds fuzz::seedMetrics() {
  return {"{\"step\":1,\"loss\":2.5,\"ppl\":12.1,\"lr\":0.1,\"probes\":{\"load\":[0.5,0.5]}}\n{\"step\":10,\"valid_loss\":2.0}\n",
          "{\"step\":10,\"valid_loss\":2.0,\"final\":true}\n{\"step\":11,\"loss\":"};
}

//===-- vocabulary.txt ---------------------------------------------------------------===//

Outcome fuzz::runVocabulary(std::string_view input) {
  Vocabulary vocabulary, again;
  if (!Vocabulary::load(writeScratch("vocabulary.txt", input), vocabulary))
    return {};
  std::vector<int32_t> ids;
  if (Status status = vocabulary.encode(input, ids); !status)
    return {true, ""};
  for (int32_t id : ids)
    if (id < 0 || id >= vocabulary.size())
      return {false, "an id outside the vocabulary"};
  std::string path = scratchFolder() + "/vocabulary.txt";
  if (Status status = vocabulary.save(path); !status)
    return {false, "read, but not written: " + status.error};
  if (Status status = Vocabulary::load(path, again); !status)
    return {false, "written, but not read: " + status.error};
  return {true, again.size() == vocabulary.size() ? "" : "another size when read again"};
}

Seeds fuzz::seedVocabulary() {
  std::string bytes = "{\"entries\":256,\"format\":\"moec-vocabulary\",\"min_count\":1,\"tokens\":\"bytes\",\"version\":1}\n";
  for (int i = 0; i < 256; ++i)
    bytes += std::to_string(i) + "\t1\n";
  return {std::string(vocabularyText), bytes, deepJson() + "\n"};
}

//===-- The train block --------------------------------------------------------------===//

Outcome fuzz::runSettings(std::string_view input) {
  TrainSettings settings;
  if (!parseSettings(std::string(input), settings))
    return {};
  bool isSound = settings.batch > 0 && settings.context > 0 && settings.microBatches > 0 && settings.steps >= 0 && settings.keep > 0 &&
                 settings.logEvery > 0 && settings.threads >= 0;
  return {true, isSound ? "" : "a number outside its range"};
}

Seeds fuzz::seedSettings() {
  return {R"({"data":{"kind":"text","tokens":"words","min_count":5},"batch":4,"context":8,"micro_batches":2,"steps":10,"seed":3,"eval_every":5,"patience":2,"keep":1,"vocabulary":4})",
          R"({"data":{"kind":"text","tokens":"bytes"},"batch":1,"context":1,"log_every":1,"checkpoint_every":2,"threads":1,"precision":"f32"})",
          R"({"batch":)" + deepJson() + "}"};
}

//===-- Text -------------------------------------------------------------------------===//

/// The same bytes as train, valid and test text, as words and as bytes.
Outcome fuzz::runText(std::string_view input) {
  for (const char *name : {"train.txt", "valid.txt", "test.txt"})
    writeScratch(name, input);
  bool accepted = false;
  for (auto tokens : {DataFormat::Tokens::words, DataFormat::Tokens::bytes}) {
    TextData data;
    if (!loadText(scratchFolder(), {tokens, 2}, data))
      continue;
    accepted = true;
    for (int32_t id : data[Split::train].ids.toVector())
      if (id < 0 || id >= data.vocabulary.size())
        return {false, "an id outside the vocabulary"};
    if (tokens == DataFormat::Tokens::bytes && data.vocabulary.decode(data[Split::train].ids.toVector()) != input)
      return {false, "bytes do not come back"};
    BlockStream stream;
    std::vector<int32_t> ids(2 * 3), targets(2 * 3);
    if (!BlockStream::create(data[Split::train], 2, 3, 1, stream))
      continue;
    for (int i = 0; i < 20; ++i)
      stream.next(ids.data(), targets.data());
  }
  return {accepted, ""};
}

Seeds fuzz::seedText() { return {"one two two\n\nthree \xC2\xA0 two\n", "no end", "\xEF\xBB\xBF\xE2\x80\xA8 x\r\n"}; }
