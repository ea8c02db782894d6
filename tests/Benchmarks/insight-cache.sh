#!/usr/bin/env bash
# The cache's server next to redis-server, Garnet, memcached, an empty handler of the same web server and its own table without HTTP: the same contents, half of them there.
#   tests/Benchmarks/insight-cache.sh [MILLIONS] [SECONDS] [ROUNDS] [WARM-UP SECONDS]
# Prints lookups per CPU second of the server (the best of ROUNDS; servers take turns), and a table of ratios with the goal beside each. The cache runs as its users run it, with
# credentials, limits and metrics. Each server has one processor and the load another. Frames, JSON and single questions are warmed up for WARM-UP SECONDS (35) each before
# anything is measured: less measures the runtime's compiler. Needs redis-server, memcached, openssl, curl and taskset.
set -euo pipefail
cd "$(dirname "$0")/../.."
many=$((${1:-20} * 1000000))
seconds=${2:-4}
rounds=${3:-3}
warm=${4:-35}
work=$(mktemp -d)
pids=()
finish() { for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done; wait 2> /dev/null || true; rm -rf "$work"; }
trap finish EXIT
dotnet build -v q --nologo -c Release tests/Benchmarks >&2
dotnet build -v q --nologo -c Release examples/InsightCacheHost >&2
load() { taskset -c 1 artifacts/bin/Benchmarks/release/Benchmarks "$@"; }
host=artifacts/bin/InsightCacheHost/release/InsightCacheHost
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=localhost 2> /dev/null
key=$(printf benchmark | sha256sum | cut -d' ' -f1)

