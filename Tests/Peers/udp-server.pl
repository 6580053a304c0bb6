# Answers one datagram with its bytes in reverse. With "deaf" it drops the first one.
use strict;
use warnings;
use IO::Socket;
alarm 60;
$| = 1;

my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "socket: $@";
print $socket->sockport, "\n";
$socket->recv(my $lost, 65536) if (shift // '') eq 'deaf';
$socket->recv(my $data, 65536) // die "recv: $!";
print "from ", $socket->peerport, "\n";
$socket->send(scalar reverse $data) // die "send: $!";
