# The manual's server, once: accepts, shows what came, answers "ok" and half-closes.
use strict;
use warnings;
use IO::Socket;
alarm 60;
$| = 1;

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 5, ReuseAddr => 1)
  or die "listen: $@";
print $server->sockport, "\n";
my $client = $server->accept or die "accept: $!";
$client->recv(my $data, 1024);
print "received data: $data\n";
$client->send('ok');
$client->shutdown(SHUT_WR);
print defined(scalar <$client>) ? "more came\n" : "end\n";
