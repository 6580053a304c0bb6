# A client on a Unix-domain socket that tells its name and prints what it hears.
use strict;
use warnings;
use IO::Socket;
alarm 60;

my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $ARGV[0]) or die "connect: $!";
print "peer ", $socket->peerpath, "\n";
print scalar <$socket>;
print $socket "perl\n";
print while <$socket>;
