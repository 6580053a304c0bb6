# Leads each connection to another port of this machine: sh relay-socat.sh UPSTREAM PORT
exec socat "TCP4-LISTEN:$2,bind=127.0.0.1,reuseaddr,fork,backlog=128,nodelay" "TCP4:127.0.0.1:$1,nodelay"
