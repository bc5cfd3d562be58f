-- Sends the request text that the harness left in a file, exactly those bytes, and prints what was measured as one
-- line of JSON. Environment: BENCH_REQUEST (file), BENCH_DEPTH (requests per write, pipelined),
-- BENCH_SEQUENCE (the number before that of the first request: a run repeats nothing of those before it).

local function read_text()
  local file = assert(io.open(assert(os.getenv("BENCH_REQUEST")), "rb"))
  local text = file:read("*a")
  file:close()
  return string.rep(text, tonumber(os.getenv("BENCH_DEPTH") or "1"))
end

-- The text cut at every {n}: piece, number, piece, number, ... piece.
local function split(text)
  local pieces, from = {}, 1
  while true do
    local start, stop = string.find(text, "{n}", from, true)
    pieces[#pieces + 1] = string.sub(text, from, (start or 0) - 1)
    if not start then return pieces end
    from = stop + 1
  end
end

local text = read_text()
local pieces = split(text)

if #pieces == 1 then
  -- wrk formats a request that does not change once, before the run.
  wrk.format = function() return text end
else
  local sequence = tonumber(os.getenv("BENCH_SEQUENCE") or "0")
  local last = #pieces * 2 - 1
  local parts = {}
  for index, piece in ipairs(pieces) do parts[index * 2 - 1] = piece end
  function request()
    sequence = sequence + 1
    local number = string.format("%012x", sequence)
    for index = 2, last, 2 do parts[index] = number end
    return table.concat(parts, "", 1, last)
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p99":%d,"errors":' ..
    '{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
