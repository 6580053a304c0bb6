# The roles of limit.c that socat has: sh socat.sh ROLE PORT
case $1 in
echo) exec socat "TCP4-LISTEN:$2,bind=127.0.0.1,reuseaddr,fork,backlog=128,nodelay" PIPE ;;
lines) exec socat "TCP4-LISTEN:$2,bind=127.0.0.1,reuseaddr,fork,backlog=128,nodelay" EXEC:'stdbuf -o0 tr a-z A-Z' ;;
esac
exit 2
