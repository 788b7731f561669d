-- POST to one path after the other, each once: lines.lua FILE [MILLISECONDS], with one path in each line of FILE,
-- and a pause between the requests of a connection.
dofile("common.lua")

function init(args)
  begin(args)
  lines, pause = io.lines(args[1]), tonumber(args[2] or "0")
  if pause > 0 then delay = function() return pause end end
end

function request()
  local path = lines()
  if not path then error("the file has too few lines") end
  return post(path, "")
end
