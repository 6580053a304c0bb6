# A server on a Unix-domain socket that asks one client for its name.
use strict;
use warnings;
use IO::Socket;
alarm 60;
$| = 1;

my $server = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $ARGV[0], Listen => 1) or die "listen: $!";
print $server->hostpath, "\n";
my $client = $server->accept or die "accept: $!";
print $client "good day, what is your name?\n";
chomp(my $name = <$client>);
print $client "pleased to meet you, $name\n";
