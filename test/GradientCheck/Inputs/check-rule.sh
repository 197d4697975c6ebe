#!/bin/sh
# check-rule.sh MODELS PRESET RULE: lists the momentum ops of a small model with that rule, and checks its gradients.
set -eu
program=$(mktemp)
trap 'rm -f "$program"' EXIT
moec compile "$1/momentum.moe" --preset "$2" --vocabulary 20 --emit=moe -o "$program"
moe-opt "$program" --moe-form-momentum --moe-differentiate | grep "moe.momentum \"$3"
moe-opt "$program" --moe-form-momentum --moe-check-gradients="ids=20 elements=4 directions=2" -o /dev/null
