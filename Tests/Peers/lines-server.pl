# Prints its port, then answers each line of each client in upper case, one client at a time, until it gets a SIGTERM.
# With a number, it serves so many clients.
use strict;
use warnings;
use IO::Socket;
alarm 60;
$| = 1;
$SIG{TERM} = sub { exit 7 };

my $left = shift // -1;
my $server = IO::Socket::INET->new(Listen => 5, LocalHost => '127.0.0.1', ReuseAddr => 1) or die "listen: $@";
print $server->sockport, "\n";
while ($left-- != 0 and my $client = $server->accept) {
  while (my $line = <$client>) { print $client uc $line }
  close $client;
}
