# The client of framed-server.pl: framed-client.pl HOST PORT
use strict;
use warnings;
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1]) or die $!;
my $number = 0;

sub ask {
  my ($type, $body) = @_;
  my $rest = pack('C N a*', $type, ++$number, $body);
  syswrite($socket, pack('n', length $rest) . $rest);
  return if $type == 3;
  read($socket, my $head, 2) == 2 or die 'no answer';
  read($socket, $rest, unpack('n', $head));
  my ($kind, $same, $answer) = unpack('C N a*', $rest);
  die 'another number' unless $same == $number;
  die "refused: $answer" unless $kind == $type + 0x80;
  return $answer;
}

my $token = substr ask(1, 'hello'), 8;
my $first = unpack 'N', ask(2, $token);
my $second = unpack 'N', ask(2, $token);
die 'does not count' unless $second == $first + 1;
ask(4, '');
ask(3, '');
