# A web server for one request, which it shows.
use strict;
use warnings;
use IO::Socket;
alarm 60;
$| = 1;

my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "listen: $@";
print $server->sockport, "\n";
my $client = $server->accept or die "accept: $!";
while (my $line = <$client>) { $line =~ s/\r\n\z// or die "no CRLF: $line"; last if $line eq ''; print "$line\n" }
print $client "HTTP/1.0 200 All is well\r\nContent-Type: text/plain\r\nServer: peer\r\n\r\nthe body\nof two lines";
