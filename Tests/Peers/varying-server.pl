# Prints its port. Greets with a number and a date that differ each time, and answers lines:
# TIME, ID (both other each time), NAME x and QUIT. With a word as argument it says that instead of "hello".
use strict;
use warnings;
use IO::Socket;
use POSIX qw(strftime);
alarm 60;
$| = 1;
my $word = shift // 'hello';
my $turn = 0;

# Each answer is a minute and a second later than the last.
sub date { strftime('%a, %d %b %Y %H:%M:%S +0000', gmtime(time + 61 * ++$turn)) }

my $server = IO::Socket::INET->new(Listen => 5, LocalHost => '127.0.0.1', ReuseAddr => 1) or die "listen: $@";
print $server->sockport, "\n";
while (my $client = $server->accept) {
  binmode $client;
  print $client '220 test.example ready, session ', 7000 + ++$turn, '; ', date(), "\r\n";
  while (my $line = <$client>) {
    $line =~ s/\r?\n\z//;
    if ($line eq 'TIME') { print $client '250 it is ', date(), " here\r\n" }
    elsif ($line eq 'ID') { printf $client "250-id\r\n250 <a%07x.%d\@test.example>\r\n", rand 0xfffffff, ++$turn }
    elsif ($line =~ /^NAME (\w+)/) { print $client "250 $word $1\r\n" }
    elsif ($line eq 'QUIT') { print $client "221 bye\r\n"; last }
    else { print $client "500 what?\r\n" }
  }
  close $client;
}
