-- An open loop: requests leave at a fixed rate, whether or not earlier ones were answered.
-- paced.lua RATE MIX FILE PAGE THREAD NAMES: RATE per second of each thread, MIX of shares such as "page=85,sign=10,confirm=5",
-- FILE with one path to confirm in each line. RATE 0 sends as fast as answers come.
dofile("common.lua")

local ffi = require("ffi")
ffi.cdef [[
  struct bench_time { long sec; long nsec; };
  int clock_gettime(int clock, struct bench_time *time);
]]
local clock = ffi.new("struct bench_time")

local function now()
  ffi.C.clock_gettime(0, clock)
  return tonumber(clock.sec) + tonumber(clock.nsec) / 1e9
end

local kinds = {
  page = function() return wrk.format("GET", page, stamped()) end,
  names = function() return wrk.format("GET", names, stamped()) end,
  sign = function()
    return wrk.format("POST", page .. "sign/", form(), "name=Amina+Yusuf&email=" .. fresh() .. "%40example.org")
  end,
  comment = function()
    local key = fresh()
    return wrk.format("POST", thread .. "comments/", form(),
      "name=Amina+Yusuf&email=" .. key .. "%40example.org&body=I+said+" .. key)
  end,
  confirm = function()
    local path = lines()
    if not path then error("the file has too few lines") end
    return wrk.format("POST", path, form(), "")
  end,
}

-- What nginx writes when a request comes in.
function stamped()
  return { ["X-Request-Start"] = string.format("t=%.3f", now()), ["Accept-Encoding"] = "gzip" }
end

function form()
  local headers = stamped()
  headers["Content-Type"] = "application/x-www-form-urlencoded"
  return headers
end

function init(args)
  begin(args)
  rate, page, thread, names = tonumber(args[1]), args[4], args[5], args[6]
  lines = io.lines(args[3])
  wheel, offered, served = {}, {}, {}
  for kind, share in args[2]:gmatch("(%a+)=(%d+)") do
    offered[kind], served[kind] = 0, 0
    for _ = 1, tonumber(share) do table.insert(wheel, kind) end
  end
  for last = #wheel, 2, -1 do
    local other = math.random(last)
    wheel[last], wheel[other] = wheel[other], wheel[last]
  end
  turn, next_at, late = 0, now(), 0
end

function request()
  turn = turn % #wheel + 1
  local kind = wheel[turn]
  offered[kind] = offered[kind] + 1
  return kinds[kind]()
end

-- Called before each request of a connection: milliseconds until its place in the schedule.
function delay()
  if rate == 0 then return 0 end
  next_at = next_at + 1 / rate
  local wait = (next_at - now()) * 1000
  if wait < 0 then late = math.max(late, -wait) end
  return math.max(0, math.floor(wait))
end

local count = response
function response(status, headers)
  count(status)
  if status == 503 then
    if not headers["Retry-After"] and not headers["retry-after"] then statuses[599] = (statuses[599] or 0) + 1 end
    return
  end
  local to = headers["Location"] or headers["location"]
  local kind = "page"
  if to then
    if to:find("/comments/", 1, true) then kind = "comment"
    elseif to:find("/thanks/", 1, true) then kind = "confirm"
    else kind = "sign" end
  elseif not served.page then kind = "names" end
  if served[kind] then served[kind] = served[kind] + 1 end
end

function more(threads)
  local parts = {}
  for _, name in ipairs({ "offered", "served" }) do
    local all = {}
    for _, thread in ipairs(threads) do
      for kind, number in pairs(thread:get(name)) do all[kind] = (all[kind] or 0) + number end
    end
    local inner = {}
    for kind, number in pairs(all) do table.insert(inner, string.format('"%s": %d', kind, number)) end
    table.insert(parts, string.format('"%s": {%s}', name, table.concat(inner, ", ")))
  end
  table.insert(parts, string.format('"late_ms": %.1f', threads[1]:get("late")))
  return "{" .. table.concat(parts, ", ") .. "}"
end
