-- POST to one path after the other, each once: lines.lua FILE [BODY], with one path in each line of FILE.
dofile("common.lua")

function init(args)
  begin(args)
  lines, body = io.lines(args[1]), args[2] or ""
end

function request()
  local path = lines()
  if not path then error("the file has too few lines") end
  return post(path, body)
end
