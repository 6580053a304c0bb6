# Connects, sends nothing, and prints all that comes.
use strict;
use warnings;
use IO::Socket;
alarm 60;

my $socket = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die "connect: $@";
print "port ", $socket->sockport, "\n";
print while <$socket>;
