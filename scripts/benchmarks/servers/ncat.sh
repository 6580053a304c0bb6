# The role of limit.c that ncat has, with cat for each client: sh ncat.sh echo PORT
exec ncat --listen 127.0.0.1 "$2" --keep-open --exec /bin/cat
