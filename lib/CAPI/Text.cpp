//===- Text.cpp - texts as token ids ----------------------------*- C++ -*-===//
#include "lib/CAPI/Objects.h"

using namespace moe;
using namespace moe::capi;

static moe_text *giveText(TextData data) {
  auto object = std::make_shared<TextObject>();
  object->data = std::make_shared<const TextData>(std::move(data));
  return makeHandle(object);
}

moe_status moe_text_load(const char *folder, const char *settings, const char *cache_dir, moe_text **text) {
  return call([&] {
    moe_text *&result = needResult(text, "text");
    std::string from = needText(folder, "folder");
    TrainSettings parsed;
    require(parseSettings(needText(settings, "settings"), parsed), MOE_INPUT);
    DataOptions how;
    how.cacheDir = cache_dir ? cache_dir : "";
    TextData data;
    require(loadText(from, parsed.data, data, how), MOE_INPUT);
    result = giveText(std::move(data));
  });
}

static std::vector<int32_t> readIds(const int32_t *ids, size_t count, const char *name) {
  return count ? std::vector<int32_t>(&need(ids, name), ids + count) : std::vector<int32_t>();
}

moe_status moe_text_from_ids(const moe_ids *ids, moe_text **text) {
  return call([&] {
    moe_text *&result = needResult(text, "text");
    moe_ids given = readStructure<moe_ids>(need(ids, "ids"), MOE_IDS_INIT, "ids");
    TextData data;
    require(textFromIds({readIds(given.train, given.train_count, "ids.train"), readIds(given.valid, given.valid_count, "ids.valid"),
                         readIds(given.test, given.test_count, "ids.test")},
                        given.vocabulary, data),
            MOE_INPUT);
    result = giveText(std::move(data));
  });
}

moe_status moe_text_vocabulary(moe_text *text, int64_t *vocabulary) {
  return call([&] {
    auto &into = needResult(vocabulary, "vocabulary");
    into = get<TextObject>(text)->data->vocabulary.size();
  });
}

moe_status moe_text_count(moe_text *text, moe_split split, int64_t *count) {
  return call([&] {
    auto &into = needResult(count, "count");
    into = (*get<TextObject>(text)->data)[toSplit(split)].ids.size();
  });
}

moe_status moe_text_copy(moe_text *text, moe_split split, int64_t from, size_t count, int32_t *ids) {
  return call([&] {
    auto object = get<TextObject>(text);
    const TokenIds &all = (*object->data)[toSplit(split)].ids;
    if (from < 0 || from > all.size() || count > static_cast<uint64_t>(all.size() - from))
      throw Failure(MOE_USAGE, std::to_string(count) + " ids from " + std::to_string(from) + " were asked for, there are " + std::to_string(all.size()));
    if (count)
      all.copy(from, static_cast<int64_t>(count), &need(ids, "ids"));
  });
}

moe_status moe_text_encode(moe_text *text, const char *words, int32_t **ids, size_t *count) {
  return call([&] {
    clearResults(ids, count);
    int32_t *&result = needResult(ids, "ids");
    size_t &resultCount = needResult(count, "count");
    std::vector<int32_t> encoded;
    require(get<TextObject>(text)->data->vocabulary.encode(needText(words, "words"), encoded), MOE_INPUT);
    result = copyForCaller(encoded);
    resultCount = encoded.size();
  });
}

moe_status moe_text_decode(moe_text *text, const int32_t *ids, size_t count, char **words) {
  return call([&] {
    char *&result = needResult(words, "words");
    auto object = get<TextObject>(text);
    const Vocabulary &vocabulary = object->data->vocabulary;
    std::vector<int32_t> given = readIds(ids, count, "ids");
    for (size_t i = 0; i < given.size(); ++i)
      if (given[i] < 0 || given[i] >= vocabulary.size())
        throw Failure(MOE_INPUT, "ids[" + std::to_string(i) + "] is " + std::to_string(given[i]) + ", expected an id from 0 to " +
                                     std::to_string(vocabulary.size() - 1));
    result = copyForCaller(vocabulary.decode(given));
  });
}
