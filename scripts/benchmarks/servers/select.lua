-- The roles of limit.c with LuaSocket, a coroutine for each client: lua5.4 select.lua ROLE PORT
local socket = require "socket"
local role, port = arg[1], tonumber(arg[2])
local server = assert(socket.bind("127.0.0.1", port, 1024))
server:settimeout(0)
io.stdout:setvbuf "line"
local sockets, tasks = {server}, {}

local function send_all(client, data)
  local first = 1
  while first <= #data do
    local last, problem, sent = client:send(data, first)
    if last then return true end
    if problem ~= "timeout" then return false end
    first = sent + 1
    socket.select(nil, {client})
  end
  return true
end

local function receive(client, pattern)
  local part = ""
  while true do
    local data, problem, rest = client:receive(pattern, part)
    if data then return data end
    if problem ~= "timeout" then return nil end
    part = rest
    if pattern ~= "*l" and part ~= "" then return part end
    coroutine.yield()
  end
end

local function serve(client)
  if role == "echo" then
    while true do
      local data = receive(client, 65536)
      if not data or not send_all(client, data) then break end
    end
  elseif role == "lines" then
    while true do
      local line = receive(client, "*l")
      if not line or not send_all(client, line:upper() .. "\n") then break end
    end
  else
    local host, peer_port = client:getpeername()
    print("Connection from " .. host .. ":" .. peer_port)
    print("received data: " .. (receive(client, 1024) or ""))
    send_all(client, "ok")
    client:shutdown "send"
  end
end

while true do
  for _, ready in ipairs((socket.select(sockets))) do
    if ready == server then
      local client = server:accept()
      if client then
        client:settimeout(0)
        client:setoption("tcp-nodelay", true)
        sockets[#sockets + 1] = client
        tasks[client] = coroutine.create(serve)
      end
    else
      coroutine.resume(tasks[ready], ready)
      if coroutine.status(tasks[ready]) == "dead" then
        tasks[ready] = nil
        ready:close()
        for index, one in ipairs(sockets) do
          if one == ready then
            table.remove(sockets, index)
            break
          end
        end
      end
    end
  end
end
