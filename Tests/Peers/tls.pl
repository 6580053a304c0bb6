# TLS by IO::Socket::SSL, as client or server: one connection, driven by lines on standard input.
# All of it is as in tls.py.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::SSL;

$| = 1;
my $role = shift;
my $port = $role eq 'client' ? shift : 0;
my %options = map { split /=/, $_, 2 } @ARGV;

sub settings {
  my %settings = (SSL_server => $role eq 'server' ? 1 : 0, SSL_verifycn_scheme => 'default');
  $settings{SSL_verifycn_name} = $settings{SSL_hostname} = $options{name} || 'localhost' if $role eq 'client';
  if ($options{ca}) {
    $settings{SSL_ca_file} = $options{ca};
    $settings{SSL_verify_mode} = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  if ($options{cert}) {
    ($settings{SSL_cert_file}, $settings{SSL_key_file}) = @options{qw(cert key)};
    $settings{SSL_use_cert} = 1;
  }
  $settings{SSL_alpn_protocols} = [split /,/, $options{alpn}] if $options{alpn};
  $settings{SSL_version} = 'TLSv12' if ($options{max} || '') eq 'TLSv1_2';
  return %settings;
}

sub secure {
  my ($plain) = @_;
  my $tls = IO::Socket::SSL->start_SSL($plain, settings());
  if (!$tls) {
    print "failed $SSL_ERROR\n";
    exit 1;
  }
  my $subject = $tls->peer_certificate('commonName');
  my $version = $tls->get_sslversion;
  $version =~ s/_/./;
  print join(' ', 'secured', $version, $tls->alpn_selected || 'None', defined $subject ? $subject : 'nobody'), "\n";
  return $tls;
}

my $connection;
if ($role eq 'client') {
  $connection = IO::Socket::INET->new(PeerHost => 'localhost', PeerPort => $port) or die "connect: $@";
}
else {
  my $listener = IO::Socket::INET->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 5) or die "listen: $@";
  print $listener->sockport, "\n";
  $connection = $listener->accept or die "accept: $!";
}
$connection = secure($connection) unless $options{plain};
# One byte at a time: what comes behind the line may be the first of TLS.
sub line {
  my $text = '';
  while ($text !~ /\n\z/) {
    my $count = sysread($connection, my $byte, 1);
    if (!$count) {
      # What sysread takes for the end may be one without close_notify, or a fatal alert.
      my $ssl = $connection->_get_ssl_object;
      my $reason = Net::SSLeay::ERR_peek_error() && Net::SSLeay::ERR_error_string(Net::SSLeay::ERR_peek_error());
      return 'eof' if !$reason && Net::SSLeay::get_shutdown($ssl) & 2;
      return !$reason || $reason =~ /unexpected eof/ ? 'cut' : "failed $reason";
    }
    $text .= $byte;
  }
  $text =~ s/\r?\n//;
  return $text;
}

sub put {
  my ($data) = @_;
  for (my $done = 0; $done < length $data;) {
    my $count = syswrite($connection, $data, length($data) - $done, $done);
    die "write: $!" if !defined $count;
    $done += $count;
  }
}

while (defined(my $command = <STDIN>)) {
  chomp $command;
  my ($verb, $rest) = split / /, $command, 2;
  if ($verb eq 'send') { put("$rest\n") }
  elsif ($verb eq 'recv') { print line(), "\n" }
  elsif ($verb eq 'flood') { put('x' x $rest) }
  elsif ($verb eq 'drain') {
    my $total = 0;
    while (my $count = sysread($connection, my $chunk, 65536)) { $total += $count }
    print "$total\n";
  }
  elsif ($verb eq 'starttls') { $connection = secure($connection) }
  elsif ($verb eq 'unwrap') {
    $connection->stop_SSL or die "stop: $SSL_ERROR";
    print "unwrapped\n";
  }
  elsif ($verb eq 'cut') {
    $connection->close(SSL_no_shutdown => 1);
    exit 0;
  }
}
$connection->close;
