#!lua flags=allow-oom
-- One exchange between a process and the limits that it shares with others.
--
-- The process hands in what happened at it since its last exchange, in order, and is handed what
-- concerns it. All instants are microseconds of this server's clock. The rule is that of
-- limner.scheduling.limits.admission; what is said there is not explained here again.
--
-- KEYS[1]   what all keys begin with, with a hash tag in it
-- ARGV[1]   who asks: a name that is not used again after a reset
-- ARGV[2]   the exchange's number: one that comes twice counts once
-- ARGV[3]   microseconds after which a process that says nothing has lost its leases
-- ARGV[4]   the number of the last piece of news that has arrived
-- ARGV[5]   the epoch of which the process knows
-- ARGV[6]   1 if it wants to know what the limits look like
-- ARGV[7]   the limits, taken if there are none, or nobody else is here
-- ARGV[8]   for each rate that goes by the calendar: when its period began, ends, the next one ends
-- ARGV[9]   what happened, oldest first
--
-- Keys: PREFIX:state, :places (which of the forty places have somebody), :q:PLACE[:OWNER] (who
-- waits there), :turns:PLACE and :accounts:PLACE (whose turn it is), :jobs, :leases, :rate:KEY
-- (starts that count), :clients (who was heard when), and for each client :c: (its numbers), :w:
-- (its jobs that wait), :h: (its leases), :n: (its news).

local INF = 9007199254740992
local PREFIX = KEYS[1]
local me, number, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local heard_of, epoch = tonumber(ARGV[4]), ARGV[5]
local looks, given = ARGV[6] == '1', ARGV[7]
local edges, happened = cjson.decode(ARGV[8]), cjson.decode(ARGV[9])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

local function text_of(count)
  return string.format('%.0f', count)
end

local touched = {}
local function key(...)
  local name = PREFIX .. ':' .. table.concat({...}, ':')
  touched[name] = true
  return name
end

-- What is remembered in single numbers: read once, written once.

local state, changed = {}, {}
local found = redis.call('HGETALL', key('state'))
for i = 1, #found, 2 do state[found[i]] = found[i + 1] end
local function get(field, otherwise)
  return tonumber(state[field]) or otherwise or 0
end
local function set(field, value)
  state[field], changed[field] = value, true
end

local limits = state.limits and cjson.decode(state.limits)
local function use(text)
  limits = cjson.decode(text)
  set('limits', text)
end
local function write_state()
  for field in pairs(changed) do
    local value = state[field]
    if value == nil then
      redis.call('HDEL', key('state'), field)
    else
      redis.call('HSET', key('state'), field, type(value) == 'number' and text_of(value) or value)
    end
  end
end
local function is_set(value)
  return value ~= nil and value ~= cjson.null
end

-- News: kept until the client says that it has arrived; a doorbell for others than who asks.

local function tell(client, kind, a, b)
  local n = redis.call('HINCRBY', key('c', client), 'news', 1)
  local news = table.concat({text_of(n), kind, a, b}, ' ')
  redis.call('RPUSH', key('n', client), news)
  if client ~= me then redis.call('PUBLISH', PREFIX .. ':' .. client, news) end
end

local function news_after(known)
  local box = key('n', me)
  while true do
    local news = redis.call('LINDEX', box, 0)
    if not news or tonumber(string.match(news, '^(%d+)')) > known then break end
    redis.call('LPOP', box)
  end
  return redis.call('LRANGE', box, 0, 499)
end

-- Everything goes away by itself when nobody comes any more.
local function expire_all()
  for _, name in ipairs({'jobs', 'leases'}) do key(name) end -- of those who wait or run for longer
  for _, name in ipairs({'h', 'w'}) do key(name, me) end
  local longest = 43200000000
  for _, rate in ipairs(limits.rates) do longest = math.max(longest, rate.per) end
  if is_set(limits.reservoir) then
    for _, every in ipairs({'refresh_every', 'increase_every'}) do
      if is_set(limits.reservoir[every]) then longest = math.max(longest, limits.reservoir[every]) end
    end
  end
  for name in pairs(touched) do redis.call('PEXPIRE', name, math.floor(longest / 500)) end
end
