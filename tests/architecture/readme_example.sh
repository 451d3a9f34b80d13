#!/usr/bin/env bash
# readme_example.sh README EXAMPLE: the README's first C++ block must be the example, to the letter.
set -euo pipefail
diff <(awk '/^```cpp$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' "$1") "$2" ||
    { echo "$1 shows another program than $2"; exit 1; }
