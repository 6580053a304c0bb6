" Vim syntax file for sock. Made from the tables of the code; do not edit it by hand.
" Put it into ~/.vim/syntax, and `autocmd BufNewFile,BufRead *.sock setfiletype sock` into ~/.vimrc.
if exists("b:current_syntax")
  finish
endif

syntax iskeyword @,48-57,_
syntax match sockComment /#.*$/ contains=@Spell
syntax match sockNumber /\v<(0x[0-9A-Fa-f_]+|0b[01_]+|\d[0-9_]*(\.\d[0-9_]*)?(ms|s|m|h|KiB|MiB|GiB)?)>/
syntax match sockEscape /\\\(x\x\{2}\|u{\x\+}\|.\)/ contained
syntax region sockHole matchgroup=Special start=/\${/ end=/}/ contained oneline contains=TOP
syntax region sockString start=/"/ skip=/\\./ end=/"/ oneline contains=sockEscape,sockHole
syntax region sockString start=/'/ end=/'/ oneline
syntax region sockString start=/\<x"/ end=/"/
syntax region sockString start=/"""/ skip=/\\./ end=/"""/ contains=sockEscape,sockHole
syntax region sockRegex start=@\%(^\|[[:blank:](\[,~]\)\@<=/[^[:blank:]/]\@=@ skip=@\\.@ end=@/[imsx]*@ oneline
  \ contains=sockHole
syntax keyword sockConstant
  \ nil true false
syntax keyword sockOperator
  \ and or not in
syntax keyword sockKeyword
  \ as break case catch continue def defer elif else end finally fn for if import let loop param
  \ retry return select serve setup spawn test try when while with within
syntax keyword sockVerb
  \ socket socketpair bind listen connect accept send recv expect framing relay fault shutdown close
  \ reset sockopt timeout blocking eol autoflush multicast starttls open run resize signal wait stop
  \ interact print log sleep exit assert check raise fail skip inconclusive
syntax keyword sockFunction
  \ len str int float type inspect upper lower title trim lines split join replace find matches regex
  \ escape_regex starts ends repeat reverse sort map filter keys values push pop shift insert remove
  \ hex unhex hexdump base64 unbase64 base64url unbase64url urlencode urldecode json parse_json
  \ format ord chr pack unpack decode encode crc16 crc32 inet_checksum md5 sha1 sha256 sha384 sha512
  \ hmac hkdf pbkdf2 now format_time parse_time format_duration random random_bytes uuid min max sum
  \ percentile abs floor round exists readfile writefile appendfile removefile listdir mkdir chmod
  \ golden env output free_port inherited resolve certificate tls_exporter
syntax keyword sockOption
  \ after alert all alpn arrival backlog baud both broadcast bytes ca cert channel chunks ciphers
  \ client closed corrupt crlf cut cwd delay dgram dontroute drop duplicate echo eof escape every
  \ exactly fd fds from groups hold idle inet inet6 inherit insecure interface is jitter keep key
  \ leave level line may merge message messages mode more must name nonblocking null off on oob
  \ optional packet peek proto proxied pty quiet rate raw read release reorder resume reuse reuseport
  \ rewrite rtscts screen secret seqpacket server should silence size skipping source stall stderr
  \ stdin stream strict tags then through to todo unix until v6only workers write xonxoff

highlight default link sockComment Comment
highlight default link sockNumber Number
highlight default link sockEscape SpecialChar
highlight default link sockString String
highlight default link sockRegex String
highlight default link sockConstant Constant
highlight default link sockOperator Operator
highlight default link sockKeyword Keyword
highlight default link sockVerb Statement
highlight default link sockFunction Function
highlight default link sockOption Type

let b:current_syntax = "sock"
