#!/bin/bash
# Repeats everything: tokenizer, check, training, export, measurement. Usage: train/repeat.sh RUN_FOLDER [MINUTES] [OPTIONS OF train.py]
# Debian: apt-get install python3-torch python3-numpy libopenblas0-pthread. Continues where it was stopped.
set -eo pipefail
cd "$(dirname "$0")"
run=${1:?a folder for the run}; minutes=${2:-120}; shift; [ $# -gt 0 ] && shift
python=${PYTHON:-/usr/bin/python3}
# Large tensors are reused instead of mapped anew: measured 1.0 to 1.8 times the speed, by size and load.
export MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456 PYTHONDONTWRITEBYTECODE=1
# OpenBLAS has threads of its own beside torch's: on two busy cores the first of two spun for most of its time, and steps took three times as long.
export OPENBLAS_NUM_THREADS=1
mkdir -p "$run"
[ -f "$run/tokenizer/tokenizer.json" ] || $python tokenizer.py "$run/tokenizer" 2048
[ -f "$run/pocket.pt" ] || $python check.py
$python train.py --out "$run/pocket.pt" --tokenizer "$run/tokenizer" --minutes "$minutes" "$@" 2>&1 | tee -a "$run/train.log"
$python export.py "$run/pocket.pt" "$run/tokenizer" "$run/export" --golden "$run/golden.json"
$python evaluate.py "$run/export" | tee "$run/table.txt"
