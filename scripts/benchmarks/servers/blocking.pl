# The roles of limit.c with IO::Socket, one client at a time: perl blocking.pl ROLE PORT
use strict;
use warnings;
use IO::Socket;

my ($role, $port) = @ARGV;
if ($role eq 'datagrams') {
  my $peers = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => $port) or die "bind: $@";
  while (1) {
    my $peer = $peers->recv(my $data, 65536) // next;
    $peers->send($data, 0, $peer);
  }
}
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1, Listen => 128)
  or die "listen: $@";
$| = 1;
# A client that has gone is no reason to end.
$SIG{PIPE} = 'IGNORE';
while (my $client = $server->accept) {
  if ($role eq 'echo') {
    while (sysread $client, my $data, 65536) {
      syswrite $client, $data;
    }
  } elsif ($role eq 'lines') {
    $client->autoflush(1);
    while (defined(my $line = <$client>)) {
      print {$client} uc $line;
    }
  } else {
    print 'Connection from ', $client->peerhost, ':', $client->peerport, "\n";
    $client->recv(my $data, 1024);
    print "received data: $data\n";
    $client->send('ok');
    $client->shutdown(1);
  }
  close $client;
}
