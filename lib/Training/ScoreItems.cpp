//===- ScoreItems.cpp - files of contexts and continuations -----*- C++ -*-===//
#include "lib/Training/Guard.h"
#include "lib/Training/Json.h"
#include "lib/Training/Text.h"
#include "moe/Training/Score.h"

using namespace moe;
using nlohmann::json;

static Status readString(const json &object, const char *key, std::string &into) {
  auto it = object.find(key);
  if (it == object.end())
    return Status::failure(std::string("there is no '") + key + "'");
  if (!it->is_string())
    return Status::failure(std::string("'") + key + "' is " + it->dump() + ", expected a text");
  into = it->get<std::string>();
  return Status::success();
}

static Status readChoices(const json &object, ScoreItem &item) {
  const json &choices = object["choices"];
  item.isQuestion = true;
  if (!choices.is_array() || choices.empty())
    return Status::failure("'choices' is " + choices.dump() + ", expected a list of texts");
  for (const json &choice : choices) {
    if (!choice.is_string())
      return Status::failure("a choice is " + choice.dump() + ", expected a text");
    item.continuations.push_back(choice.get<std::string>());
  }
  auto answer = object.find("answer");
  if (answer == object.end() || answer->is_null())
    return Status::success();
  int64_t value = answer->is_number_integer() ? answer->get<int64_t>() : -1;
  if (value < 0 || value >= static_cast<int64_t>(choices.size()))
    return Status::failure("'answer' is " + answer->dump() + ", expected the index of a choice, 0 to " + std::to_string(choices.size() - 1));
  item.answer = value;
  return Status::success();
}

static Status readItem(std::string_view line, ScoreItem &item) {
  json object = parseJson<json>(line);
  if (!object.is_object())
    return Status::failure("this line is no JSON object");
  if (Status status = readString(object, "context", item.context); !status)
    return status;
  if (auto id = object.find("id"); id != object.end() && id->is_primitive())
    item.id = id->dump();
  bool hasOne = object.contains("continuation"), hasChoices = object.contains("choices");
  if (hasOne == hasChoices)
    return Status::failure(hasOne ? "there are both 'continuation' and 'choices'" : "there is neither 'continuation' nor 'choices'");
  if (hasChoices)
    return readChoices(object, item);
  return readString(object, "continuation", item.continuations.emplace_back());
}

Status moe::readScoreItems(const std::string &path, std::vector<ScoreItem> &items) {
  return guarded("the items", [&] {
    items.clear();
    int64_t number = 0;
    Status problem;
    Status status = readLines(path, [&](std::string_view line) {
      ++number;
      std::string_view rest = line;
      if (!problem || takeWord(rest).empty())
        return;
      ScoreItem item;
      item.line = number;
      item.place = path + ":" + std::to_string(number);
      problem = readItem(line, item);
      if (problem)
        items.push_back(std::move(item));
      else
        problem = Status::failure(path + ":" + std::to_string(number) + ": " + problem.error);
    });
    if (!status || !problem)
      return status ? problem : status;
    return items.empty() ? Status::failure(path + ": there is no item in it") : Status::success();
  });
}
