# A mail server with a fault, for failing.sock: it cannot keep what it takes, and dies of that.
use strict;
use warnings;
use IO::Socket::INET;

$| = 1;
my $listener = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "cannot listen: $!\n";
print 'port ', $listener->sockport, "\n";
while (my $client = $listener->accept) {
    print $client "220 mail.example ready\r\n";
    while (my $command = <$client>) {
        if ($command =~ /^DATA/) {
            open my $spool, '>', '/nowhere/spool' or die "cannot open the spool: $!\n";
        }
        print $client "250 ok\r\n";
    }
}
