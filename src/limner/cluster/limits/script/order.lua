-- The order.

local function queue(job)
  if limits.fair then return key('q', job.place, job.owner) end
  return key('q', job.place)
end

local function account(place, owner)
  local known = tonumber(redis.call('HGET', key('accounts', place), owner)) or 0
  return math.max(known, get('level:' .. place))
end

local jobs = {}
local function job_of(id)
  if not jobs[id] then
    local text = redis.call('HGET', key('jobs'), id)
    jobs[id] = text and cmsgpack.unpack(text)
  end
  return jobs[id]
end

local function push(job)
  local name = queue(job)
  redis.call('ZADD', name, job.serial, job.id)
  redis.call('ZADD', key('places'), job.place, job.place)
  if limits.fair and redis.call('ZCARD', name) == 1 then
    local level = account(job.place, job.owner)
    redis.call('HSET', key('accounts', job.place), job.owner, level)
    redis.call('ZADD', key('turns', job.place), level, job.owner)
  end
end

local function pull(job)
  local name = queue(job)
  redis.call('ZREM', name, job.id)
  local left = redis.call('EXISTS', name) == 1
  if limits.fair and not left then
    redis.call('ZREM', key('turns', job.place), job.owner)
    left = redis.call('EXISTS', key('turns', job.place)) == 1
  end
  if not left then redis.call('ZREM', key('places'), job.place) end
end

local function add(job)
  jobs[job.id] = job
  redis.call('HSET', key('jobs'), job.id, cmsgpack.pack(job))
  redis.call('SADD', key('w', job.client), job.ticket)
  set('waiting', get('waiting') + 1)
  push(job)
end

local function remove(job)
  pull(job)
  jobs[job.id] = nil
  redis.call('HDEL', key('jobs'), job.id)
  redis.call('SREM', key('w', job.client), job.ticket)
  set('waiting', get('waiting') - 1)
end

local function front(place)
  local name = key('q', place)
  if limits.fair then
    local turns = key('turns', place)
    local lowest = redis.call('ZRANGE', turns, 0, 0, 'WITHSCORES')
    local best
    for _, owner in ipairs(redis.call('ZRANGEBYSCORE', turns, lowest[2], lowest[2], 'LIMIT', 0, 32)) do
      local id = redis.call('ZRANGE', key('q', place, owner), 0, 0)[1]
      local job = job_of(id)
      if not best or job.serial < best.serial then best = job end
    end
    return best
  end
  return job_of(redis.call('ZRANGE', name, 0, 0)[1])
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
  for _, text in ipairs(redis.call('ZRANGE', key('places'), 0, -1)) do
    local place = tonumber(text)
    if place % 2 == 1 or not weightless then
      if lowest and not is_set(limits.aging) and math.floor(place / 2) > math.floor(lowest / 2) then
        break
      end
      lowest = lowest or place
      local job = front(place)
      if not best then
        best = job
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
