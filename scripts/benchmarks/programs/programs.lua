-- What the *.sock programs beside this do: lua5.4 programs.lua NAME [DATA]
local programs = {}

function programs.fib()
  local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
  end
  print(fib(27))
end

function programs.loop()
  local sum = 0
  for i = 1, 10000000 do
    sum = (sum * 31 + i) % 1000003
  end
  print(sum)
end

function programs.strings()
  local sum = 0
  for _ = 1, 10 do
    -- A string that grows by `..` is copied each time: Lua's way is a table.
    local parts = {}
    for i = 1, 100000 do
      parts[#parts + 1] = "item" .. i .. ","
    end
    for part in table.concat(parts):gmatch "[^,]+" do
      sum = sum + #part
    end
  end
  print(sum)
end

function programs.headers(path)
  local fields, count, sum = {}, 0, 0
  for line in io.lines(path) do
    local name, value = line:match "^([^:]+):%s*(.-)%s*$"
    if name then fields[name:lower()] = value end
  end
  for _, value in pairs(fields) do
    count, sum = count + 1, sum + #value
  end
  print(count .. " " .. sum)
end

function programs.words(path)
  local counts, different, most = {}, 0, 0
  for line in io.lines(path) do
    for word in line:gmatch "%S+" do
      counts[word] = (counts[word] or 0) + 1
    end
  end
  for _, count in pairs(counts) do
    different, most = different + 1, math.max(most, count)
  end
  print(different .. " " .. most)
end

function programs.logs(path)
  local hits, sum = 0, 0
  for line in io.lines(path) do
    local target, status, size = line:match '"GET (/%S+) HTTP/1%.[01]" (%d+) (%d+)'
    if target then
      hits = hits + 1
      sum = sum + math.tointeger(status) + math.tointeger(size) + #target
    end
  end
  print(hits .. " " .. sum)
end

programs[arg[1]](arg[2])
