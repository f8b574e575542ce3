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
-- waits there), :turns:PLACE and :accounts:PLACE (whose turn it is), :rate:KEY (starts that count),
-- :clients (who was heard when), and for each client :c: (its numbers), :w: (where its jobs wait),
-- :h: (its leases), :n: (its news).
--
-- Most of what an exchange costs is the calls of commands and the making of strings, so both are
-- done for many jobs at once where that can be.

local INF = 9007199254740992
local PREFIX = KEYS[1]
local me, number, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local heard_of, epoch = tonumber(ARGV[4]), ARGV[5]
local looks, given = ARGV[6] == '1', ARGV[7]
local edges, happened = cjson.decode(ARGV[8]), cjson.decode(ARGV[9])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

-- The quicker way to write whole numbers, where integers are wide enough for it.
local WHOLE = string.format('%d', INF) == '9007199254740992' and '%d' or '%.0f'
local function text_of(count)
  return string.format(WHOLE, count)
end

-- Has a command done with a list of any length.
local function in_parts(command, name, list)
  for i = 1, #list, 500 do
    redis.call(command, name, unpack(list, i, math.min(i + 499, #list)))
  end
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
local function get(field)
  local value = state[field]
  if type(value) == 'string' then
    value = tonumber(value)
    state[field] = value
  end
  return value or 0
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
  local set_to, unset = {}, {}
  for field in pairs(changed) do
    local value, n = state[field], #set_to
    if value == nil then
      unset[#unset + 1] = field
    else
      set_to[n + 1], set_to[n + 2] = field, type(value) == 'number' and text_of(value) or value
    end
  end
  in_parts('HSET', key('state'), set_to)
  in_parts('HDEL', key('state'), unset)
end
local function is_set(value)
  return value ~= nil and value ~= cjson.null
end

-- News: kept until the client says that they have arrived; a doorbell for others than who asks. What
-- one exchange has to tell a client is one piece: a number, and three words for each thing.

local MANY = 32 -- pieces in an answer; who gets so many asks again
local told = {}
local function tell(client, kind, a, b)
  local news = told[client]
  if not news then
    news = {}
    told[client] = news
  end
  local n = #news
  news[n + 1], news[n + 2], news[n + 3] = kind, a, b
end

local function send_news()
  for client, news in pairs(told) do
    local number = redis.call('HINCRBY', key('c', client), 'news', 1)
    local piece = text_of(number) .. ' ' .. table.concat(news, ' ')
    if client ~= me then redis.call('PUBLISH', PREFIX .. ':' .. client, piece) end
    redis.call('RPUSH', key('n', client), piece)
  end
end

local function news_after(known)
  local box = key('n', me)
  local oldest = redis.call('LINDEX', box, 0)
  if not oldest then return {} end
  local arrived = known + 1 - tonumber(string.match(oldest, '^(%d+)'))
  if arrived > 0 then redis.call('LTRIM', box, arrived, -1) end
  return redis.call('LRANGE', box, 0, MANY - 1)
end
