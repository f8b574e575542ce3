-- The order. Who waits is in the queue of its place, with all that is known of it, at its serial
-- number; and where that is stands at its client, by its ticket.

local NONE = {}

local queues = {}
local function queue(place, owner)
  local which = limits.fair and place .. ':' .. owner or place
  local name = queues[which]
  if not name then
    name = key('q', which)
    queues[which] = name
  end
  return name
end

local function account(place, owner)
  local known = tonumber(redis.call('HGET', key('accounts', place), owner)) or 0
  return math.max(known, get('level:' .. place))
end

local function text_of_job(job)
  return cmsgpack.pack(
    job.client, job.ticket, job.place, job.weight, job.serial, job.received, job.owner,
    next(job.named) ~= nil and job.named or nil
  )
end

local function read(text)
  local client, ticket, place, weight, serial, received, owner, named = cmsgpack.unpack(text)
  return {
    client = client, ticket = ticket, place = place, weight = weight, serial = serial,
    received = received, owner = owner, named = named or NONE,
  }
end

-- What is to be written down: of each queue who has come, and up to which serial number all have
-- gone, since they go from its head; of clients where their jobs are, and which wait no more.
local coming, through, queues_changed = {}, {}, false
local spots, leaving, spots_changed = {}, {}, false

local function settle_queues()
  if not queues_changed then return end
  for name, serial in pairs(through) do redis.call('ZREMRANGEBYSCORE', name, '-inf', serial) end
  for name, list in pairs(coming) do in_parts('ZADD', name, list) end
  coming, through, queues_changed = {}, {}, false
end

local function settle()
  settle_queues()
  if not spots_changed then return end
  in_parts('HSET', key('w', me), spots) -- nobody else's can have come
  for client, tickets in pairs(leaving) do in_parts('HDEL', key('w', client), tickets) end
  spots, leaving, spots_changed = {}, {}, false
end

-- The heads of queues, the places that have somebody, and the queues that have a turn, as far as was
-- looked.
local ahead, places, has_somebody, has_turn = {}, nil, {}, {}

local function places_taken()
  places = places or redis.call('ZRANGE', key('places'), 0, -1)
  return places
end

-- The first of a queue; it is read on in longer and longer pieces.
local function head_of(name)
  local line = ahead[name]
  if not line or line.at > #line then
    settle_queues()
    local many = line and math.min(4 * line.many, 128) or limits.fair and 2 or 16
    line = redis.call('ZRANGE', name, 0, many - 1)
    line.at, line.many = 1, many
    ahead[name] = line
  end
  local text = line[line.at]
  if text and not line.first then line.first = read(text) end
  return line.first
end

local function take_turn(job, name)
  if has_turn[name] then return end
  has_turn[name] = true
  if redis.call('ZSCORE', key('turns', job.place), job.owner) then return end
  local level = account(job.place, job.owner)
  redis.call('HSET', key('accounts', job.place), job.owner, level)
  redis.call('ZADD', key('turns', job.place), level, job.owner)
end

local function push(job)
  local name = queue(job.place, job.owner)
  local list = coming[name]
  if not list then
    list = {}
    coming[name] = list
  end
  local n = #list
  list[n + 1], list[n + 2] = job.serial, text_of_job(job)
  queues_changed = true
  if job.serial ~= get('serial') then ahead[name] = nil end -- not the last
  if not has_somebody[job.place] then
    redis.call('ZADD', key('places'), job.place, job.place)
    has_somebody[job.place], places = true, nil
  end
  if limits.fair then take_turn(job, name) end
end

local function pull(job)
  local name = queue(job.place, job.owner)
  local line, left = ahead[name], false
  if line and line.first == job then
    through[name], queues_changed = job.serial, true
    line.at, line.first = line.at + 1, nil
    left = line.at <= #line
  else
    settle_queues()
    redis.call('ZREMRANGEBYSCORE', name, job.serial, job.serial)
    ahead[name] = nil
  end
  left = left or head_of(name) ~= nil
  if limits.fair and not left then
    redis.call('ZREM', key('turns', job.place), job.owner)
    has_turn[name] = nil
    left = redis.call('EXISTS', key('turns', job.place)) == 1
  end
  if not left then
    redis.call('ZREM', key('places'), job.place)
    has_somebody[job.place], places = nil, nil
  end
end

local function add(job)
  local n = #spots
  spots_changed = true
  spots[n + 1], spots[n + 2] = job.ticket, job.place .. ' ' .. job.serial .. ' ' .. job.owner
  set('waiting', get('waiting') + 1)
  push(job)
end

local function remove(job)
  pull(job)
  local tickets = leaving[job.client]
  if not tickets then
    tickets = {}
    leaving[job.client] = tickets
  end
  tickets[#tickets + 1], spots_changed = job.ticket, true
  set('waiting', get('waiting') - 1)
end

local function job_at(spot)
  local place, serial, owner = string.match(spot, '^(%d+) (%d+) (.*)$')
  local text = redis.call('ZRANGEBYSCORE', queue(tonumber(place), owner), serial, serial)[1]
  return text and read(text)
end

local function job_of(client, ticket)
  settle()
  local spot = redis.call('HGET', key('w', client), ticket)
  return spot and job_at(spot)
end

local function jobs_of(client)
  settle()
  local found = {}
  for _, spot in ipairs(redis.call('HVALS', key('w', client))) do found[#found + 1] = job_at(spot) end
  return found
end

local function front(place)
  if limits.fair then
    local turns = key('turns', place)
    local lowest = redis.call('ZRANGE', turns, 0, 0, 'WITHSCORES')
    local best
    for _, owner in ipairs(redis.call('ZRANGEBYSCORE', turns, lowest[2], lowest[2], 'LIMIT', 0, 32)) do
      local job = head_of(queue(place, owner))
      if job and (not best or job.serial < best.serial) then best = job end
    end
    return best
  end
  return head_of(queue(place))
end

local function rank(job)
  local priority = math.floor(job.place / 4)
  if is_set(limits.aging) then
    priority = math.max(priority - math.floor((now - job.received) / limits.aging), 0)
  end
  return priority
end

-- Who is next: of all, or of those who weigh nothing.
local function first(weightless)
  local best, lowest
  for _, text in ipairs(places_taken()) do
    local place = tonumber(text)
    if place % 2 == 1 or not weightless then
      if lowest and not is_set(limits.aging) and math.floor(place / 2) > math.floor(lowest / 2) then
        break
      end
      lowest = lowest or place
      local job = front(place)
      if not best or not job then
        best = best or job
      elseif is_set(limits.aging) then
        local a, b = rank(job), rank(best)
        if a < b or (a == b and job.serial < best.serial) then best = job end
      elseif job.serial < best.serial then
        best = job
      end
    end
  end
  return best
end

local function charge_owner(job)
  if not limits.fair then return end
  local level = account(job.place, job.owner)
  set('level:' .. job.place, math.max(get('level:' .. job.place), level))
  level = level + math.max(job.weight, 1)
  redis.call('HSET', key('accounts', job.place), job.owner, level)
  local turns = key('turns', job.place)
  if redis.call('ZSCORE', turns, job.owner) then redis.call('ZADD', turns, level, job.owner) end
end
