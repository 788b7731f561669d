-- What every script shares: counting answers by status, unique keys, and one line of JSON at the end.
-- wrk runs a script once per thread, so what threads count is added up in done().

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function begin(args)
  statuses = {}
  math.randomseed(os.time() * 1000 + number * 7919 + tonumber(tostring({}):sub(8), 16) % 1000003)
end

-- A key that nobody had before: 60 random bits.
function fresh()
  return string.format("%07x%08x", math.random(0, 0xfffffff), math.random(0, 0xffffffff))
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function post(path, body)
  return wrk.format("POST", path, { ["Content-Type"] = "application/x-www-form-urlencoded" }, body)
end

local function object(values)
  local parts = {}
  for name, value in pairs(values) do
    table.insert(parts, string.format('"%s": %s', name, tostring(value)))
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

function done(summary, latency)
  local all = {}
  for _, thread in ipairs(threads) do
    for status, number in pairs(thread:get("statuses")) do
      all[status] = (all[status] or 0) + number
    end
  end
  local e = summary.errors
  print(object({
    seconds = summary.duration / 1e6,
    p50_ms = latency:percentile(50) / 1e3,
    p99_ms = latency:percentile(99) / 1e3,
    statuses = object(all),
    errors = object({ connect = e.connect, read = e.read, write = e.write, timeout = e.timeout }),
    more = more and more(threads) or "{}",
  }))
end
