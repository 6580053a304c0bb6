# A server of a binary protocol of its own, for recordings: framed-server.pl [broken]
#
# A message is its length (u16, of what follows), a type (u8), a number (u32) and a body. 1 is HELLO, to which the answer
# has the session's token; 2 asks with that token and is answered by the next count and the time; 3 says good-bye.
# "broken": the count does not go on.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Handle;
STDOUT->autoflush(1);
my $broken = ($ARGV[0] // '') eq 'broken';
my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1) or die $!;
print $listener->sockport, "\n";
# Its low byte is none that could be read.
my $count = 0x1B80;

sub message {
  my ($socket) = @_;
  read($socket, my $head, 2) == 2 or return;
  my $length = unpack('n', $head);
  read($socket, my $rest, $length) == $length or return;
  return unpack('C N a*', $rest);
}

sub answer {
  my ($socket, $type, $number, $body) = @_;
  my $rest = pack('C N a*', $type, $number, $body);
  syswrite($socket, pack('n', length $rest) . $rest);
}

while (my $socket = $listener->accept) {
  my $token = join '', map { chr(128 + int rand 128) } 1 .. 8;
  while (my ($type, $number, $body) = message($socket)) {
    if ($type == 1) {
      answer($socket, 0x81, $number, "welcome\0$token");
    } elsif ($type == 2) {
      if ($body ne $token) { answer($socket, 0xFF, $number, 'who?'); last }
      $count++ unless $broken;
      answer($socket, 0x82, $number, pack('N', $count) . "at " . time);
    } elsif ($type == 4) {
      answer($socket, 0x84, $number, 'x' x (1 + int rand 40) . '!');
    } else {
      last;
    }
  }
  close $socket;
}
