-- Neovim's own client with `sock lsp`: nvim --headless -u NONE -i NONE -c 'luafile lsp.lua', in a folder with
-- main.sock, lib/smtp.sock and init.lua, what the documents say to put there. Ends with an error, and says which, when
-- something is otherwise.
local function check(condition, what)
  if not condition then
    io.stderr:write(what .. "\n")
    vim.cmd("cquit 1")
  end
end

local function wait(what, condition) check(vim.wait(60000, condition, 10), what .. " did not come") end

local function at(words, behind)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, true)) do
    local column = line:find(words, 1, true)
    if column then return vim.api.nvim_win_set_cursor(0, { number, column - 1 + (behind or 0) }) end
  end
  check(false, "no " .. words)
end

local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), "\n") .. "\n" end

vim.o.hidden = true
dofile("init.lua")
vim.cmd("edit main.sock")
local buffer = vim.api.nvim_get_current_buf()
local client
wait("the server", function()
  for id, found in pairs(vim.lsp.buf_get_clients(buffer)) do
    client = id
    return found.initialized
  end
end)
check(vim.bo.filetype == "sock", "the file's type")

-- Complaints, and their going.
wait("a complaint", function() return #vim.diagnostic.get(buffer) == 1 end)
local complaint = vim.diagnostic.get(buffer)[1]
check(complaint.message:find("`sned` is no verb", 1, true), complaint.message)
check(complaint.lnum == 9 and complaint.col == 4, vim.inspect(complaint))
at("sned")
vim.cmd("normal! cwsend")
wait("an end of complaints", function() return #vim.diagnostic.get(buffer) == 0 end)

-- Completion, as omnifunc asks.
at("c.recv", 3)
local params = vim.lsp.util.make_position_params(0, "utf-16")
local answers = vim.lsp.buf_request_sync(buffer, "textDocument/completion", params, 60000)
local words = {}
for _, item in ipairs(answers[client].result) do words[item.label] = true end
check(words.recv and words.relay, "recv and relay are offered: " .. vim.inspect(vim.tbl_keys(words)))

-- To where a name of the imported file is declared.
at("smtp.hello", 6)
vim.lsp.buf.definition()
wait("another file", function() return vim.api.nvim_buf_get_name(0):find("lib/smtp.sock", 1, true) ~= nil end)
check(vim.api.nvim_get_current_line():find("def hello", 1, true), vim.api.nvim_get_current_line())
vim.cmd("buffer " .. buffer)

-- Another name, here and there.
at("smtp.hello", 6)
vim.lsp.buf.rename("helo")
wait("the other name", function() return text():find("smtp.helo(", 1, true) ~= nil end)
wait("the other name in the library", function()
  local library = vim.fn.bufnr("lib/smtp.sock")
  return table.concat(vim.api.nvim_buf_get_lines(library, 0, -1, true), "\n"):find("def helo(", 1, true) ~= nil
end)

-- The layout.
at("c.recv")
vim.cmd("normal! 0i      ")
check(text():find("        c.recv", 1, true), "indented")
-- Until 0.8 by another name.
if vim.lsp.buf.format then
  vim.lsp.buf.format({ timeout_ms = 60000 })
else
  vim.lsp.buf.formatting_sync(nil, 60000)
end
check(text():find("\n  c.recv", 1, true), "the layout: " .. text())

vim.lsp.stop_client(client)
wait("the server's end", function() return vim.lsp.get_client_by_id(client) == nil end)
io.stdout:write("served\n")
vim.cmd("qall!")
