# Opens so many connections, and only when all are open asks a question on each; prints how many answers were right.
use strict;
use warnings;
use IO::Socket;
alarm 60;

my ($port, $count) = @ARGV;
my @sockets = map {
  IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp') or die "connect: $@"
} 1 .. $count;
for my $n (0 .. $#sockets) { $sockets[$n]->print("question $n\n"); $sockets[$n]->flush }
my $right = 0;
for my $n (0 .. $#sockets) { my $answer = $sockets[$n]->getline // ''; $right++ if $answer eq "QUESTION $n\r\n" }
print "$right\n";
