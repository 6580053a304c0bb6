# Sends each of its other arguments as a line and prints the line that answers it.
use strict;
use warnings;
use IO::Socket;
alarm 60;
$| = 1;

my $port = shift;
my $socket = IO::Socket::INET->new(PeerHost => '127.0.0.1', PeerPort => $port, Type => SOCK_STREAM) or die "connect: $@";
print "port ", $socket->sockport, "\n";
for my $text (@ARGV) {
  print $socket "$text\r\n";
  my $answer = <$socket> // die "no answer\n";
  $answer =~ s/\r?\n\z//;
  print "$answer\n";
}
