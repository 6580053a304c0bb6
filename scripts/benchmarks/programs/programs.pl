# What the *.sock programs beside this do: perl programs.pl NAME [DATA]
use strict;
use warnings;

sub fib {
  my $n = shift;
  return $n if $n < 2;
  return fib($n - 1) + fib($n - 2);
}

sub rows {
  open my $file, '<', $ARGV[0] or die "$ARGV[0]: $!";
  return $file;
}

my %programs = (
  fib  => sub { print fib(27), "\n" },
  loop => sub {
    my $sum = 0;
    for my $i (1 .. 10_000_000) {
      $sum = ($sum * 31 + $i) % 1000003;
    }
    print "$sum\n";
  },
  strings => sub {
    my $sum = 0;
    for my $round (1 .. 10) {
      my $text = '';
      for my $i (1 .. 100_000) {
        $text = $text . "item$i,";
      }
      for my $part (split /,/, $text) {
        $sum += length $part;
      }
    }
    print "$sum\n";
  },
  headers => sub {
    my %fields;
    my $file = rows();
    while (my $line = <$file>) {
      $fields{lc $1} = $2 if $line =~ /^([^:]+):\s*(.*?)\s*$/;
    }
    my $sum = 0;
    $sum += length for values %fields;
    print scalar(keys %fields), " $sum\n";
  },
  words => sub {
    my %counts;
    my $file = rows();
    while (my $line = <$file>) {
      $counts{$_}++ for split ' ', $line;
    }
    my $most = 0;
    for my $count (values %counts) {
      $most = $count if $count > $most;
    }
    print scalar(keys %counts), " $most\n";
  },
  logs => sub {
    my ($hits, $sum) = (0, 0);
    my $file = rows();
    while (my $line = <$file>) {
      if ($line =~ m{"GET (/\S+) HTTP/1\.[01]" (\d+) (\d+)}) {
        $hits++;
        $sum += $2 + $3 + length $1;
      }
    }
    print "$hits $sum\n";
  },
);
$programs{ shift @ARGV }->();
