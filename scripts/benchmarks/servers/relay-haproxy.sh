# Leads each connection to another port of this machine: sh relay-haproxy.sh UPSTREAM PORT
configuration=$(mktemp)
trap 'rm -f "$configuration"' EXIT
cat > "$configuration" <<END
global
  nbthread 1
  maxconn 1000
defaults
  mode tcp
  option splice-auto
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen relay
  bind 127.0.0.1:$2
  server upstream 127.0.0.1:$1
END
# It has read its configuration before it listens; the load begins then.
haproxy -db -q -f "$configuration" &
haproxy=$!
trap 'kill "$haproxy"; rm -f "$configuration"' TERM
wait "$haproxy"
