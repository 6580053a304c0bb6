# What the *.sock programs beside this do: tclsh programs.tcl NAME [DATA]
proc fib {n} {
  if {$n < 2} {
    return $n
  }
  return [expr {[fib [expr {$n - 1}]] + [fib [expr {$n - 2}]]}]
}

proc run_fib {} {
  puts [fib 27]
}

proc run_loop {} {
  set sum 0
  for {set i 1} {$i <= 10000000} {incr i} {
    set sum [expr {($sum * 31 + $i) % 1000003}]
  }
  puts $sum
}

proc run_strings {} {
  set sum 0
  for {set round 1} {$round <= 10} {incr round} {
    set text ""
    for {set i 1} {$i <= 100000} {incr i} {
      append text "item$i,"
    }
    foreach part [split $text ,] {
      incr sum [string length $part]
    }
  }
  puts $sum
}

proc run_headers {path} {
  set file [open $path]
  while {[gets $file line] >= 0} {
    if {[regexp {^([^:]+):\s*(.*?)\s*$} $line -> name value]} {
      set fields([string tolower $name]) $value
    }
  }
  set sum 0
  foreach {name value} [array get fields] {
    incr sum [string length $value]
  }
  puts "[array size fields] $sum"
}

proc run_words {path} {
  set file [open $path]
  while {[gets $file line] >= 0} {
    foreach word [split $line] {
      if {$word ne ""} {
        incr counts($word)
      }
    }
  }
  set most 0
  foreach {word count} [array get counts] {
    set most [expr {max($most, $count)}]
  }
  puts "[array size counts] $most"
}

proc run_logs {path} {
  set hits 0
  set sum 0
  set file [open $path]
  while {[gets $file line] >= 0} {
    if {[regexp {"GET (/\S+) HTTP/1\.[01]" (\d+) (\d+)} $line -> target status size]} {
      incr hits
      incr sum [expr {$status + $size + [string length $target]}]
    }
  }
  puts "$hits $sum"
}

run_[lindex $argv 0] {*}[lrange $argv 1 end]
