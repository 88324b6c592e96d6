#!/bin/sh
# Makes a virtual environment and installs the project into it: setup.sh FOLDER REQUIREMENT
# What is missing on the machine is named with the command that brings it.
set -eu
folder=${1:?"name the folder and what to install: $0 .venv ."} what=${2:?"name what to install: $0 $1 ."} python=${PYTHON:-python3}

missing() { echo "error: $1; on Debian or Ubuntu: sudo apt-get install $2" >&2; exit 1; }

command -v "$python" >/dev/null || missing "$python is missing" python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    missing "$("$python" --version) is too old, 3.11 is needed (name another one: make PYTHON=python3.12 ...)" python3
if [ ! -x "$folder/bin/pip" ]; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing "python's venv module is missing" python3-venv
    "$python" -m venv "$folder"
fi
if ! "$folder/bin/python" -c 'import llama_cpp' 2>/dev/null; then
    command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null ||
        missing "a C++ compiler is missing" build-essential
    # GCC up to 12 leaves llama.cpp's tile registers unset, so that Intel's AMX ends the process as an illegal instruction
    compiled() { echo | c++ "$@" -x c++ -E -dM - 2>/dev/null; }
    if compiled -march=native | grep -q __AMX_INT8__; then export CXXFLAGS="${CXXFLAGS-} -mno-amx-int8"; fi
    echo "Installing into $folder. The first time, llama-cpp-python is compiled: 3 to 8 minutes. Ctrl-C is safe, the next run goes on."
fi
exec "$folder/bin/pip" install --progress-bar on -c constraints.txt -e "$what"
