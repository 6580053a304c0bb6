# The roles of limit.c with Tcl's events, many clients at a time: tclsh events.tcl ROLE PORT
lassign $argv role port

proc arrive {client host port} {
  chan configure $client -blocking 0 -translation binary -buffersize 65536
  if {$::role eq "exchange"} {
    puts "Connection from $host:$port"
    flush stdout
  } elseif {$::role eq "lines"} {
    chan configure $client -buffering line
  }
  chan event $client readable [list $::role $client]
}

proc echo {client} {
  if {[catch {puts -nonewline $client [read $client 65536]; flush $client}] || [chan eof $client]} {
    catch {close $client}
  }
}

proc lines {client} {
  while {![catch {gets $client line} count] && $count >= 0} {
    puts $client [string toupper $line]
  }
  if {[chan eof $client]} {
    catch {close $client}
  }
}

proc exchange {client} {
  puts "received data: [read $client 1024]"
  flush stdout
  puts -nonewline $client "ok"
  catch {close $client}
}

socket -server arrive -myaddr 127.0.0.1 $port
vwait forever
