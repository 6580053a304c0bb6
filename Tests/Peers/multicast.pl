# Speaks to a group on the loopback interface. `receive GROUP PORT`: says "joined", takes one datagram, says it, and
# answers with "heard". `send GROUP PORT TEXT`: sends that, and says the answer.
use strict;
use warnings;
use IO::Socket::Multicast;
use Socket qw(inet_aton pack_sockaddr_in);
alarm 60;
$| = 1;

my ($what, $group, $port, $text) = @ARGV;
if ($what eq 'receive') {
  my $socket = IO::Socket::Multicast->new(LocalPort => $port, ReuseAddr => 1) or die "socket: $@";
  $socket->mcast_add($group, '127.0.0.1') or die "mcast_add: $!";
  print "joined\n";
  $socket->recv(my $data, 65536) // die "recv: $!";
  print "$data\n";
  $socket->send('heard') // die "send: $!";
} else {
  my $socket = IO::Socket::Multicast->new or die "socket: $@";
  $socket->mcast_if('127.0.0.1');
  $socket->mcast_ttl(3);
  # An address as a text loses its port there.
  $socket->mcast_send($text, pack_sockaddr_in($port, inet_aton($group))) or die "mcast_send: $!";
  $socket->recv(my $data, 65536) // die "recv: $!";
  print "$data\n";
}