start() { # name port command...
    local name=$1 port=$2
    shift 2
    taskset -c 0 "$@" > "$work/$name.log" 2>&1 &
    pids+=($!)
    eval "pid_$name=$!"
    for _ in $(seq 600); do
        (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && return
        sleep 0.1
    done
    cat "$work/$name.log" >&2
    exit 1
}
stop() { local pid="pid_$1"; kill "${!pid}"; wait "${!pid}" 2> /dev/null || true; }
cache() { # name port entries settings...
    local name=$1 port=$2 entries=$3
    shift 3
    start "$name" "$port" "$host" --InsightCache:Listen=localhost "--InsightCache:Port=$port" "--InsightCache:StatusPort=$((port + 1))" \
        "--InsightCache:Memory=$((entries * 48 + 16000000))" "--InsightCache:DataFolder=$work/$name" --InsightCache:SnapshotInterval=00:00:00 --InsightCache:Access:Clients:0:Name=load \
        "--InsightCache:Access:Clients:0:Roles=Ask, TrustedScanner, Administer" "--InsightCache:Access:Clients:0:ApiKeyHashes:0=$key" \
        --InsightCache:Access:LookupsPerSecond=100000000 --InsightCache:Access:VotesPerSecond=100000000 "$@"
}
ask_administrator() { # method path [json]
    taskset -c 1 curl -sSf -o /dev/null -X "$1" -H "IC-Api-Key: benchmark" -H "Content-Type: application/json" -d "${3:-}" "http://127.0.0.1:19075$2"
}
stir() {
    # What may hold readers up: a snapshot, and so many new definitions that those of all entries are retired, and the sweep takes them out.
    sleep 4
    ask_administrator POST /v1/snapshot
    for sequence in $(seq 2 12); do
        ask_administrator PUT /v1/definitions "{\"engine\":\"clamav\",\"version\":\"$sequence\",\"sequence\":$sequence,\"digest\":\"$(printf %064x "$sequence")\"}"
    done
}
measure() { # result protocol server port entries batch connections [tls]
    local pid="pid_$3"
    load cache-ask "$2" "$4" "${!pid}" "$5" "$6" "$7" "$seconds" "${8:-plain}" >> "$work/result-$1"
}
best() { awk -v name="$2" '$1 == name && $2 > best { best = $2 } END { print best + 0 }' "$work/result-$1"; }

small=1000000
cache frame 19005 $small
cache tls 19015 $small "--InsightCache:Certificate=$work/cert.pem" "--InsightCache:CertificateKey=$work/key.pem"
start redis 19025 redis-server --port 19025 --bind 127.0.0.1 --save '' --appendonly no
start garnet 19035 artifacts/bin/Benchmarks/release/Benchmarks cache-serve garnet 19035 0
start memcached 19045 memcached -u root -l 127.0.0.1 -p 19045 -m 2000 -t 1
start empty 19055 artifacts/bin/Benchmarks/release/Benchmarks cache-serve empty 19055 0
start raw 19065 artifacts/bin/Benchmarks/release/Benchmarks cache-serve raw 19065 $small
load cache-fill frame 19005 $small plain
load cache-fill frame 19015 $small tls
load cache-fill mget 19025 $small plain
load cache-fill mget 19035 $small plain
load cache-fill memcached 19045 $small plain
for path in "frame frame 19005 $warm" "json frame 19005 $warm" "get frame 19005 $warm" "frame tls 19015 $warm" "mget garnet 19035 8" "frame empty 19055 8" "get empty 19055 8" "raw raw 19065 8"; do
    # The runtime compiles what it finds to be hot, on the server's one processor, which the load keeps busy: each path of the whole cache takes some half a minute of load until
    # it is measured as it will run, and the frames' 35 seconds do nothing for what only JSON and single questions run through.
    set -- $path
    pid="pid_$2"
    load cache-ask "$1" "$3" "${!pid}" $small "$([ "$1" = get ] && echo 1 || echo 256)" 16 "$4" "$([ "$2" = tls ] && echo tls || echo plain)" > /dev/null
done
for round in $(seq "$rounds"); do
    measure frame256 frame frame 19005 $small 256 16
    measure redis256 mget redis 19025 $small 256 16
    measure garnet256 mget garnet 19035 $small 256 16
    measure memcached100 memcached memcached 19045 $small 100 16
    measure frame1024 frame frame 19005 $small 1024 16
    measure empty256 frame empty 19055 $small 256 16
    measure raw256 raw raw 19065 $small 256 16
    measure json256 json frame 19005 $small 256 16
    measure get get frame 19005 $small 1 16
    measure text get empty 19055 $small 1 16
    measure tls256 frame tls 19015 $small 256 16 tls
    measure tls1024 frame tls 19015 $small 1024 16 tls
    echo "round $round of $rounds done" >&2
done
load cache-client 19005 > "$work/result-client"
load cache-client-dead > "$work/result-dead"
load cache-idle 19005 "$pid_frame" 5000 plain > "$work/result-idle"
load cache-idle 19015 "$pid_tls" 5000 tls > "$work/result-idletls"

# Times of single requests with nobody else on the processor: servers that wait have timers and threads of their own.
for server in tls redis garnet memcached raw; do stop $server; done
for round in $(seq $((rounds + 5))); do
    measure alone frame frame 19005 $small 256 16
    measure aloneempty frame empty 19055 $small 256 16
done
for server in frame empty; do stop $server; done

cache big 19075 "$many"
start bigredis 19085 redis-server --port 19085 --bind 127.0.0.1 --save '' --appendonly no --dir "$work"
load cache-fill frame 19075 "$many" plain
load cache-fill mget 19085 "$many" plain
load cache-ask frame 19075 "$pid_big" "$many" 256 16 "$warm" plain > /dev/null
for round in $(seq "$rounds"); do
    measure big256 frame big 19075 "$many" 256 16
    measure big1024 frame big 19075 "$many" 1024 16
    measure bigredis256 mget bigredis 19085 "$many" 256 16
done
save_start=$(date +%s%N)
redis-cli -p 19085 save > /dev/null
save_ms=$((($(date +%s%N) - save_start) / 1000000))
redis_bytes=$(redis-cli -p 19085 info memory | tr -d '\r' | awk -F: '$1 == "used_memory" { print $2 }')
stir &
stirring=$!
load cache-ask frame 19075 "$pid_big" "$many" 256 16 10 plain > "$work/result-stirred"
wait $stirring
for server in big bigredis; do stop $server; done
mkdir "$work/snapshot"
artifacts/bin/Benchmarks/release/Benchmarks cache-snapshot "$many" "$work/snapshot" > "$work/result-snapshot"

echo "| million lookups per CPU second | |"
echo "| --- | --: |"
for row in frame256 frame1024 json256 get tls256 tls1024 redis256 garnet256 memcached100 empty256 raw256 text big256 big1024 bigredis256; do
    awk -v row="$row" -v value="$(best $row per_cpu_second)" 'BEGIN { printf "| %s | %.2f |\n", row, value / 1e6 }'
done
echo
echo "| | ratio or figure | goal |"
echo "| --- | --: | --: |"
goal() { awk -v name="$1" -v a="$2" -v b="$3" -v goal="$4" 'BEGIN { printf "| %s | %.3g | %s |\n", name, a / b, goal }'; }
cpu() { best "$1" per_cpu_second; }
goal "1: 256 contents over Redis MGET" "$(cpu frame256)" "$(cpu redis256)" ">= 5"
goal "1: over Garnet" "$(cpu frame256)" "$(cpu garnet256)" ">= 2.5"
goal "2: 1,024 contents over Redis MGET of 256" "$(cpu frame1024)" "$(cpu redis256)" ">= 8"
goal "2: $((many / 1000000)) million entries, 256 over Redis" "$(cpu big256)" "$(cpu bigredis256)" ">= 4"
goal "2: $((many / 1000000)) million entries, 1,024 over Redis" "$(cpu big1024)" "$(cpu bigredis256)" ">= 6"
goal "3: of an empty handler" "$(cpu frame256)" "$(cpu empty256)" ">= 0.55"
goal "3: of a bare connection handler" "$(cpu frame256)" "$(cpu raw256)" ">= 0.85"
goal "4: JSON of 256 over Redis MGET" "$(cpu json256)" "$(cpu redis256)" ">= 3"
goal "4: one GET of a plain-text GET" "$(cpu get)" "$(cpu text)" ">= 0.65"
goal "5: HTTPS of HTTP, 1,024" "$(cpu tls1024)" "$(cpu frame1024)" ">= 0.5"
goal "5: HTTPS of HTTP, 256" "$(cpu tls256)" "$(cpu frame256)" ">= 0.45"
snapshot() { awk -v name="$1" '$1 == name { print $2 }' "$work/result-snapshot"; }
goal "7: bytes an entry of a table at 95 % load, over Redis" "$(snapshot bytes)" "$redis_bytes" "<= 0.38"
goal "10: restore over a raw read" "$(snapshot restore_ms)" "$(snapshot raw_read_ms)" "<= 1.5"
goal "10: into a table of another size, million entries a CPU second" "$(snapshot portable_per_cpu_second)" 1000000 ">= 7.5"
goal "10: snapshot over a raw write" "$(snapshot snapshot_ms)" "$(snapshot raw_write_ms)" "<= 2"
goal "10: snapshot over Redis SAVE" "$(snapshot snapshot_ms)" "$save_ms" "<= 0.15"
goal "12: kB of an idle connection" "$(awk '$1 == "bytes_per_connection" { print $2 }' "$work/result-idle")" 1000 "<= 10"
goal "12: kB of an idle TLS connection" "$(awk '$1 == "bytes_per_connection" { print $2 }' "$work/result-idletls")" 1000 "<= 36"
client() { awk -v name="$1" '$1 == name { print $2 }' "$work/result-client"; }
goal "13: CPU of the client over HttpClient, 256" "$(client client_us)" "$(client http_us)" "<= 1.3"
goal "13: kB that the client allocates for 256" "$(client client_bytes)" 1000 "<= 6"
goal "13: ms that a server which says nothing adds to each of 25,600 files" "$(awk '$1 == "ms_per_file" { print $2 }' "$work/result-dead")" 1 "< 1"
goal "13: ms until it is no longer asked" "$(awk '$1 == "open_after_ms" { print $2 }' "$work/result-dead")" 1 "<= 1000"
tail_ratio() { awk '$1 == "p50_us" { p50 = $2 } $1 == "p99_us" { print $2 / p50 }' "$work/result-$1" | sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
goal "14: p99 over p50 of 256, the median of the rounds" "$(tail_ratio alone)" 1 "<= 2"
goal "14: the same of an empty handler, for comparison" "$(tail_ratio aloneempty)" 1 ""
goal "14: longest request, ms" "$(best alone max_us)" 1000 "<= 50"
goal "14: the same with $((many / 1000000)) million entries during a snapshot, new definitions and the sweep" "$(best stirred max_us)" 1000 "<= 50"
