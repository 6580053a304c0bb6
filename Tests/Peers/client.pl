# The manual's client: connects to the port, sends, half-closes, and prints what comes back.
use strict;
use warnings;
use IO::Socket;
alarm 60;

my ($port, $text) = (@ARGV, "hello world");
my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp') or die "connect: $@";
print "port ", $socket->sockport, "\n";
$socket->send($text);
$socket->shutdown(SHUT_WR);
my $answer;
print "answer: $answer\n" while defined $socket->recv($answer, 1024) && length $answer;
