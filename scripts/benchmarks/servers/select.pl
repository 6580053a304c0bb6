# The roles of limit.c with IO::Socket and IO::Select, many clients at a time: perl select.pl ROLE PORT
use strict;
use warnings;
use IO::Select;
use IO::Socket;

my ($role, $port) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1, Listen => 128)
  or die "listen: $@";
my $set = IO::Select->new($server);
my %part;
# A client that has gone is no reason to end.
$SIG{PIPE} = 'IGNORE';
while (1) {
  for my $ready ($set->can_read) {
    if ($ready == $server) {
      $set->add(scalar $server->accept);
      next;
    }
    unless (sysread $ready, my $data, 65536) {
      $set->remove($ready);
      delete $part{$ready};
      close $ready;
      next;
    } elsif ($role eq 'lines') {
      $data = ($part{$ready} // '') . $data;
      my $whole = 1 + rindex $data, "\n";
      $part{$ready} = substr $data, $whole;
      send_all($ready, join '', map { uc } split /(?<=\n)/, substr $data, 0, $whole);
    } else {
      send_all($ready, $data);
    }
  }
}

sub send_all {
  my ($client, $data) = @_;
  while (length $data) {
    my $count = syswrite $client, $data or return;
    substr $data, 0, $count, '';
  }
}
