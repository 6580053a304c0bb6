# Sends each of its other arguments as a datagram and prints the datagram that answers it.
use strict;
use warnings;
use IO::Socket;
alarm 60;

my $port = shift;
my $socket = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $port) or die "socket: $@";
print "port ", $socket->sockport, "\n";
for my $text (@ARGV) {
  $socket->send($text) // die "send: $!";
  $socket->recv(my $answer, 65536) // die "recv: $!";
  print "$answer from ", $socket->peerhost, ":", $socket->peerport, "\n";
}
