#!/usr/bin/env bash
# Gradescope runs this once, to make the image in which submissions are graded.
set -euo pipefail
cd /autograder/source
apt-get update
# Ubuntu 22.04 has Python 3.11 beside its own, which is too old; later ones have a newer one.
DEBIAN_FRONTEND=noninteractive apt-get install -y python3.11-venv ||
  DEBIAN_FRONTEND=noninteractive apt-get install -y python3-venv
python=$(command -v python3.11 || command -v python3)
"$python" -m venv env
env/bin/pip install "$(echo ./unrolled-*.whl)[teach]"
