//===- WeightFiles.cpp - where foreign weights lie --------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Json.h"
#include "lib/Training/RunFolder.h"
#include "moe/Training.h"

#include <filesystem>

using namespace moe;
namespace fs = std::filesystem;
using nlohmann::json;

static constexpr const char *indexName = "model.safetensors.index.json", *singleName = "model.safetensors";

//===-- Files ------------------------------------------------------------------===//

Status WeightFiles::addTensor(const TensorFile &file, const TensorEntry &entry) {
  std::string name = entry.name;
  if (file.getMetadata().count("moec")) {
    size_t slash = name.find('/');
    std::string kind = name.substr(0, slash);
    if (slash == std::string::npos || (kind != "param" && kind != "state"))
      return Status::success(); // what training needs to go on
    name.erase(0, slash + 1);
  }
  if (!tensors.insert({name, {&file, &entry}}).second)
    return Status::failure(path + ": there are two tensors '" + name + "'");
  return Status::success();
}

Status WeightFiles::addFile(const std::string &file) {
  files.push_back(std::make_unique<TensorFile>());
  if (Status status = TensorFile::open(file, *files.back()); !status)
    return status;
  for (const TensorEntry &entry : files.back()->getTensors())
    if (Status status = addTensor(*files.back(), entry); !status)
      return status;
  return Status::success();
}

/// `{"weight_map": {TENSOR: FILE, ...}}`; the files lie beside the index, and what else is in them is not meant.
Status WeightFiles::addIndex(const std::string &index) {
  std::string text;
  if (Status status = readFile(index, text); !status)
    return status;
  json object = parseJson<json>(text);
  if (!object.is_object() || !object.contains("weight_map") || !object["weight_map"].is_object())
    return Status::failure(index + ": not an index of safetensors files: it has no weight_map");
  std::map<std::string, const TensorFile *> shards;
  for (const auto &[name, where] : object["weight_map"].items()) {
    std::string shard = where.is_string() ? where.get<std::string>() : "";
    if (shard.empty() || shard == ".." || shard.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos)
      return Status::failure(index + ": the file of '" + name + "' is " + where.dump() + ", expected the name of a file beside the index");
    const TensorFile *&file = shards[shard];
    if (!file) {
      files.push_back(std::make_unique<TensorFile>());
      if (Status status = TensorFile::open((fs::path(index).parent_path() / shard).string(), *files.back()); !status)
        return status;
      file = files.back().get();
    }
    const TensorEntry *entry = file->find(name);
    if (!entry)
      return Status::failure(index + ": '" + name + "' is not in " + shard);
    if (Status status = addTensor(*file, *entry); !status)
      return status;
  }
  return Status::success();
}

/// What a folder stands for; the folder itself when it has nothing of the kind.
static std::string findIn(const std::string &folder) {
  std::error_code error;
  if (std::vector<std::string> checkpoints = RunFolder(folder).listCheckpoints(); !checkpoints.empty())
    return checkpoints.front();
  for (const char *name : {indexName, singleName})
    if (fs::path path = fs::path(folder) / name; fs::exists(path, error))
      return path.string();
  return folder;
}

Status WeightFiles::open(const std::string &path, WeightFiles &weights) {
  return guarded("weights", [&] {
    WeightFiles opened;
    std::error_code error;
    bool isFolder = fs::is_directory(path, error);
    opened.path = isFolder ? findIn(path) : path;
    if (isFolder && opened.path == path)
      return Status::failure(path + ": there is no run, no " + indexName + " and no " + singleName + " in this folder");
    Status status = opened.path.ends_with(".json") ? opened.addIndex(opened.path) : opened.addFile(opened.path);
    if (status)
      weights = std::move(opened);
    return status;
  });
}
