# The tasks with IO::Socket: tasks.pl TASK ADDRESS-OR-COUNT [CA]. What counts stands between a task's name and `end`.
use strict;
use warnings;
use Errno qw(ETIMEDOUT);
use IO::Select;
use IO::Socket::IP;
use IO::Socket::UNIX;
use IPC::Open2;

my ($task, $address, $ca) = @ARGV;
$| = 1;

if ($task eq "line") {  # task
  my $socket = IO::Socket::IP->new(PeerAddr => $address) or die "connect: $@";
  $socket->print("hello\n");
  print scalar <$socket>;
  # end
} elsif ($task eq "echo") {  # task
  my $listener = IO::Socket::IP->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 128) or die "listen: $@";
  print $listener->sockport, "\n";
  my $peer = $listener->accept or die "accept: $!";
  while (sysread $peer, my $bytes, 65536) { $peer->print($bytes) }
  # end
} elsif ($task eq "many") {  # task
  my $listener = IO::Socket::IP->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 128) or die "listen: $@";
  print $listener->sockport, "\n";
  my ($select, $left) = (IO::Select->new($listener), $address);
  while ($left > 0) {
    for my $ready ($select->can_read) {
      if ($ready == $listener) {
        $select->add(scalar $listener->accept);
      } elsif (sysread $ready, my $bytes, 65536) {
        $ready->print($bytes);
      } else {
        $select->remove($ready);
        $ready->close;
        $left--;
      }
    }
  }
  # end
} elsif ($task eq "silent") {  # task
  my $socket = IO::Socket::IP->new(PeerAddr => $address, Timeout => 0.2);
  print "timed out\n" if !$socket && $! == ETIMEDOUT;
  # end
} elsif ($task eq "until") {  # task
  my $socket = IO::Socket::IP->new(PeerAddr => $address) or die "connect: $@";
  local $/ = "\r\n.\r\n";
  local $SIG{ALRM} = sub { die "timed out" };
  alarm 5;
  print length(<$socket>), "\n";
  alarm 0;
  # end
} elsif ($task eq "udp") {  # task
  my $socket = IO::Socket::IP->new(PeerAddr => $address, Proto => "udp") or die "connect: $@";
  $socket->send("ping");
  IO::Select->new($socket)->can_read(5) or die "timed out";
  $socket->recv(my $answer, 1500);
  print $answer, "\n";
  # end
} elsif ($task eq "unix") {  # task
  my $socket = IO::Socket::UNIX->new(Peer => $address) or die "connect: $@";
  $socket->print("hello\n");
  print scalar <$socket>;
  # end
} elsif ($task eq "half") {  # task
  my $socket = IO::Socket::IP->new(PeerAddr => $address) or die "connect: $@";
  $socket->print("all that there is");
  $socket->shutdown(1);
  print do { local $/; <$socket> }, "\n";
  # end
} elsif ($task eq "tls") {  # task
  require IO::Socket::SSL;
  my $socket = IO::Socket::SSL->new(PeerAddr => $address, SSL_ca_file => $ca, SSL_hostname => "tasks.test",
    SSL_verifycn_name => "tasks.test") or die "connect: $IO::Socket::SSL::SSL_ERROR";
  $socket->print("hello\n");
  print scalar <$socket>;
  # end
} elsif ($task eq "child") {  # task
  my $pid = open2(my $out, my $in, "tr", "a-z", "A-Z");
  print $in "hello\n";
  close $in;
  print <$out>;
  waitpid $pid, 0;
  # end
}
