#!/usr/bin/env bash
# The manager with many enrolled clients of varied tags, over HTTP on this machine, load and manager together.
#   tests/Benchmarks/management.sh [CLIENTS] [SECONDS]
#   POSTGRES="Host=...;Database=EMPTY;..." tests/Benchmarks/management.sh      the same on PostgreSQL
# Goals: a search within 100 ms at the median; as many heartbeats a minute as there are clients (10,000), with searches beside them.
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build -v q --nologo -c Release tests/Benchmarks >&2
exec artifacts/bin/Benchmarks/release/Benchmarks manager "${1:-10000}" "${2:-15}" "${POSTGRES:-}"
