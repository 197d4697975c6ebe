#include "dialects/moe/Interfaces/Interfaces.h"

#include "dialects/moe/Interfaces/MoeInterfaces.cpp.inc"
