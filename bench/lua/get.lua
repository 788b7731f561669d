-- GET one path: get.lua PATH [gzip]
dofile("common.lua")

function init(args)
  begin(args)
  if args[2] == "gzip" then wrk.headers["Accept-Encoding"] = "gzip" end
  ready = wrk.format("GET", args[1])
end

function request()
  return ready
end
