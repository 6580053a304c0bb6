# Answers each message, a length in two bytes and a text, with the text in upper case, a byte at a time.
use strict;
use warnings;
use IO::Socket;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
alarm 60;
$| = 1;

my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "listen: $@";
print $server->sockport, "\n";
my $client = $server->accept or die "accept: $!";
$client->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
while (read $client, my $head, 2) {
  read $client, my $text, unpack 'n', $head;
  print "$text\n";
  syswrite $client, $_ for split //, pack 'n/a*', uc $text;
}
