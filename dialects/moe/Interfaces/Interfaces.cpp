//===- Interfaces.cpp - the op interfaces of the moe dialect --------------===//
#include "dialects/moe/Interfaces/Interfaces.h"

#include "dialects/moe/Interfaces/MoeInterfaces.cpp.inc"
